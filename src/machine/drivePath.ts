/** From a drive's content to the state root: what lets a client compute a build id without the rest of the state. */
import type { Hasher } from "../merkle/hasher.ts";
import { PageTree } from "../merkle/pageTree.ts";
import { rootFrom } from "../merkle/path.ts";
import { depths, leafBytes } from "./layout.ts";
import type { StateTree } from "./stateTree.ts";

/** A power-of-two range of linear memory, at least a page, aligned to its size, so that it is one subtree of the memory tree. */
export interface Drive {
  /** First byte in linear memory. */
  readonly address: number;
  /** The drive holds 2^log2Size bytes; what its content does not fill is zero. */
  readonly log2Size: number;
}

/** Levels of the state above the memory tree; the memory is on the right of each. */
const levelsAboveMemory = 3;
const log2LeafBytes = Math.log2(leafBytes);

/** The drive that the two halves of an aligned pair are together; undefined when `upper` is not the other half of `lower`. */
export function pairOf(lower: Drive, upper: Drive): Drive | undefined {
  const { address, log2Size } = lower;
  const isPair =
    upper.log2Size === log2Size && upper.address === address + 2 ** log2Size && address % 2 ** (log2Size + 1) === 0;
  return isPair ? { address, log2Size: log2Size + 1 } : undefined;
}

/** Root of a drive of 2^log2Size bytes; what its content does not fill is zero. */
export function driveRoot(hasher: Hasher, log2Size: number, content: Uint8Array): Uint8Array {
  return PageTree.of(hasher, log2Size - log2LeafBytes, content).root;
}

/** How many siblings there are between a drive and the state root. */
export function driveSiblingCount({ log2Size }: Drive): number {
  return depths.memory - (log2Size - log2LeafBytes) + levelsAboveMemory;
}

/**
 * Siblings of the drive, lowest first: those in the memory tree, then the code's root, the node over globals and table, and
 * the node over registers and stack.
 */
export function driveSiblings(tree: StateTree, { address, log2Size }: Drive, hasher: Hasher): Uint8Array[] {
  const { registers, roots } = tree.header();
  return [
    ...tree.treeOf("memory").siblingsOfNode(log2Size - log2LeafBytes, address / 2 ** log2Size),
    roots.code.slice(),
    hasher.hashPair(roots.globals, roots.table),
    hasher.hashPair(hasher.hash(registers), roots.stack),
  ];
}

/** The state root with the drive's own root in its place. @param root as `driveRoot` gives it. */
export function rootWithDrive(
  { address, log2Size }: Drive,
  siblings: readonly Uint8Array[],
  root: Uint8Array,
  hasher: Hasher,
): Uint8Array {
  const level = log2Size - log2LeafBytes;
  const index = address / 2 ** log2Size + (2 ** levelsAboveMemory - 1) * 2 ** (depths.memory - level);
  return rootFrom(hasher, root, index, siblings);
}
