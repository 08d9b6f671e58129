import { createHash } from "node:crypto";
import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
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

/** The git directory that a working tree shares with others: where what is not of one working tree is kept. */
export async function commonDirectoryOf(gitDirectory: string, settings: GitSettings): Promise<string> {
  const args = [`--git-dir=${gitDirectory}`, "rev-parse", "--path-format=absolute", "--git-common-dir"];
  return (await runGit(args, "none", settings)).replace(/\n$/, "");
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

/** How the objects of a commit's repository are hashed: ids of 40 digits are SHA-1, of 64 SHA-256. */
export function hashOf(commit: string) {
  const algorithm = commit.length === 40 ? "sha1" : "sha256";
  return (type: string, content: Uint8Array) =>
    createHash(algorithm).update(`${type} ${content.length}\0`).update(content).digest("hex");
}
