import { createHash } from "node:crypto";
import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { limits } from "../checkTree.ts";
import { tooLarge } from "../drive.ts";
import { type Commit, parseCommit, parseTree } from "../gitObjects.ts";
import { maxTreeEntries, tooManyEntries } from "../paths.ts";
import type { Entry } from "../source.ts";
import { GitObjects } from "./gitObjectReader.ts";
import { type GitSettings, runGit } from "./gitProcess.ts";

/** The git directory of a path that is a repository: `<path>/.git`, or the path itself if it is bare; else undefined. */
export async function findGitDirectory(path: string): Promise<string | undefined> {
  const inner = join(path, ".git");
  if (await lstat(inner).catch(() => undefined)) return inner;
  const parts = await Promise.all(
    ["HEAD", "objects", "refs"].map((part) => stat(join(path, part)).catch(() => undefined)),
  );
  const [head, objects, refs] = parts;
  return head?.isFile() && objects?.isDirectory() && refs?.isDirectory() ? path : undefined;
}

/**
 * The id of the commit that `revision` names.
 * @throws AssayError `source/unknown-revision`, or one of the codes about git
 */
export async function resolveCommit(gitDirectory: string, revision: string, settings: GitSettings): Promise<string> {
  const args = [`--git-dir=${gitDirectory}`, "rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
  const text = await runGit(args, "none", settings).catch((error: unknown) => {
    if (!isAssayError(error, "source/git-fault")) throw error;
    const why = error.details.text === "" ? "" : `: ${error.details.text}`;
    throw new AssayError(
      "source/unknown-revision",
      `the repository has no commit ${JSON.stringify(revision)}${why}`,
      { revision },
      { cause: error },
    );
  });
  const commit = text.trim();
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    throw new AssayError("source/unknown-revision", `git names no commit for ${JSON.stringify(revision)}`, {
      revision,
    });
  }
  return commit;
}

export interface CommitContent extends Commit {
  readonly entries: readonly Entry[];
}

/**
 * Everything in a commit, object by object, each checked against its id; at most `capacity` bytes.
 * @throws AssayError codes about git and trees
 */
export async function readCommit(
  gitDirectory: string,
  commit: string,
  capacity: number,
  settings: GitSettings,
): Promise<CommitContent> {
  const objects = new GitObjects(gitDirectory, capacity, hashOf(commit), settings);
  try {
    const parsed = parseCommit(await objects.read(commit));
    const entries = await readTree(objects, parsed.tree, capacity);
    await objects.end();
    return { ...parsed, entries };
  } finally {
    objects.stop();
  }
}

interface Blob {
  readonly path: string;
  readonly kind: Entry["kind"];
  readonly id: string;
}

async function readTree(objects: GitObjects, root: string, capacity: number): Promise<Entry[]> {
  const blobs: Blob[] = [];
  let count = 0;
  for (let level = [{ prefix: "", id: root }]; level.length > 0; ) {
    const trees = await Promise.all(level.map(async ({ prefix, id }) => ({ prefix, object: await objects.read(id) })));
    level = [];
    for (const { prefix, object } of trees) {
      for (const { kind, name, id } of parseTree(object)) {
        const path = prefix + decodeName(name, prefix);
        if (path.length > limits.path) {
          throw new AssayError(
            "source/path-too-long",
            `a path below ${JSON.stringify(prefix.slice(0, 60))} is too long`,
            { path },
          );
        }
        // Directories count too: nested trees can name the same few objects exponentially often.
        if (++count > maxTreeEntries) throw tooManyEntries();
        if (kind === "submodule") {
          throw new AssayError(
            "source/submodule",
            `${JSON.stringify(path)} is a submodule: its content is not part of the commit and not supported`,
            { path },
          );
        }
        if (kind === "tree") level.push({ prefix: `${path}/`, id });
        else blobs.push({ path, kind, id });
      }
    }
  }
  let size = 0;
  return await Promise.all(
    blobs.map(async ({ path, kind, id }) => {
      const object = await objects.read(id);
      if (object.type !== "blob") {
        throw new AssayError("source/bad-object", `${JSON.stringify(path)} is a ${object.type}`, { path, id });
      }
      size += object.content.length;
      if (size > capacity) throw tooLarge(size, capacity);
      return { path, kind, content: object.content };
    }),
  );
}

function decodeName(name: Uint8Array, prefix: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
  } catch (cause) {
    const shown = JSON.stringify(prefix + Buffer.from(name).toString("latin1"));
    throw new AssayError("source/name-not-utf8", `the name ${shown} is not UTF-8: rename it`, { prefix }, { cause });
  }
}

/** How the objects of a commit's repository are hashed: ids of 40 digits are SHA-1, of 64 SHA-256. */
export function hashOf(commit: string) {
  const algorithm = commit.length === 40 ? "sha1" : "sha256";
  return (type: string, content: Uint8Array) =>
    createHash(algorithm).update(`${type} ${content.length}\0`).update(content).digest("hex");
}
