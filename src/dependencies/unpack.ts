import { extract } from "tar-stream";
import { concatBytes } from "../core/bytes.ts";
import { isAssayError } from "../core/errors.ts";
import { badArchive, checkAmount } from "./errors.ts";
import { mostContentBytes, mostTreeEntries } from "./limits.ts";

/** A file that was in an archive. */
export interface Unpacked {
  readonly kind: "file" | "executable" | "symlink" | "directory";
  readonly content: Uint8Array;
}

/**
 * Decompresses, within a bound.
 * @param title of the archive, for errors. @param most bytes that come out.
 * @throws AssayError `dependencies/bad-archive`, `dependencies/too-large`
 */
export async function decompress(
  title: string,
  format: "gzip" | "deflate-raw",
  bytes: Uint8Array,
  most = mostContentBytes,
): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = packed.pipeThrough(new DecompressionStream(format)).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) break;
      size += value.length;
      checkAmount(`bytes in the archive of ${title}`, size, most);
      pieces.push(value);
    }
  } catch (cause) {
    throw isAssayError(cause) ? cause : badArchive(title, "is damaged", cause);
  } finally {
    await reader.cancel().catch(() => {});
  }
  return concatBytes(...pieces);
}

/**
 * The files of a gzipped tar archive, by their paths below the one folder that all of it is in. Links and everything else that
 * could stand for something elsewhere are refused.
 * @param folder the first component of every path. @throws AssayError `dependencies/bad-archive`, `dependencies/too-large`
 */
export async function unpackTarball(title: string, bytes: Uint8Array, folder: string): Promise<Map<string, Unpacked>> {
  const archive = extract();
  const files = new Map<string, Unpacked>();
  archive.end(await decompress(title, "gzip", bytes));
  try {
    for await (const entry of archive) {
      const { name, type, mode } = entry.header;
      const pieces: Uint8Array[] = [];
      for await (const piece of entry) pieces.push(piece as Uint8Array);
      const path = pathBelow(title, name, folder);
      if (type === "directory") continue;
      if (type !== "file" && type !== "contiguous-file") throw badArchive(title, `holds a ${type} at ${quoted(name)}`);
      if (files.has(path)) throw badArchive(title, `holds ${quoted(name)} twice`);
      files.set(path, { kind: mode & 0o100 ? "executable" : "file", content: concatBytes(...pieces) });
      checkAmount(`files in the archive of ${title}`, files.size, mostTreeEntries);
    }
  } catch (cause) {
    throw isAssayError(cause) ? cause : badArchive(title, "is damaged", cause);
  }
  return files;
}

function pathBelow(title: string, name: string, folder: string): string {
  const path = name.replace(/\/$/, "");
  if (path === folder) return "";
  if (!path.startsWith(`${folder}/`)) throw badArchive(title, `holds ${quoted(name)}, which is not in ${folder}/`);
  const own = path.slice(folder.length + 1);
  if (!isPlainPath(own)) throw badArchive(title, `holds the path ${quoted(name)}, which is none`);
  return own;
}

/** Whether every component is a name. */
export function isPlainPath(path: string): boolean {
  return path
    .split("/")
    .every((each) => each !== "" && each !== "." && each !== ".." && !each.includes("\0") && each.length <= 255);
}

export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

/**
 * Unpacks the same archive again for each of its files, without doing so twice in a row: files are written in the order of their
 * paths, so that an archive's files come one after another.
 */
export function lastUnpacked(): (
  key: string,
  unpack: () => Promise<ReadonlyMap<string, Unpacked>>,
) => Promise<ReadonlyMap<string, Unpacked>> {
  let last: { readonly key: string; readonly files: Promise<ReadonlyMap<string, Unpacked>> } | undefined;
  return async (key, unpack) => {
    if (last?.key !== key) last = { key, files: unpack() };
    return await last.files;
  };
}
