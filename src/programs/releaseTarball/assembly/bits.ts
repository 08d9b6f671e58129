// The output: bytes and bits at the end of what has been written. Bits fill bytes from the lowest one up (RFC 1951).
import { OUTPUT } from "./layout";

/** Next byte to write. Callers check the room before they write. */
export let outputAt: u32 = 0;

/** Bits that do not fill a byte yet, and their number: at most 7. */
export let pending: u64 = 0;
export let pendingCount: u32 = 0;

export function startOutput(): void {
  outputAt = OUTPUT;
}

// @ts-ignore: decorator
@inline
export function writeBits(bits: u64, count: u32): void {
  // INVARIANT: pendingCount <= 7 and count <= 56.
  pending |= bits << pendingCount;
  pendingCount += count;
  store<u64>(outputAt, pending);
  outputAt += pendingCount >> 3;
  pending >>= pendingCount & 0x38;
  pendingCount &= 7;
}

/** Fills up to a byte with zeros. */
export function alignBits(): void {
  if (pendingCount != 0) writeBits(0, 8 - pendingCount);
}

/** Passes over bytes that were written directly; only at a byte's beginning. */
export function skipOutput(size: u32): void {
  outputAt += size;
}

/** Takes over what a loop with its own copies has written. */
export function setOutput(at: u32, bits: u64, count: u32): void {
  outputAt = at;
  pending = bits;
  pendingCount = count;
}
