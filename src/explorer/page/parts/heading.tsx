import type { ComponentChildren } from "preact";

interface HeadingProps {
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}

/** The heading of a view: what is read first after the view has changed. */
export function Heading({ children, aside }: HeadingProps) {
  return (
    <div class="heading">
      <h1 tabIndex={-1}>{children}</h1>
      {aside !== undefined && <div class="heading-aside">{aside}</div>}
    </div>
  );
}
