/** Paths in positional trees: siblings lowest first, the index telling at each level which side the node is on. */

import { equalBytes } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import type { Hasher } from "./hasher.ts";

/**
 * The root that a node at `index` (counted at the node's own level) and its siblings lead to. Splices the root of a drive
 * into the memory tree, and that into the state root, as well as it proves a leaf.
 * @throws AssayError `merkle/out-of-range` when the index is not spent at the end of the walk.
 */
export function rootFrom(hasher: Hasher, node: Uint8Array, index: number, siblings: readonly Uint8Array[]): Uint8Array {
  let root = node;
  let position = index;
  for (const sibling of siblings) {
    root = position % 2 === 1 ? hasher.hashPair(sibling, root) : hasher.hashPair(root, sibling);
    position = Math.floor(position / 2);
  }
  if (position !== 0) {
    throw new AssayError("merkle/out-of-range", `index ${index} is beyond a path of ${siblings.length} levels`, {
      what: "index",
      value: index,
      end: 2 ** siblings.length,
    });
  }
  return root;
}

/** True when the node at `index` and its siblings lead to `root`. An index beyond the path is false, not an error. */
export function verifyPath(
  hasher: Hasher,
  root: Uint8Array,
  node: Uint8Array,
  index: number,
  siblings: readonly Uint8Array[],
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** siblings.length) return false;
  return equalBytes(rootFrom(hasher, node, index, siblings), root);
}
