import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** How to start a script of ours, TypeScript as it is, in a process of its own. */
export function scriptCommand(script: URL, ...given: readonly string[]): readonly [string, readonly string[]] {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return [process.execPath, ["--import", loader, fileURLToPath(script), ...given]];
}

/** Runs a script in a process whose memory is its own, and returns what it prints as JSON. */
export async function inOwnProcess<T>(script: URL, ...given: readonly string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(...scriptCommand(script, ...given));
  return JSON.parse(stdout) as T;
}

/** The most memory that this process has had so far, in MiB. */
export function peakMebibytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}
