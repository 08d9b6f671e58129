import { AssayError, type ErrorCodeOf, type NoDetails } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** A length, level or index that the tree or the kernel does not have. */
    "merkle/out-of-range":
      | { what: string; value: number; end: number }
      | { what: string; expected: number; given: number };
    /** The bytes given are not the hash kernel. */
    "merkle/bad-kernel": NoDetails;
  }
}

export type MerkleErrorCode = ErrorCodeOf<"merkle">;

/** @throws AssayError `merkle/out-of-range` unless `value` is an integer from 0 up to and not including `end`. */
export function checkRange(what: string, value: number, end: number): void {
  if (Number.isInteger(value) && value >= 0 && value < end) return;
  throw new AssayError("merkle/out-of-range", `expected ${what} below ${end}, got ${value}`, { what, value, end });
}

/** @throws AssayError `merkle/out-of-range` unless both are equal. */
export function checkSame(what: string, expected: number, given: number): void {
  if (expected === given) return;
  throw new AssayError("merkle/out-of-range", `expected ${expected} ${what}, got ${given}`, { what, expected, given });
}
