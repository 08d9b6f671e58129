/**
 * The witness of a step: what the recording accessor collects and the replaying one checks (`README.md`, "Witness of a
 * step").
 */
import { depths, headerBytes, leafBytes, type StateTreeName, trees } from "./layout.ts";

/** keccak256 of whatever it is given, in a fresh array. */
export type Keccak = (bytes: Uint8Array) => Uint8Array;

/** The state header: `registers leaf ‖ stackRoot ‖ globalsRoot ‖ tableRoot ‖ codeRoot ‖ memoryRoot`. */
export interface StateHeader {
  /** 128 bytes. */
  readonly registers: Uint8Array;
  readonly roots: Readonly<Record<StateTreeName, Uint8Array>>;
}

export function encodeHeader(header: StateHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  bytes.set(header.registers);
  for (const [i, tree] of trees.entries()) bytes.set(header.roots[tree], leafBytes + 32 * i);
  return bytes;
}

/** Reads the first 288 bytes. */
export function decodeHeader(bytes: Uint8Array): StateHeader {
  const root = (tree: StateTreeName) => {
    const at = leafBytes + 32 * trees.indexOf(tree);
    return bytes.slice(at, at + 32);
  };
  return {
    registers: bytes.slice(0, leafBytes),
    roots: {
      stack: root("stack"),
      globals: root("globals"),
      table: root("table"),
      code: root("code"),
      memory: root("memory"),
    },
  };
}

/** `H(H(registersHash, stackRoot), rest)` with `rest = H(H(globalsRoot, tableRoot), H(codeRoot, memoryRoot))`. */
export function headerRoot(header: StateHeader, keccak: Keccak): Uint8Array {
  const left = hashPair(keccak(header.registers), header.roots.stack, keccak);
  return hashPair(left, headerRest(header, keccak), keccak);
}

/** Root over globals, table, code and memory: what a proof of the registers shows beside them. */
export function headerRest(header: StateHeader, keccak: Keccak): Uint8Array {
  const { globals, table, code, memory } = header.roots;
  return hashPair(hashPair(globals, table, keccak), hashPair(code, memory, keccak), keccak);
}

export function hashPair(left: Uint8Array, right: Uint8Array, keccak: Keccak): Uint8Array {
  const node = new Uint8Array(64);
  node.set(left);
  node.set(right, 32);
  return keccak(node);
}

/** The node that all the siblings, lowest first, lead to from the leaf with this hash and number. */
export function climb(leafHash: Uint8Array, leaf: number, siblings: readonly Uint8Array[], keccak: Keccak): Uint8Array {
  let current = leafHash;
  let position = leaf;
  for (const sibling of siblings) {
    current = position & 1 ? hashPair(sibling, current, keccak) : hashPair(current, sibling, keccak);
    position >>>= 1;
  }
  return current;
}

/** Level at which the paths of two different leaves of a tree are siblings: their highest differing bit. */
export function meetingLevel(first: number, second: number): number {
  return 31 - Math.clz32(first ^ second);
}

/** Root of a tree of this depth whose leaves are all zero. */
export function zeroRoot(depth: number, keccak: Keccak): Uint8Array {
  let node = keccak(new Uint8Array(leafBytes));
  for (let level = 0; level < depth; level++) node = hashPair(node, node, keccak);
  return node;
}

/** Leaves that one step may touch in each tree. */
export const maxTouchedLeaves: Readonly<Record<StateTreeName, number>> = {
  stack: 2,
  globals: 1,
  table: 1,
  code: 1,
  memory: 1,
};

/** Number of siblings in the witness of a tree's touched leaf; `first` is the leaf of the same tree touched before it. */
export function siblingCount(tree: StateTreeName, leaf: number, first: number | undefined): number {
  return first === undefined ? depths[tree] : meetingLevel(first, leaf);
}
