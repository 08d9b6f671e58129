/** A state's root recomputed from nothing, leaf by leaf, with another keccak than the one under test. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Root, toHex } from "../../src/core/bytes.ts";
import { depths, leafBytes, type StateTreeName } from "../../src/machine/layout.ts";
import { bytesOf } from "../../src/machine/leaves.ts";
import type { StateArrays } from "../../src/machine/state.ts";
import { headerRoot, zeroRoot } from "../../src/machine/witness.ts";

const zeroRoots = Array.from({ length: 26 }, (_, depth) => zeroRoot(depth, keccak_256));

function treeRoot(bytes: Uint8Array, from: number, depth: number): Uint8Array {
  if (from >= bytes.length) return zeroRoots[depth]!;
  if (bytes.subarray(from, from + leafBytes * 2 ** depth).every((byte) => byte === 0)) return zeroRoots[depth]!;
  if (depth === 0) {
    const leaf = new Uint8Array(leafBytes);
    leaf.set(bytes.subarray(from, from + leafBytes));
    return keccak_256(leaf);
  }
  const node = new Uint8Array(64);
  node.set(treeRoot(bytes, from, depth - 1));
  node.set(treeRoot(bytes, from + leafBytes * 2 ** (depth - 1), depth - 1), 32);
  return keccak_256(node);
}

export function fullRoot(state: StateArrays): Root {
  const root = (tree: StateTreeName) => treeRoot(bytesOf(state[tree]), 0, depths[tree]);
  return toHex(
    headerRoot(
      {
        registers: bytesOf(state.registers),
        roots: {
          stack: root("stack"),
          globals: root("globals"),
          table: root("table"),
          code: root("code"),
          memory: root("memory"),
        },
      },
      keccak_256,
    ),
  );
}
