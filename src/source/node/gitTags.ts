import { randomBytes } from "node:crypto";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { GitObject } from "../gitObjects.ts";
import { GitObjects } from "./gitObjectReader.ts";
import { runGit } from "./gitProcess.ts";
import { hashOf } from "./gitRepository.ts";
import { remoteOf, remoteRefs } from "./remoteRefs.ts";
import { sourceCacheFolder } from "./sourceCache.ts";
import type { FoundCommit } from "./sourceReader.ts";
import type { TreeReading } from "./treeReading.ts";

/** A tag that leads to a commit. */
export interface FoundTag {
  readonly ref: string;
  /** Of the tag object, or of the commit itself. */
  readonly id: string;
  /** The tag objects on the way to the commit: one, or none. */
  readonly objects: readonly GitObject[];
}

/** Tags of one commit, and bytes of one tag object. */
const mostTags = 1024;
const mostBytes = 2 ** 20;

/**
 * The tags that lead to a commit, ascending by the bytes of their names; of a repository elsewhere those that it has now. Tags of tags
 * are left out, and so are tags of Radicle repositories.
 * @throws AssayError `source/too-many-entries`, codes about git
 */
export async function tagsOf(found: FoundCommit, reading: TreeReading): Promise<readonly FoundTag[]> {
  const { gitDirectory, commit, location } = found;
  if (location.startsWith("rad:")) return [];
  if (!/^git\+\w+:\/\//.test(location)) return await tagsIn(gitDirectory, commit, reading);
  const address = found.remote ?? location;
  const refs = await remoteRefs(address, reading.settings);
  // What a server says is a name may be a pattern to git.
  const isTag = (ref: string) => /^refs\/tags\/[^*?[\\^~:]+$/.test(ref) && !ref.includes("..");
  const wanted = [...refs].filter(([ref, id]) => id === commit && isTag(ref)).map(([ref]) => ref);
  if (wanted.length === 0) return [];
  if (wanted.length > mostTags) throw tooMany(commit);
  return await withCopy(found, wanted, address, reading);
}

async function tagsIn(gitDirectory: string, commit: string, reading: TreeReading): Promise<readonly FoundTag[]> {
  const format = "--format=%(objectname) %(objecttype) %(refname)";
  const args = [`--git-dir=${gitDirectory}`, "for-each-ref", `--points-at=${commit}`, format, "refs/tags"];
  const lines = (await runGit(args, "none", reading.settings, { most: 2 ** 22 })).split("\n").slice(0, -1);
  if (lines.length > mostTags) throw tooMany(commit);
  const objects = new GitObjects(gitDirectory, mostBytes, hashOf(commit), reading.settings);
  try {
    const tags: FoundTag[] = [];
    for (const line of lines) {
      const [, id, type, ref] = /^([0-9a-f]+) (commit|tag) (refs\/tags\/.+)$/.exec(line) ?? [];
      if (id === undefined || ref === undefined) continue;
      tags.push({ ref, id, objects: type === "tag" ? [await objects.read(id)] : [] });
    }
    return tags.sort((a, b) => Buffer.compare(Buffer.from(a.ref), Buffer.from(b.ref)));
  } finally {
    objects.stop();
  }
}

/** Fetches tags into a repository of their own that borrows the commit, so that only they are transferred, and reads them there. */
async function withCopy(
  { gitDirectory, commit }: FoundCommit,
  refs: readonly string[],
  address: string,
  reading: TreeReading,
): Promise<readonly FoundTag[]> {
  const { settings, options } = reading;
  const { transport, url } = remoteOf(address);
  const cache = sourceCacheFolder(options);
  makeFolder(cache);
  const copy = join(cache, `fetching-${randomBytes(8).toString("hex")}`);
  const at = `--git-dir=${copy}`;
  try {
    const format = commit.length === 64 ? ["--object-format=sha256"] : [];
    await runGit(["init", "--quiet", "--bare", "--template=", ...format, "--", copy], "none", settings);
    await mkdir(join(copy, "objects", "info"), { recursive: true });
    await writeFile(join(copy, "objects", "info", "alternates"), `${join(gitDirectory, "objects")}\n`);
    await copyFile(join(gitDirectory, "shallow"), join(copy, "shallow")).catch(() => {});
    await runGit([at, "update-ref", "refs/assay/wanted", commit], "none", settings);
    const specs = refs.map((ref) => `+${ref}:${ref}`);
    const how = ["--quiet", "--no-recurse-submodules", "--no-write-fetch-head", "--no-tags", "--end-of-options"];
    await runGit([at, "fetch", ...how, url, ...specs], transport, settings);
    return await tagsIn(copy, commit, reading);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function tooMany(commit: string) {
  return new AssayError("source/too-many-entries", `more than ${mostTags} tags lead to the commit ${commit}`, {
    limit: mostTags,
  });
}
