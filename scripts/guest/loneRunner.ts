import { join } from "node:path";
import { run } from "./run.ts";

/** Runs a program to its end, in the work folder unless told otherwise, and returns its standard output. */
export type LoneRunner = (program: string, args: readonly string[], cwd?: string) => Promise<string>;

/**
 * Runs programs, with low priority, as soon as nothing else that was started so is running in this work folder. When a build is
 * killed, what it has started goes on for a while: the lock belongs to a program and all that it starts, until the last ends.
 */
export function runnerIn(work: string): LoneRunner {
  return (program, args, cwd = work) =>
    run("flock", ["--no-fork", join(work, "lock"), "nice", "-n", "10", program, ...args], { cwd });
}
