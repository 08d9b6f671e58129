import type { ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** The file is not what it should be; each fault names line and field. */
    "tasks/bad-file": { file: string; faults: readonly string[] };
    /** The project has no such file. */
    "tasks/no-file": { source: string };
    /** A report of tests that cannot be read. */
    "tasks/bad-results": { file: string; why: string };
  }
}

/** What can be wrong with a project's tasks. */
export type TaskErrorCode = ErrorCodeOf<"tasks">;
