import { AssayError } from "../core/errors.ts";

/**
 * Ranges are powers of two. Cuts align to multiples of `log2Arity` counted from the bottom, so a range's first row takes
 * the bits that remain: a range of 2^10 ticks at arity 16 is cut into 4, then 16, then 16. Ranges between checkpoints are
 * then ranges that the whole one is cut into.
 */

/** log2 of the number of children into which a row cuts a range of 2^log2Length; 0 for a range of one. */
export function rowBits(log2Length: number, log2Arity: number): number {
  if (!Number.isInteger(log2Length) || log2Length < 0 || !Number.isInteger(log2Arity) || log2Arity < 1) {
    throw new AssayError("protocol/out-of-range", `no range of 2^${log2Length} is cut at arity 2^${log2Arity}`, {
      log2Length,
      log2Arity,
    });
  }
  return log2Length === 0 ? 0 : log2Length % log2Arity || log2Arity;
}

/** How many rows lead from a range of 2^log2Length to a range of one. */
export function rowCount(log2Length: number, log2Arity: number): number {
  return Math.ceil(log2Length / log2Arity);
}

/** Positions strictly inside the range at which a row cuts it: one less than there are children. */
export function cuts(from: number, log2Length: number, log2Arity: number): number[] {
  const bits = rowBits(log2Length, log2Arity);
  const childLength = 2 ** (log2Length - bits);
  return Array.from({ length: 2 ** bits - 1 }, (_, i) => from + (i + 1) * childLength);
}
