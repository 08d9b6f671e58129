import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder, and those above it that are missing. Unlike Node's own recursive `mkdir` it also ends where the system lets
 * nobody make one and says that something is missing (in `/proc`).
 * @param mode permission bits of those that are made.
 * @throws what the file system says
 */
export function makeFolder(folder: string, mode = 0o777): void {
  const missing: string[] = [];
  let at = resolve(folder);
  while (!make(at, mode)) {
    missing.push(at);
    at = dirname(at);
  }
  // When somebody takes one away meanwhile, the caller's next step says so.
  for (const next of missing.reverse()) make(next, mode);
}

/** Whether it is there now; false when the folder above it is missing. */
function make(folder: string, mode: number): boolean {
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    if (isFolder(folder)) return true;
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === folder || isThere(above)) throw error;
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
