/** keccak256 (Keccak with rate 136 and padding 0x01 .. 0x80) of equal-sized blocks, two at a time, and of one input. */
import { permute, state } from "./permutation";

const rate: usize = 136;
const stateBytes: usize = 25 * 16;

/**
 * Hashes `count` blocks of `size` bytes (64 or 128: one permutation each) at `from` into 32 bytes each at `to`. The output
 * may overwrite the input from its beginning, since it is written no faster than the input is read.
 */
export function hashBlocks(from: usize, count: usize, size: usize, to: usize): void {
  const end = from + count * size;
  while (from < end) {
    // The last one of an odd number of blocks is hashed beside itself.
    const paired = from + size < end;
    absorbBlocks(from, paired ? from + size : from, size);
    permute();
    storeHash(to, 0);
    if (paired) storeHash(to + 32, 8);
    from += size << 1;
    to += 64;
  }
}

/** Hashes `length` bytes at `from` into 32 bytes at `to`. */
export function hashBytes(from: usize, length: usize, to: usize): void {
  memory.fill(state, 0, stateBytes);
  for (; length >= rate; from += rate, length -= rate) {
    for (let i: usize = 0; i < rate; i += 8) xorLane(i >> 3, load<u64>(from + i));
    permute();
  }
  for (let i: usize = 0; i < length; i++) xorByte(i, load<u8>(from + i));
  xorByte(length, 0x01);
  xorByte(rate - 1, 0x80);
  permute();
  storeHash(to, 0);
}

/** Fresh states that have absorbed one padded block each. */
function absorbBlocks(first: usize, second: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 16) {
    const a = v128.load(first + i);
    const b = v128.load(second + i);
    v128.store(state + (i << 1), v128.shuffle<u64>(a, b, 0, 2), 0);
    v128.store(state + (i << 1), v128.shuffle<u64>(a, b, 1, 3), 16);
  }
  memory.fill(state + (size << 1), 0, stateBytes - (size << 1));
  padding(size >> 3, 0x01);
  padding((rate >> 3) - 1, 0x8000000000000000);
}

/** Padding bits of a lane of both states. */
// @ts-ignore: decorator
@inline
function padding(lane: usize, bits: u64): void {
  const at = state + (lane << 4);
  v128.store(at, v128.xor(v128.load(at), i64x2.splat(bits)));
}

// @ts-ignore: decorator
@inline
function xorByte(index: usize, byte: u8): void {
  const at = state + ((index >> 3) << 4) + (index & 7);
  store<u8>(at, load<u8>(at) ^ byte);
}

// @ts-ignore: decorator
@inline
function xorLane(lane: usize, word: u64): void {
  const at = state + (lane << 4);
  store<u64>(at, load<u64>(at) ^ word);
}

/** The first four lanes of the first state (`half` 0) or the second (8). */
// @ts-ignore: decorator
@inline
function storeHash(to: usize, half: usize): void {
  const at = state + half;
  store<u64>(to, load<u64>(at, 0), 0);
  store<u64>(to, load<u64>(at, 16), 8);
  store<u64>(to, load<u64>(at, 32), 16);
  store<u64>(to, load<u64>(at, 48), 24);
}
