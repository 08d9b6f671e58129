import { type BigIntStats, fstatSync, writeSync } from "node:fs";
import { access, constants, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { StoreErrorCode } from "../errors.ts";
import { diskError, writeFileAtomically } from "./atomicFile.ts";

export type Content = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Links that are followed before one gives up, as Linux does. */
const mostLinks = 40;

/** What a path leads to. */
type Target =
  /** A regular file, or none yet: `file` is its place behind all links; `old` the file that is there. */
  | { readonly kind: "replaced"; readonly file: string; readonly old?: BigIntStats }
  /** A pipe, a character device, something open in a process: what is there stays, and is written to. */
  | { readonly kind: "written through"; readonly file: string };

/**
 * Writes a file that a user has named. A regular file is replaced as a whole or not at all, at the place to which links lead,
 * and keeps its mode and owner; into a pipe or a character device (`/dev/null`, `/dev/stdout`) the bytes are written.
 * @param executable who may read the file may execute it.
 * @throws AssayError `store/bad-target` for anything else, and for files that may not be written; `store/full-fault`,
 * `store/io-fault`
 */
export async function writeOutputFile(path: string, content: Content, executable = false): Promise<void> {
  const target = await targetOf(path);
  if (target.kind === "written through") return await writeThrough(target.file, content);
  const { file, old } = target;
  if (old === undefined) return await writeFileAtomically(file, content, executable ? 0o755 : 0o644);
  try {
    const mode = Number(old.mode & 0o777n);
    await writeFileAtomically(file, content, executable ? mode | ((mode & 0o444) >> 2) : mode, {
      uid: Number(old.uid),
      gid: Number(old.gid),
    });
  } catch (error) {
    if (!isBytes(content) || !isAssayError(error, "store/io-fault") || !inPlaceOnly.includes(error.details.code))
      throw error;
    await writeThrough(path, content);
  }
}

/** What the system says of a file that may be written but not replaced: its folder is closed, or it is a mount itself. */
const inPlaceOnly: readonly (string | undefined)[] = ["EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV"];

function isBytes(content: Content): content is Uint8Array | string {
  return typeof content === "string" || content instanceof Uint8Array;
}

/**
 * Whether `writeOutputFile` could write there now: to be asked before long work whose result goes there.
 * @throws AssayError as `writeOutputFile`
 */
export async function checkOutputFile(path: string): Promise<void> {
  await targetOf(path);
}

async function targetOf(path: string): Promise<Target> {
  if (path === "") throw badTarget(path, "it is empty");
  try {
    const found = await stat(path, { bigint: true }).catch(absent);
    if (found !== undefined && (found.isFIFO() || found.isCharacterDevice())) {
      return { kind: "written through", file: path };
    }
    if (found !== undefined && !found.isFile()) throw badTarget(path, `it is ${nameOf(found)}`);
    if (found === undefined && /[/\\]$/.test(path)) throw badTarget(path, "it is to be a folder");
    if (found !== undefined) await access(path, constants.W_OK);
    const file = await behindLinks(path);
    if (file === undefined) return { kind: "written through", file: path };
    return { kind: "replaced", file, ...(found !== undefined && { old: found }) };
  } catch (cause) {
    throw isAssayError(cause) ? cause : badTarget(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The place of the file itself; undefined when the path goes by way of a process's open files, which have no other name. */
async function behindLinks(path: string): Promise<string | undefined> {
  let file = resolve(path);
  for (let links = 0; links <= mostLinks; links++) {
    const folder = await realpath(dirname(file)).catch(absent);
    // The folders are made when the file is written.
    if (folder === undefined) return file;
    if (/^\/(proc|dev\/fd)(\/|$)/.test(folder)) return undefined;
    file = join(folder, basename(file));
    if (!(await lstat(file).catch(absent))?.isSymbolicLink()) return file;
    file = resolve(folder, await readlink(file));
  }
  throw badTarget(path, "its links lead in a circle");
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

async function writeThrough(path: string, content: Content): Promise<void> {
  try {
    const own = ownDescriptor(await stat(path, { bigint: true }));
    if (own !== undefined) return await writeToDescriptor(own, content);
    // As a shell does; a pipe is waited for until somebody reads it.
    const handle = await open(path, constants.O_WRONLY | constants.O_TRUNC);
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw isAssayError(cause) ? cause : diskError(cause, "write", path);
  }
}

/** Standard output or error, when it is this regular file: what this process says goes behind what is written here. */
function ownDescriptor(found: BigIntStats): number | undefined {
  if (!found.isFile()) return undefined;
  return [1, 2].find((descriptor) => {
    const own = fstatSync(descriptor, { bigint: true });
    return own.dev === found.dev && own.ino === found.ino;
  });
}

async function writeToDescriptor(descriptor: number, content: Content): Promise<void> {
  const pieces = isBytes(content) ? [content] : content;
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece as Uint8Array);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
  }
}

function nameOf(found: BigIntStats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isBlockDevice()) return "a disk";
  return found.isSocket() ? "a socket" : "no file";
}

function badTarget(path: string, fact: string, cause?: unknown): AssayError<StoreErrorCode> {
  return new AssayError(
    "store/bad-target",
    `cannot write to ${JSON.stringify(path)}: ${fact}. Name a file, a pipe or a character device that can be written`,
    { path },
    { cause },
  );
}
