/**
 * The hash kernel: keccak256 of many equal-sized blocks, two at a time. The host copies input into `input`, calls one
 * function, and copies results from `output`. No function allocates. `fingerprint.wat` shares this memory.
 */
import { hashBlocks, hashBytes } from "./keccak";

/** 64 KiB. */
const inputBuffer: usize = memory.data(65536, 16);
/** Room for the hashes of as many 64-byte nodes as the input holds. */
const outputBuffer: usize = memory.data(32768, 16);
/** The key of the fingerprints. */
const keyBuffer: usize = memory.data(8192, 16);

export function input(): usize {
  return inputBuffer;
}

export function output(): usize {
  return outputBuffer;
}

/** Where the host puts the 8,192 bytes of the fingerprints' key. */
export function key(): usize {
  return keyBuffer;
}

/** keccak256 of the first `length` bytes of the input. */
export function hash(length: usize): void {
  hashBytes(inputBuffer, length, outputBuffer);
}

/** Hashes of `count` leaves of 128 bytes. */
export function hashLeaves(count: usize): void {
  hashBlocks(inputBuffer, count, 128, outputBuffer);
}

/** Hashes of `count` nodes of 64 bytes. */
export function hashNodes(count: usize): void {
  hashBlocks(inputBuffer, count, 64, outputBuffer);
}

/** Nodes of `count` pages of 4 KiB: the root of 32 leaves each. */
export function hashPages(count: usize): void {
  let nodes = count << 5;
  hashBlocks(inputBuffer, nodes, 128, outputBuffer);
  while (nodes > count) {
    nodes >>= 1;
    hashBlocks(outputBuffer, nodes, 64, outputBuffer);
  }
}
