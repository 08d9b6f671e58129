/** Which page content belongs to a snapshot: the newest along the line of its parents, zeros where none of them has any. */
import { type Hasher, hashBytes, pageLevels } from "../../merkle/hasher.ts";
import { zeroRoots } from "../../merkle/zeroRoots.ts";
import type { Snapshot } from "./snapshot.ts";

const hashWords = hashBytes / 4;

export interface PagePlan {
  /** The node of each page, 32 bytes each. */
  readonly nodes: Uint8Array;
  /** The snapshot that holds the page's content, and where; undefined for a page of zeros. */
  source(page: number): { readonly snapshot: Snapshot; readonly position: number } | undefined;
}

/** @param pages of memory. */
export function planOf(hasher: Hasher, snapshot: Snapshot | null, pages: number): PagePlan {
  /** The newest first. */
  const lineage: Snapshot[] = [];
  for (let at = snapshot; at !== null; at = at.parent) lineage.push(at);

  const words = new Int32Array(pages * hashWords);
  const zero = new Int32Array(zeroRoots(hasher, pageLevels)[pageLevels]!.slice().buffer);
  for (let page = 0; page < pages; page++) words.set(zero, page * hashWords);

  const owners = new Int32Array(pages).fill(-1);
  const positions = new Uint32Array(pages);
  for (const [owner, { changes }] of lineage.entries()) {
    const nodes = wordsOf(changes.nodes);
    const changed = changes.pages;
    for (let position = 0; position < changed.length; position++) {
      const page = changed[position]!;
      if (owners[page] !== -1) continue;
      for (let i = 0; i < hashWords; i++) words[page * hashWords + i] = nodes[position * hashWords + i]!;
      owners[page] = owner;
      positions[page] = position;
    }
  }
  return {
    nodes: new Uint8Array(words.buffer),
    source: (page) =>
      owners[page] === -1 ? undefined : { snapshot: lineage[owners[page]!]!, position: positions[page]! },
  };
}

/** Numbers of the pages whose nodes differ, ascending. Looks at as many pages as `a` holds. */
export function differingPages(a: Uint8Array, b: Uint8Array): Uint32Array {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  const pages: number[] = [];
  for (let at = 0; at < first.length; at += hashWords) {
    let difference = 0;
    for (let i = at; i < at + hashWords; i++) difference |= first[i]! ^ second[i]!;
    if (difference !== 0) pages.push(at / hashWords);
  }
  return Uint32Array.from(pages);
}

function wordsOf(nodes: Uint8Array): Int32Array {
  if (nodes.byteOffset % 4 !== 0) return wordsOf(nodes.slice());
  return new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length / 4);
}
