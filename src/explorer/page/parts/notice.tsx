import type { ComponentChildren } from "preact";
import { Words } from "./words.tsx";

type Kind = "note" | "warning" | "danger";

export function Notice({ kind = "note", children }: { readonly kind?: Kind; readonly children: ComponentChildren }) {
  return (
    <div class={`notice notice-${kind}`} role={kind === "note" ? undefined : "alert"}>
      {children}
    </div>
  );
}

/** While something is asked for, and where the answer did not come. */
export function Waiting({ error, what }: { readonly error: string | undefined; readonly what: string }) {
  if (error === undefined)
    return (
      <p class="waiting" role="status">
        Asking for {what}…
      </p>
    );
  return (
    <Notice kind="warning">
      <p>
        There is no answer about {what}: <Words text={error} />
      </p>
      <p>It is asked again as soon as something is new.</p>
    </Notice>
  );
}
