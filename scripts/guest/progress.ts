import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createOutput } from "../../src/cli/output.ts";
import { makeFolder } from "../../src/core/node/makeFolder.ts";
import { folder } from "./cache.ts";
import { watched } from "./run.ts";

/** What people are told goes to standard error. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * Does one part of the work: on a terminal a line shows how many steps its programs have done, for how long, and which is the
 * last one; their output goes to `logs/<name>.log` in the cache, whose path is in the error when one fails.
 */
export async function inProgress<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
  const log = join(folder, "logs", `${name}.log`);
  makeFolder(join(folder, "logs"));
  await rm(log, { force: true });
  say(`${what} (output: ${log})`);
  const progress = createOutput(false).progress(name);
  const started = performance.now();
  let steps = 0;
  let last = "";
  const show = () => {
    const seconds = Math.round((performance.now() - started) / 1000);
    progress.update(`${steps} steps, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${last}`);
  };
  const timer = setInterval(show, 500);
  const onLine = (line: string) => {
    steps++;
    last = line.trim().replaceAll(/\s+/g, " ").slice(0, 60);
  };
  try {
    return await watched({ log, onLine }, work);
  } finally {
    clearInterval(timer);
    progress.end();
  }
}
