import { type SpawnOptions, spawn } from "node:child_process";

const forwarded: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program to its end; signals to this process go to it, so that it can end what it has started.
 * @returns its exit status; null when a signal has ended it.
 */
export async function runChild(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<number | null> {
  const child = spawn(program, args, options);
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of forwarded) process.on(signal, forward);
  try {
    return await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
  }
}
