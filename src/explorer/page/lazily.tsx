import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Waiting } from "./parts/notice.tsx";

/** A view whose code is loaded when it is shown first. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazily(props: P) {
    const [, setCount] = useState(0);
    const [error, setError] = useState<string>();
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          setCount((before) => before + 1);
        },
        (cause: unknown) => setError(cause instanceof Error ? cause.message : String(cause)),
      );
    }, []);
    const Loaded = loaded;
    return Loaded === undefined ? <Waiting error={error} what="this view" /> : <Loaded {...props} />;
  };
}
