import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { hashPair } from "./hash.ts";

/**
 * A row's Merkle tree: position 0 is the range's start, position i the end of child i - 1. The range's own end is no part
 * of it, it stands in the cursor. The number of positions is the number of children, a power of two, so every path has the
 * same length. (A position is a 32-byte root and an inner node the hash of 64 bytes; the depth is known, so neither can
 * pass for the other.)
 */

/** The row's Merkle root from the range's start and the roots between its children, in order. */
export function rowRoot(startRoot: Root, interior: readonly Root[]): Root {
  return layers(startRoot, interior).at(-1)![0]!;
}

/** The end of child `child`: the start of the next one, or the range's own end. */
export function childRoots(
  startRoot: Root,
  interior: readonly Root[],
  endRoot: Root,
  child: number,
): { readonly startRoot: Root; readonly endRoot: Root } {
  if (!Number.isInteger(child) || child < 0 || child > interior.length) {
    throw new AssayError("protocol/out-of-range", `a row of ${interior.length + 1} children has no child ${child}`, {
      children: interior.length + 1,
      child,
    });
  }
  return {
    startRoot: child === 0 ? startRoot : interior[child - 1]!,
    endRoot: child === interior.length ? endRoot : interior[child]!,
  };
}

/**
 * Siblings that prove positions `child` and `child + 1` together, from the leaves up: on a level where the two are not each
 * other's siblings, the sibling of the left one and then that of the right one; above their common parent one per level.
 * The last child's end is the cursor's own, so that only its start is proven.
 */
export function childProof(startRoot: Root, interior: readonly Root[], child: number): Root[] {
  const tree = layers(startRoot, interior);
  const siblings: Root[] = [];
  let left = child;
  let right = child === interior.length ? child : child + 1;
  for (const layer of tree.slice(0, -1)) {
    if (left === right) siblings.push(layer[left ^ 1]!);
    else if ((left ^ 1) !== right) siblings.push(layer[left ^ 1]!, layer[right ^ 1]!);
    left >>= 1;
    right >>= 1;
  }
  return siblings;
}

/**
 * The row's root that a child and its proof lead to: the contract's own calculation, for tests and for checking what others
 * send.
 * @param bits log2 of the number of children.
 */
export function rootOfChild(
  child: number,
  bits: number,
  startRoot: Root,
  endRoot: Root,
  siblings: readonly Root[],
): Root {
  if (!Number.isInteger(child) || child < 0 || child >= 2 ** bits) {
    throw new AssayError("protocol/out-of-range", `a row of ${2 ** bits} children has no child ${child}`, {
      children: 2 ** bits,
      child,
    });
  }
  let left = child;
  let right = child === 2 ** bits - 1 ? child : child + 1;
  let leftNode = startRoot;
  let rightNode = left === right ? startRoot : endRoot;
  let used = 0;
  const join = (position: number, node: Root, sibling: Root) =>
    position & 1 ? hashPair(sibling, node) : hashPair(node, sibling);
  const take = (): Root => {
    const sibling = siblings[used++];
    if (sibling === undefined)
      throw new AssayError("protocol/bad-row", `the proof of child ${child} is too short`, { child });
    return sibling;
  };
  for (let level = 0; level < bits; level++) {
    if (left === right) {
      leftNode = rightNode = join(left, leftNode, take());
    } else if ((left ^ 1) === right) {
      leftNode = rightNode = hashPair(leftNode, rightNode);
    } else {
      leftNode = join(left, leftNode, take());
      rightNode = join(right, rightNode, take());
    }
    left >>= 1;
    right >>= 1;
  }
  if (used !== siblings.length)
    throw new AssayError("protocol/bad-row", `the proof of child ${child} is too long`, { child });
  return leftNode;
}

function layers(startRoot: Root, interior: readonly Root[]): Root[][] {
  const size = interior.length + 1;
  if (size < 2 || (size & (size - 1)) !== 0) {
    throw new AssayError("protocol/bad-row", `a row has a power of two of children, not ${size}`, { size });
  }
  const all: Root[][] = [[startRoot, ...interior]];
  while (all.at(-1)!.length > 1) {
    const below = all.at(-1)!;
    all.push(Array.from({ length: below.length / 2 }, (_, i) => hashPair(below[2 * i]!, below[2 * i + 1]!)));
  }
  return all;
}
