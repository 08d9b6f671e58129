import type { Task } from "./task.ts";

/** What a task's environment runs, and what it is to leave. */
export interface TaskCommand {
  readonly command: string;
  readonly outputs: readonly string[];
  readonly reports?: readonly string[];
}

/** The command of a task that has one; part of the build id. */
export function commandOf({ run, output, results }: Task): TaskCommand | undefined {
  if (run === undefined) return undefined;
  return {
    command: run,
    outputs: output === undefined ? [] : [output],
    ...(results.length > 0 && { reports: results }),
  };
}
