import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { readContent } from "../../erofs/entry.ts";
import { isLfsPointer, type LfsPointer, lfsEndpoint, parseLfsPointer } from "../lfsPointer.ts";
import type { Entry, SourceContent } from "../source.ts";
import { deferredFile } from "./checkedFile.ts";
import type { CommitPlace } from "./commitTree.ts";
import type { Blob } from "./gitBlobs.ts";
import { runGit } from "./gitProcess.ts";
import { commonDirectoryOf, findGitDirectory } from "./gitRepository.ts";
import { fetchLfsObjects } from "./lfsServer.ts";
import { sourceCacheFolder } from "./sourceCache.ts";
import type { TreeReading } from "./treeReading.ts";

/**
 * The entries with the files that Git LFS keeps in the places of their pointers: from the repository's own LFS objects, from the cache,
 * or from the LFS server of the repository. Each is checked against its sha256 when it is read.
 * @throws AssayError `source/lfs-pointer`, `source/lfs-object`, `source/lfs-fault`
 */
export async function withLfsFiles(
  entries: readonly Entry<SourceContent>[],
  place: CommitPlace,
  blobs: readonly Blob[],
  prefix: string,
  reading: TreeReading,
): Promise<Entry<SourceContent>[]> {
  const pointers = new Map<string, LfsPointer>();
  for (const { path, kind, content } of entries) {
    if (kind === "symlink" || !(content instanceof Uint8Array) || !isLfsPointer(content)) continue;
    const pointer = parseLfsPointer(path, content);
    reading.countBytes(pointer.size);
    pointers.set(path, pointer);
  }
  if (pointers.size === 0) return [...entries];
  const files = await filesOf(pointers, place, blobs, prefix, reading);
  return await Promise.all(
    entries.map(async (entry) => {
      const pointer = pointers.get(entry.path);
      if (pointer === undefined) return entry;
      const content = deferredFile(files.get(pointer.sha256)!, entry.path, pointer);
      return { ...entry, content: reading.keeps(pointer.size) ? await readContent(content) : content };
    }),
  );
}

/** Where on this disk each object is, by its sha256. */
async function filesOf(
  pointers: ReadonlyMap<string, LfsPointer>,
  place: CommitPlace,
  blobs: readonly Blob[],
  prefix: string,
  reading: TreeReading,
): Promise<ReadonlyMap<string, string>> {
  const cache = join(sourceCacheFolder(reading.options), "lfs");
  const own = await ownObjects(place, reading);
  const files = new Map<string, string>();
  const wanted = new Map<string, LfsPointer>();
  for (const pointer of pointers.values()) {
    const { sha256 } = pointer;
    const places = own.map((folder) => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256));
    const file = await firstOfSize([...places, join(cache, sha256)], pointer.size);
    if (file === undefined) wanted.set(sha256, pointer);
    files.set(sha256, file ?? join(cache, sha256));
  }
  if (wanted.size === 0) return files;
  const endpoint = await endpointOf(place, blobs, prefix, reading);
  if (endpoint === undefined) {
    const [path, { sha256 }] = [...pointers].find(([, pointer]) => wanted.has(pointer.sha256))!;
    throw new AssayError(
      "source/lfs-object",
      `the repository does not have the Git LFS object ${sha256} of ${JSON.stringify(path)}, and no server is known: run "git lfs fetch" there`,
      { sha256, path },
    );
  }
  await fetchLfsObjects(endpoint, [...wanted.values()], cache, reading.options);
  return files;
}

/** Folders of LFS objects beside the repository itself, and beside the one on this machine that it is a copy of. */
async function ownObjects({ gitDirectory, base }: CommitPlace, reading: TreeReading): Promise<string[]> {
  if (!base.isLocal) return [];
  const repositories = [await commonDirectoryOf(gitDirectory, reading.settings)];
  if (base.address?.startsWith("/")) {
    const other = await findGitDirectory(base.address);
    if (other !== undefined && (await isFolder(other))) repositories.push(other);
  }
  return repositories.map((each) => join(each, "lfs", "objects"));
}

async function endpointOf(
  { gitDirectory, base }: CommitPlace,
  blobs: readonly Blob[],
  prefix: string,
  reading: TreeReading,
): Promise<URL | undefined> {
  const file = blobs.find(({ path, kind }) => path === `${prefix}.lfsconfig` && kind !== "symlink");
  if (file !== undefined) {
    const args = [`--git-dir=${gitDirectory}`, "config", "--no-includes", `--blob=${file.id}`, "--get", "lfs.url"];
    const text = await runGit(args, "none", reading.settings).catch((error: unknown) => {
      if (!isAssayError(error, "source/git-fault")) throw error;
      return "";
    });
    const url = text.replace(/\n$/, "");
    if (/^https?:\/\//.test(url) && URL.canParse(url)) return new URL(url);
  }
  return base.address === undefined ? undefined : lfsEndpoint(base.address);
}

async function firstOfSize(places: readonly string[], size: number): Promise<string | undefined> {
  for (const place of places) {
    const found = await stat(place).catch(() => undefined);
    if (found?.isFile() && found.size === size) return place;
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
