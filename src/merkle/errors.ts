import { AssayError } from "../core/errors.ts";

export type MerkleErrorCode =
  /** A length, level or index that the tree or the kernel does not have. */
  | "merkle/out-of-range"
  /** The bytes given are not the hash kernel. */
  | "merkle/bad-kernel";

export function merkleError(
  code: MerkleErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  options?: { cause?: unknown },
): AssayError<MerkleErrorCode> {
  return new AssayError(code, message, details, options);
}

/** @throws AssayError `merkle/out-of-range` unless `value` is an integer from 0 up to and not including `end`. */
export function checkRange(what: string, value: number, end: number): void {
  if (Number.isInteger(value) && value >= 0 && value < end) return;
  throw merkleError("merkle/out-of-range", `expected ${what} below ${end}, got ${value}`, { what, value, end });
}

/** @throws AssayError `merkle/out-of-range` unless both are equal. */
export function checkSame(what: string, expected: number, given: number): void {
  if (expected === given) return;
  throw merkleError("merkle/out-of-range", `expected ${expected} ${what}, got ${given}`, { what, expected, given });
}
