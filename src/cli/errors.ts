import type { ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "cli/bad-config": { file?: string; faults?: readonly string[] };
    "cli/no-config": { file: string };
    "cli/bad-argument": { file?: string };
    "cli/refused": { file?: string };
    /** What `assay diff` is to compare cannot be had. */
    "cli/diff-unavailable": { whys: readonly string[] };
    "cli/port-taken": { port: number };
  }
}

/** What is wrong with how a command was called or configured. */
export type CliErrorCode = ErrorCodeOf<"cli">;
