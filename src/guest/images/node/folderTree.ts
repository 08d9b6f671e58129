/** A folder of this host as a tree: names, modes, contents and links as they are; owners, times and special files left out. */
import type { Stats } from "node:fs";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { badTree, type FileEntry, RootTree } from "../rootTree.ts";
import type { Spool } from "./spool.ts";

/** @throws AssayError `guest/bad-tree` for what cannot be read, or changes while it is read */
export async function folderTree(folder: string, spool: Spool): Promise<RootTree> {
  const tree = new RootTree();
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw badTree(folder, "is no folder");
  await addFolder(tree, Buffer.from(folder), "", spool, new Map());
  return tree;
}

async function addFolder(
  tree: RootTree,
  folder: Buffer,
  prefix: string,
  spool: Spool,
  files: Map<string, FileEntry>,
): Promise<void> {
  for (const bytes of await readdir(folder, { encoding: "buffer" }).catch(unreadable(prefix))) {
    const path = prefix + bytes.toString("latin1");
    const at = Buffer.concat([folder, Buffer.from("/"), bytes]);
    const stats = await lstat(at).catch(unreadable(path));
    if (stats.isDirectory()) {
      tree.putFolder(path, stats.mode & 0o7777);
      await addFolder(tree, at, `${path}/`, spool, files);
    } else if (stats.isSymbolicLink()) {
      const target = await readlink(at, { encoding: "buffer" }).catch(unreadable(path));
      tree.put(path, { kind: "link", target: target.toString("latin1") });
    } else if (stats.isFile()) {
      const inode = `${stats.dev}:${stats.ino}`;
      const entry = files.get(inode) ?? (await readFileEntry(path, at, stats, spool));
      if (stats.nlink > 1) files.set(inode, entry);
      tree.put(path, entry);
    }
  }
}

async function readFileEntry(path: string, file: Buffer, { mode, size }: Stats, spool: Spool): Promise<FileEntry> {
  let read = 0;
  async function* counted() {
    for await (const part of createReadStream(file, { highWaterMark: 2 ** 18 })) {
      read += (part as Buffer).length;
      if (read > size) throw badTree(path, "grows while it is read");
      yield part as Buffer;
    }
    if (read < size) throw badTree(path, "shrinks while it is read");
  }
  try {
    return { kind: "file", mode: mode & 0o7777, content: await spool.keep(path, size, counted()) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return unreadable(path)(error as Error);
  }
}

function unreadable(path: string) {
  return (error: Error): never => {
    throw badTree(path, `cannot be read: ${error.message}`);
  };
}
