import type { ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** A file that is not looked into: damaged, unpacking to too much, or of a kind that is not read. */
    "diff/refused": { why: string };
    /** The comparison ends: it has taken, or found, as much as it may. */
    "diff/stopped": { why: string };
  }
}

/** Why a comparison does not go on, in one file or at all. Callers of `compareContents` get these as part of the result. */
export type DiffErrorCode = ErrorCodeOf<"diff">;
