import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { tooLarge } from "../drive.ts";
import { parseCommit, parseTree } from "../gitObjects.ts";
import { findSource } from "./findSource.ts";
import { GitObjects } from "./gitObjectReader.ts";
import { hashOf } from "./gitRepository.ts";
import { gitSettings } from "./gitTree.ts";
import type { FoundCommit, SourceLookup } from "./sourceReader.ts";

export interface ReadFilesOptions extends Partial<SourceLookup> {
  /** Branch, tag or commit; `HEAD` when missing. Only for repositories. */
  readonly revision?: string | undefined;
}

/** Bytes that a file, or a folder's list of names, may have here. */
const mostBytes = 2 ** 24;

/**
 * Some files of a source, by their paths, without reading the rest of it. What is no regular file, or stands behind a link, is not
 * there.
 * @param location path or URL, as `readSource` takes it. @param paths relative, with `/`.
 * @throws AssayError `source/too-large` for a file beyond 16 MiB, others of the `source/...` codes
 */
export async function readFiles(
  location: string,
  paths: readonly string[],
  options: ReadFilesOptions = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { revision, ...given } = options;
  const lookup: SourceLookup = { environment: process.env, timeoutSeconds: 600, ...given };
  const found = await findSource(location, revision, lookup);
  if ("directory" in found) return await readFolder(found.directory, paths);
  return await readFromCommit(found, paths, lookup);
}

async function readFromCommit(
  { gitDirectory, commit }: FoundCommit,
  paths: readonly string[],
  lookup: SourceLookup,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const objects = new GitObjects(gitDirectory, mostBytes, hashOf(commit), gitSettings(lookup));
  try {
    const { tree } = parseCommit(await objects.read(commit));
    const files = new Map<string, Uint8Array>();
    for (const path of paths) {
      const content = await readAt(objects, tree, path.split("/"));
      if (content !== undefined) files.set(path, content);
    }
    await objects.end();
    return files;
  } finally {
    objects.stop();
  }
}

async function readAt(
  objects: GitObjects,
  tree: string,
  [name, ...rest]: readonly string[],
): Promise<Uint8Array | undefined> {
  const line = parseTree(await objects.read(tree)).find((each) => Buffer.from(each.name).toString("utf8") === name);
  if (rest.length > 0) return line?.kind === "tree" ? await readAt(objects, line.id, rest) : undefined;
  if (line?.kind !== "file" && line?.kind !== "executable") return undefined;
  const object = await objects.read(line.id);
  return object.type === "blob" ? object.content : undefined;
}

async function readFolder(folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    const names = path.split("/");
    const kinds = await Promise.all(
      names.map((_, i) => lstat(join(folder, ...names.slice(0, i + 1))).catch(() => undefined)),
    );
    const file = kinds.pop();
    if (!file?.isFile() || kinds.some((each) => !each?.isDirectory())) continue;
    if (file.size > mostBytes) throw tooLarge(file.size, mostBytes);
    files.set(path, new Uint8Array(await readFile(join(folder, path))));
  }
  return files;
}
