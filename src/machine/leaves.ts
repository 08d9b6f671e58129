/** Leaves of a state's trees as bytes, and numbers of leaves. */
import { elementsPerLeaf, leafBytes, type StateTreeName } from "./layout.ts";
import type { StateArrays } from "./state.ts";

/** The bytes of an array. Words are little-endian, as in every engine that runs WebAssembly. */
export function bytesOf(array: Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A copy of one leaf; what lies beyond the array's end is zero. */
export function readLeaf(arrays: StateArrays, tree: StateTreeName, leaf: number): Uint8Array {
  const bytes = bytesOf(arrays[tree]);
  const copy = new Uint8Array(leafBytes);
  copy.set(bytes.subarray(leaf * leafBytes, (leaf + 1) * leafBytes));
  return copy;
}

/** Number of the leaf that holds an element (a slot, entry or instruction), or a byte of memory. */
export function leafOfElement(index: number): number {
  return Math.floor(index / elementsPerLeaf);
}

export function leafOfAddress(address: number): number {
  return Math.floor(address / leafBytes);
}
