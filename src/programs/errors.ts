import type { ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "programs/short-record": { expected: number; given: number };
    "programs/unreadable": { file: string };
    /** The binary has another hash than its description says. */
    "programs/other-binary": { expected: string; given: string };
  }
}

/** What is wrong with a program that comes with Assay, or with what it left in memory. */
export type ProgramErrorCode = ErrorCodeOf<"programs">;
