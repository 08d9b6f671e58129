import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface WindowedRowsProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly row: (item: T, index: number) => ComponentChildren;
  /** Called when the end comes near. */
  readonly onNearEnd: () => void;
}

/** Rows drawn beyond what is seen, on both sides. */
const margin = 12;
/** Pixels of a row, until one has been measured. */
const usualHeight = 56;

/**
 * A long list of which only the rows in sight are in the document: a hundred thousand cost what fifty cost. All rows are as high as
 * the first one, whose height is measured.
 */
export function WindowedRows<T>({ items, keyOf, row, onNearEnd }: WindowedRowsProps<T>) {
  const holder = useRef<HTMLDivElement>(null);
  const [rowHeight, setRowHeight] = useState(usualHeight);
  const [range, setRange] = useState<readonly [number, number]>(() => [
    0,
    Math.ceil(innerHeight / usualHeight) + margin,
  ]);
  const nearEnd = useRef(onNearEnd);
  nearEnd.current = onNearEnd;

  useLayoutEffect(() => {
    const look = () => {
      const element = holder.current;
      if (element === null) return;
      const height = (element.querySelector(".row") as HTMLElement | null)?.offsetHeight || rowHeight;
      if (height !== rowHeight) setRowHeight(height);
      const above = -element.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(above / height) - margin);
      const last = Math.min(items.length, Math.ceil((above + innerHeight) / height) + margin);
      setRange((before) => (before[0] === first && before[1] === last ? before : [first, Math.max(first, last)]));
      if (last >= items.length - margin) nearEnd.current();
    };
    let isDue = false;
    const soon = () => {
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        look();
      });
    };
    look();
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  }, [items, rowHeight]);

  const [first, last] = range;
  return (
    <div ref={holder} role="rowgroup">
      <div role="presentation" style={{ height: `${first * rowHeight}px` }} />
      {items.slice(first, last).map((item, i) => (
        <div class="row" role="row" aria-rowindex={first + i + 2} key={keyOf(item)}>
          {row(item, first + i)}
        </div>
      ))}
      <div role="presentation" style={{ height: `${Math.max(0, items.length - last) * rowHeight}px` }} />
    </div>
  );
}
