import { createHash } from "node:crypto";
import { concatBytes, fromHex } from "../../core/bytes.ts";
import { compareBytes } from "../checkTree.ts";
import { encodeConfig, encodeIndex, encodeLooseObject, encodePackedRefs, type IndexLine } from "../gitFiles.ts";
import type { GitObject } from "../gitObjects.ts";
import { parseCommit } from "../gitObjects.ts";
import type { Entry, GitFolderDescription, SourceContent } from "../source.ts";
import type { Blob } from "./gitBlobs.ts";
import { type FoundTag, tagsOf } from "./gitTags.ts";
import type { FoundCommit } from "./sourceReader.ts";
import type { TreeReading } from "./treeReading.ts";

/** What a repository's commit holds, as far as its git folder needs it. */
export interface CommitNames {
  readonly commit: GitObject;
  readonly trees: ReadonlyMap<string, GitObject>;
  readonly blobs: readonly Blob[];
  readonly gitlinks: ReadonlyMap<string, string>;
  /** Paths of files that Git LFS keeps: they are not what their blobs hold. */
  readonly lfs: ReadonlySet<string>;
}

const modes = { file: 0o100644, executable: 0o100755, symlink: 0o120000 } as const;

/**
 * The folder `.git` of a source: the commit without its history, its tags, its trees and an index, so that `git describe`,
 * `git status` and `git ls-files` work; not the contents of files, which stand beside it (of links it does).
 * @param entries the source's own, with LFS files in their places.
 */
export async function gitFolderOf(
  found: FoundCommit,
  names: CommitNames,
  entries: readonly Entry<SourceContent>[],
  reading: TreeReading,
): Promise<{ readonly entries: readonly Entry[]; readonly description: GitFolderDescription }> {
  const { commit, trees } = names;
  const tags = await tagsOf(found, reading);
  const { time, parents } = parseCommit(commit);
  const objects = new Map<string, GitObject>([[commit.id, commit], ...trees]);
  for (const { objects: own } of tags) for (const object of own) objects.set(object.id, object);

  // Git compares links with their objects, files by their hash alone.
  const contents = new Map(entries.map(({ path, content }) => [path, content]));
  for (const { kind, path, id } of names.blobs)
    if (kind === "symlink") objects.set(id, { id, type: "blob", content: contents.get(path) as Uint8Array });

  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map<string, Uint8Array>([
    ["HEAD", text(`${commit.id}\n`)],
    ["config", encodeConfig(commit.id.length)],
    ["index", withChecksum(encodeIndex(linesOf(names, contents), time), commit.id.length)],
    ["packed-refs", encodePackedRefs(tags.map((tag) => packed(tag, commit.id)))],
    // A repository has this folder, and sources have no empty ones.
    ["refs/.keep", new Uint8Array()],
  ]);
  if (parents.length > 0) files.set("shallow", text(`${commit.id}\n`));
  for (const { id, type, content } of objects.values())
    files.set(`objects/${id.slice(0, 2)}/${id.slice(2)}`, encodeLooseObject(type, content));
  const own: Entry[] = [];
  for (const [path, content] of files) {
    reading.countEntry();
    reading.countBytes(content.length);
    own.push({ path: `.git/${path}`, kind: "file", content });
  }
  return {
    entries: own,
    description: { tags: tags.map(({ ref, id }) => ({ name: ref.slice("refs/tags/".length), id })) },
  };
}

function packed({ ref, id }: FoundTag, commit: string) {
  return { ref, id, commit: id === commit ? undefined : commit };
}

function linesOf({ blobs, gitlinks, lfs }: CommitNames, contents: ReadonlyMap<string, SourceContent>): IndexLine[] {
  const text = new TextEncoder();
  const lines = blobs.map(({ path, kind, id }): IndexLine => {
    const content = contents.get(path)!;
    const actual = content instanceof Uint8Array ? content.length : content.size;
    return { path: text.encode(path), mode: modes[kind], id: bytesOf(id), size: actual, differs: lfs.has(path) };
  });
  for (const [path, id] of gitlinks)
    lines.push({ path: text.encode(path), mode: 0o160000, id: bytesOf(id), size: 0, differs: false });
  return lines.sort((a, b) => compareBytes(a.path, b.path));
}

function withChecksum(index: Uint8Array, idLength: number): Uint8Array {
  return concatBytes(
    index,
    createHash(idLength === 40 ? "sha1" : "sha256")
      .update(index)
      .digest(),
  );
}

function bytesOf(id: string): Uint8Array {
  return fromHex(`0x${id}`);
}
