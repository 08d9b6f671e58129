import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface HeadingProps {
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}

let isWanted = false;

/**
 * Gives the heading the focus, since the view has changed: now, and again when what was still loading is replaced by what was loaded, unless
 * the reader has moved on.
 */
export function focusHeading(): void {
  isWanted = true;
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
}

/** The heading of a view: what is read first after the view has changed. */
export function Heading({ children, aside }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    if (isWanted && isNowhere) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="heading">
      <h1 tabIndex={-1} ref={heading}>
        {children}
      </h1>
      {aside !== undefined && <div class="heading-aside">{aside}</div>}
    </div>
  );
}
