import { setTimeout as sleep } from "node:timers/promises";
import { type LockFile, takeLock } from "../../src/agents/lockFile.ts";
import { isAssayError } from "../../src/core/errors.ts";

const pollMilliseconds = 500;

/**
 * Does work that nobody else does at the same time in this folder; waits for the one that does. The lock of a process that no
 * longer lives is taken over.
 * @param onWait called once, with the number of the process that is waited for.
 */
export async function withLock<T>(folder: string, onWait: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  const lock = await take(folder, onWait);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function take(folder: string, onWait: (pid: number) => void): Promise<LockFile> {
  for (let told = false; ; told = true) {
    try {
      return takeLock(folder);
    } catch (error) {
      if (!isAssayError(error, "agents/locked")) throw error;
      if (!told) onWait(error.details.pid);
    }
    await sleep(pollMilliseconds);
  }
}
