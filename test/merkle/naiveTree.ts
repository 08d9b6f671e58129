import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "../../src/core/bytes.ts";

/** Root of a positional tree over 128-byte leaves, hashed one by one; what lies beyond the bytes is zero. */
export function naiveRoot(bytes: Uint8Array, depth: number): Uint8Array {
  if (bytes.every((byte) => byte === 0)) return naiveZeroRoot(depth);
  if (depth === 0) {
    const leaf = new Uint8Array(128);
    leaf.set(bytes);
    return keccak_256(leaf);
  }
  const half = 128 * 2 ** (depth - 1);
  return keccak_256(
    concatBytes(naiveRoot(bytes.subarray(0, half), depth - 1), naiveRoot(bytes.subarray(half), depth - 1)),
  );
}

export function naiveZeroRoot(depth: number): Uint8Array {
  let node = keccak_256(new Uint8Array(128));
  for (let level = 0; level < depth; level++) node = keccak_256(concatBytes(node, node));
  return node;
}

/** Bytes of a small generator (Numerical Recipes' linear congruential one, upper bits). */
export function pseudoRandomBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let word = seed >>> 0;
  for (let i = 0; i < length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    bytes[i] = word >>> 24;
  }
  return bytes;
}
