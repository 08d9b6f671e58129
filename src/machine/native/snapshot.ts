/**
 * A state to return to, as the pages that differ from another snapshot's, its parent. Registers, globals and stack are
 * whole. Page numbers and page nodes stay in memory; contents are read when they are needed and checked by their nodes.
 */

import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { hashBytes, pageBytes } from "../../merkle/hasher.ts";

export interface Snapshot {
  /** Ticks before the state. */
  readonly tick: number;
  /** Steps within tick number `tick`, 0 being its resumed start; undefined for the state between ticks. */
  readonly step: number | undefined;
  /** Null for the start state: its pages are those that are not zero. Changes when a chain merges the parent into this. */
  parent: Snapshot | null;
  readonly root: Root;
  readonly registers: Int32Array;
  /** All slots, or undefined for zeros. */
  readonly stack: Int32Array | undefined;
  readonly globals: Int32Array;
  changes: PageChanges;
}

export interface PageChanges {
  /** Numbers of the changed pages, ascending. */
  readonly pages: Uint32Array;
  /** Their nodes, 32 bytes each. */
  readonly nodes: Uint8Array;
  /** How many contents are kept with the snapshot, when some are not because they are at hand elsewhere. */
  readonly kept?: number;
  /** Content of the page at `position` in `pages`: 4 KiB; undefined when it cannot be read. */
  content(position: number): Uint8Array | undefined;
}

/**
 * The content of one changed page.
 * @throws AssayError `native/corrupt-snapshot` when it cannot be read whole.
 */
export function contentOf(snapshot: Snapshot, position: number): Uint8Array {
  const content = snapshot.changes.content(position);
  if (content?.length === pageBytes) return content;
  const { tick } = snapshot;
  throw new AssayError("native/corrupt-snapshot", `the snapshot of tick ${tick} is cut off`, { tick, snapshot });
}

/** Bytes that a snapshot's changes take when they are kept. */
export function changedBytes(snapshot: Snapshot): number {
  const { kept, pages } = snapshot.changes;
  return noteBytes(snapshot) + (kept ?? pages.length) * pageBytes;
}

/** What of it is numbers and nodes of pages. */
export function noteBytes({ changes }: Snapshot): number {
  return changes.pages.length * (hashBytes + 4);
}

/** The changes of a snapshot and its parent, as those of one that follows the parent's parent. Contents stay where they are. */
export function mergedChanges(parent: Snapshot, child: Snapshot): PageChanges {
  // Copies, since the child is about to get the merged changes in place of its own.
  const [older, newer] = [{ ...parent }, { ...child }];
  const [a, b] = [older.changes, newer.changes];
  const pages = new Uint32Array(a.pages.length + b.pages.length);
  const nodes = new Uint8Array(pages.length * hashBytes);
  /** Positions in the child's changes; below zero, the complement of one in the parent's. */
  const sources = new Int32Array(pages.length);
  let count = 0;
  const take = (from: PageChanges, position: number, source: number) => {
    pages[count] = from.pages[position]!;
    nodes.set(from.nodes.subarray(position * hashBytes, (position + 1) * hashBytes), count * hashBytes);
    sources[count++] = source;
  };
  for (let i = 0, j = 0; i < a.pages.length || j < b.pages.length; ) {
    const [page, laterPage] = [a.pages[i] ?? Number.POSITIVE_INFINITY, b.pages[j] ?? Number.POSITIVE_INFINITY];
    if (page < laterPage) take(a, i, ~i);
    else take(b, j, j);
    if (page <= laterPage) i++;
    if (laterPage <= page) j++;
  }
  return {
    pages: pages.slice(0, count),
    nodes: nodes.slice(0, count * hashBytes),
    content(position) {
      const source = sources[position]!;
      return source < 0 ? contentOf(older, ~source) : contentOf(newer, source);
    },
  };
}
