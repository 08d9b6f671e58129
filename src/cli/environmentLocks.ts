/** Where locks of environments are, and reading and writing them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { packageFiles } from "../core/node/packageFiles.ts";
import { type EnvironmentLock, encodeLock, parseLock } from "../guest/images/lock.ts";
import { writeFileAtomically } from "../store/node/atomicFile.ts";

/** The file of an environment's lock: the one that is named, the one that comes with Assay, else one in the working directory. */
export function lockFileOf(name: string, named: string | undefined): string {
  const shipped = fileURLToPath(new URL(`${encodeURIComponent(name)}.json`, packageFiles.locks));
  return named ?? (existsSync(shipped) ? shipped : `${name}.lock.json`);
}

/** @throws AssayError `guest/bad-lock` */
export async function readLockFile(file: string): Promise<EnvironmentLock | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseLock(text, file);
}

/** Writes a lock where its file says something else. */
export async function writeLockFile(file: string, lock: EnvironmentLock): Promise<void> {
  const text = encodeLock(lock);
  if (text !== (await readFile(file, "utf8").catch(() => undefined))) await writeFileAtomically(file, text);
}
