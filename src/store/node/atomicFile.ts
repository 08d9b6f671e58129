import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { StoreErrorCode } from "../errors.ts";

/**
 * Writes a whole file or nothing: a temporary file beside it, synced, renamed over it, the folder synced. A reader, or a
 * process killed at any instant, sees the old content or the new.
 * @param mode permission bits of the new file.
 * @param bytes a stream is written as it comes; an AssayError of its is thrown on.
 * @throws AssayError `store/full-fault` when the disk is full, `store/io-fault` otherwise; nothing half-written is left.
 */
export async function writeFileAtomically(
  file: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array>,
  mode = 0o644,
): Promise<void> {
  const folder = dirname(file);
  const temporary = `${file}.${randomBytes(6).toString("hex")}${temporarySuffix}`;
  let handle: FileHandle | undefined;
  try {
    await mkdir(folder, { recursive: true });
    handle = await open(temporary, "wx", mode);
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, file);
    await syncFolder(folder);
  } catch (cause) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw isAssayError(cause) ? cause : diskError(cause, "write", file);
  }
}

/** Ends the names of files that a killed process may leave behind. */
export const temporarySuffix = ".partial";

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Turns what the file system threw into a typed error that says what to do. */
export function diskError(cause: unknown, verb: string, file: string): AssayError<StoreErrorCode> {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new AssayError<StoreErrorCode>(
      "store/full-fault",
      `no space left to ${verb} ${file}: free some; nothing half-written was kept`,
      { file },
      { cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AssayError<StoreErrorCode>("store/io-fault", `cannot ${verb} ${file}: ${why}`, { file, code }, { cause });
}
