import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { AssayError } from "../../core/errors.ts";
import { tooLarge } from "../drive.ts";
import { maxTreeEntries, tooManyEntries } from "../paths.ts";
import type { Entry, SourceContent } from "../source.ts";

/**
 * Every file and link below a directory, in no particular order; at most `capacity` bytes.
 * @param keeps whether a file of this size is read at once; others are when they are needed.
 * @throws AssayError `source/special-file`, `source/name-not-utf8`, `source/too-large`, `source/too-many-entries`,
 * `source/unreadable-fault`
 */
export async function readDirectory(
  root: string,
  capacity: number,
  keeps: (size: number) => boolean,
  signal?: AbortSignal,
): Promise<Entry<SourceContent>[]> {
  const entries: Entry<SourceContent>[] = [];
  const directories = [""];
  let count = 0;
  let size = 0;
  for (let prefix = directories.pop(); prefix !== undefined; prefix = directories.pop()) {
    for (const path of await namesIn(root, prefix)) {
      signal?.throwIfAborted();
      if (++count > maxTreeEntries) throw tooManyEntries();
      const file = join(root, path);
      const stats = await readable(path, () => lstat(file));
      if (stats.isDirectory()) {
        directories.push(`${path}/`);
        continue;
      }
      if (size + stats.size > capacity) throw tooLarge(size + stats.size, capacity);
      const entry =
        !stats.isFile() || keeps(stats.size) ? await readEntry(file, path, stats) : deferredEntry(file, path, stats);
      size += entry.content instanceof Uint8Array ? entry.content.length : entry.content.size;
      if (size > capacity) throw tooLarge(size, capacity);
      entries.push(entry);
    }
  }
  return entries;
}

async function namesIn(root: string, prefix: string): Promise<string[]> {
  const names = await readable(prefix === "" ? "." : prefix, () => readdir(join(root, prefix), { encoding: "buffer" }));
  return names.map((name) => {
    try {
      return prefix + new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
    } catch (cause) {
      const shown = JSON.stringify(prefix + name.toString("latin1"));
      throw new AssayError("source/name-not-utf8", `the name ${shown} is not UTF-8: rename it`, { prefix }, { cause });
    }
  });
}

async function readEntry(file: string, path: string, stats: Stats): Promise<Entry> {
  if (stats.isSymbolicLink()) {
    const content = new Uint8Array(await readable(path, () => readlink(file, { encoding: "buffer" })));
    return { path, kind: "symlink", content };
  }
  if (!stats.isFile()) throw specialFile(path);
  return await readable(path, async () => {
    const { handle, kind } = await openFile(file, path);
    try {
      return { path, kind, content: new Uint8Array(await handle.readFile()) };
    } finally {
      await handle.close();
    }
  });
}

/** A file that is read when it is needed; it must not have changed its size until then. */
function deferredEntry(file: string, path: string, { mode, size }: Stats): Entry<SourceContent> {
  const read = async function* () {
    const { handle } = await readable(path, () => openFile(file, path));
    let given = 0;
    try {
      for await (const part of handle.createReadStream({ autoClose: false, highWaterMark: 2 ** 20 })) {
        given += (part as Buffer).length;
        if (given > size) break;
        yield part as Uint8Array;
      }
    } finally {
      await handle.close();
    }
    if (given === size) return;
    const message = `${JSON.stringify(path)} has changed while it was read: try again when nothing writes to it`;
    throw new AssayError("source/unreadable-fault", message, { path });
  };
  return { path, kind: mode & 0o100 ? "executable" : "file", content: { size, read } };
}

async function openFile(file: string, path: string) {
  // Another process may put a pipe or a link in the file's place: neither is waited for nor followed.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(file, flags);
  const opened = await handle.stat();
  if (opened.isFile()) return { handle, kind: opened.mode & 0o100 ? "executable" : "file" } as const;
  await handle.close();
  throw specialFile(path);
}

function specialFile(path: string) {
  return new AssayError(
    "source/special-file",
    `${JSON.stringify(path)} is neither a file nor a link nor a directory: remove it, or build from a git commit`,
    { path },
  );
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new AssayError(
      "source/unreadable-fault",
      `cannot read ${JSON.stringify(path)}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { path },
      { cause },
    );
  }
}

/** @throws AssayError `source/not-found` */
export async function checkDirectory(path: string): Promise<void> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new AssayError(
      "source/not-found",
      `cannot read ${JSON.stringify(path)}: is there such a directory?`,
      { path },
      { cause },
    );
  });
  if (!stats.isDirectory()) {
    throw new AssayError("source/not-found", `${JSON.stringify(path)} is not a directory`, { path });
  }
}
