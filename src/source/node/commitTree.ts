import { AssayError } from "../../core/errors.ts";
import { limits } from "../checkTree.ts";
import { parseGitmodules, type Submodule, type SubmoduleBase } from "../gitmodules.ts";
import { type Commit, type GitObject, parseCommit, parseTree } from "../gitObjects.ts";
import type { Entry, SourceContent, SubmoduleDescription } from "../source.ts";
import { type Blob, deferredBlob, withSizes } from "./gitBlobs.ts";
import type { CommitNames } from "./gitFolder.ts";
import type { GitObjects } from "./gitObjectReader.ts";
import { runGit } from "./gitProcess.ts";
import { withLfsFiles } from "./lfsFiles.ts";
import { findSubmodule } from "./submodules.ts";
import type { TreeReading } from "./treeReading.ts";

/** A commit in a repository on this disk, and where that repository is from. */
export interface CommitPlace {
  readonly gitDirectory: string;
  readonly commit: string;
  readonly base: SubmoduleBase;
}

export interface CommitContent extends Commit {
  readonly entries: readonly Entry<SourceContent>[];
  readonly submodules: readonly SubmoduleDescription[];
  readonly names: CommitNames;
}

interface TreeNames {
  readonly blobs: readonly Blob[];
  /** Paths of submodules and the commits that belong there. */
  readonly gitlinks: ReadonlyMap<string, string>;
  /** The tree objects, by their ids. */
  readonly trees: ReadonlyMap<string, GitObject>;
}

/** Submodules in submodules. */
const mostNested = 8;

/**
 * Everything in a commit, object by object, each checked against its id; what is large is read later.
 * @param prefix of all paths: where the commit's tree stands in the source. @param depth of how many submodules it is inside.
 * @throws AssayError codes about git and trees
 */
export async function readCommit(
  place: CommitPlace,
  reading: TreeReading,
  prefix = "",
  depth = 0,
): Promise<CommitContent> {
  const { gitDirectory, commit } = place;
  const objects = reading.objectsOf(gitDirectory, commit);
  const object = await objects.read(commit);
  const parsed = parseCommit(object);
  const { blobs: unsized, gitlinks, trees } = await namesOf(objects, parsed.tree, prefix, reading);
  const blobs = await withSizes(gitDirectory, unsized, reading.settings);
  const stored = await readBlobs(place, objects, blobs, reading);
  const entries = await withLfsFiles(stored, place, blobs, prefix, reading);
  const lfs = new Set(entries.filter((entry, i) => entry !== stored[i]).map(({ path }) => path));
  const names = { commit: object, trees, blobs, gitlinks, lfs };
  const submodules: SubmoduleDescription[] = [];
  if (gitlinks.size === 0) return { ...parsed, entries, submodules, names };

  const described = await submodulesOf(place, blobs, prefix, reading);
  for (const [path, wanted] of gitlinks) {
    if (reading.options.submodules === false) throw refused(path, "is refused here (--no-submodules)");
    if (depth >= mostNested) throw refused(path, `is nested in more than ${mostNested} others`);
    reading.countSubmodule(path);
    const submodule = described.get(path.slice(prefix.length));
    if (submodule === undefined) throw refused(path, "has no URL in .gitmodules, so its content cannot be found");
    const found = await findSubmodule({ ...submodule, path }, wanted, place, reading);
    const inside = await readCommit(found, reading, `${path}/`, depth + 1);
    for (const entry of inside.entries) entries.push(entry);
    submodules.push({ path, location: found.location, commit: wanted }, ...inside.submodules);
  }
  return { ...parsed, entries, submodules, names };
}

function refused(path: string, fact: string) {
  return new AssayError("source/submodule", `${JSON.stringify(path)} is a submodule, which ${fact}`, { path });
}

async function namesOf(objects: GitObjects, root: string, prefix: string, reading: TreeReading): Promise<TreeNames> {
  const blobs: Blob[] = [];
  const gitlinks = new Map<string, string>();
  const seen = new Map<string, GitObject>();
  for (let level = [{ prefix, id: root }]; level.length > 0; ) {
    const trees = await Promise.all(level.map(async ({ prefix, id }) => ({ prefix, object: await objects.read(id) })));
    level = [];
    for (const { prefix, object } of trees) {
      if (reading.options.git === true) seen.set(object.id, object);
      for (const { kind, name, id } of parseTree(object)) {
        const path = prefix + decodeName(name, prefix);
        if (path.length > limits.path) {
          const shown = JSON.stringify(prefix.slice(0, 60));
          throw new AssayError("source/path-too-long", `a path below ${shown} is too long`, { path });
        }
        reading.countEntry();
        if (kind === "submodule") gitlinks.set(path, id);
        else if (kind === "tree") level.push({ prefix: `${path}/`, id });
        else blobs.push({ path, kind, id, size: 0 });
      }
    }
  }
  return { blobs, gitlinks, trees: seen };
}

async function readBlobs(
  { gitDirectory }: CommitPlace,
  objects: GitObjects,
  blobs: readonly Blob[],
  reading: TreeReading,
): Promise<Entry<SourceContent>[]> {
  for (const { size } of blobs) reading.countBytes(size);
  return await Promise.all(
    blobs.map(async ({ path, kind, id, size }) => {
      if (kind === "symlink" && size > limits.target) {
        throw new AssayError("source/bad-link", `the target of the link ${JSON.stringify(path)} is too long`, { path });
      }
      const content =
        kind === "symlink" || reading.keeps(size)
          ? (await objects.read(id)).content
          : deferredBlob(gitDirectory, objects, id, size, reading.settings);
      return { path, kind, content };
    }),
  );
}

async function submodulesOf(
  { gitDirectory }: CommitPlace,
  blobs: readonly Blob[],
  prefix: string,
  reading: TreeReading,
): Promise<ReadonlyMap<string, Submodule>> {
  const file = blobs.find(({ path, kind }) => path === `${prefix}.gitmodules` && kind !== "symlink");
  if (file === undefined) return new Map();
  const args = [`--git-dir=${gitDirectory}`, "config", "--no-includes", "-z", `--blob=${file.id}`, "--list"];
  return parseGitmodules(await runGit(args, "none", reading.settings));
}

function decodeName(name: Uint8Array, prefix: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
  } catch (cause) {
    const shown = JSON.stringify(prefix + Buffer.from(name).toString("latin1"));
    throw new AssayError("source/name-not-utf8", `the name ${shown} is not UTF-8: rename it`, { prefix }, { cause });
  }
}
