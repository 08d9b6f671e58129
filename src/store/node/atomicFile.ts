import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { atEnd } from "../../core/node/atEnd.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { StoreErrorCode } from "../errors.ts";

/**
 * Writes a whole file or nothing: a temporary file beside it, synced, renamed over it, the folder synced. A reader, or a
 * process killed at any instant, sees the old content or the new.
 *
 * Not `write-file-atomic`: it does not sync the folder, so that a power cut can bring the old file back; it takes no streams and
 * writes through symbolic links; and its current version does not run on the oldest Node that we do.
 * @param mode permission bits of the new file; with `owner`, exactly these, else less the umask.
 * @param owner of the new file, as far as the system lets it be given away.
 * @param bytes a stream is written as it comes; an AssayError of its is thrown on.
 * @throws AssayError `store/full-fault` when the disk is full, `store/io-fault` otherwise; nothing half-written is left.
 */
export async function writeFileAtomically(
  file: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array>,
  mode = 0o644,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const folder = dirname(file);
  const temporary = `${file}.${randomBytes(6).toString("hex")}${temporarySuffix}`;
  const takeBack = atEnd(() => rmSync(temporary, { force: true }));
  let handle: FileHandle | undefined;
  try {
    makeFolder(folder);
    handle = await open(temporary, "wx", mode);
    if (owner !== undefined) await give(handle, mode, owner);
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
  } finally {
    takeBack();
  }
}

async function give(
  handle: FileHandle,
  mode: number,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const mine = await handle.stat();
  if (mine.uid !== uid || mine.gid !== gid) await handle.chown(uid, gid).catch(() => {});
  await handle.chmod(mode);
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
    return new AssayError(
      "store/full-fault",
      `no space left to ${verb} ${file}: free some; nothing half-written was kept`,
      { file },
      { cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AssayError("store/io-fault", `cannot ${verb} ${file}: ${why}`, { file, code }, { cause });
}
