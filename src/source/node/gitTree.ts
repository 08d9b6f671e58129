import { AssayError } from "../../core/errors.ts";
import type { GitSettings } from "./gitProcess.ts";
import { readCommit, resolveCommit } from "./gitRepository.ts";
import type { FoundCommit, ReadTree, ReadTreeOptions, SourceLookup } from "./sourceReader.ts";
import { refuseSpecialFiles } from "./specialFiles.ts";

/** The commit that a revision names in a repository on this machine. */
export async function findLocalCommit(
  gitDirectory: string,
  location: string,
  revision: string,
  options: SourceLookup,
): Promise<FoundCommit> {
  await refuseSpecialFiles(gitDirectory);
  const commit = await resolveCommit(gitDirectory, revision, gitSettings(options));
  return { gitDirectory, commit, location, revision };
}

export function notARepository(path: string, revision: string) {
  return new AssayError(
    "source/bad-revision",
    `${JSON.stringify(path)} is not a git repository, so it has no revision ${JSON.stringify(revision)}`,
    { path, revision },
  );
}

/** The tree of a commit, as a source. */
export async function readGitTree(found: FoundCommit, options: ReadTreeOptions): Promise<ReadTree> {
  const { gitDirectory, commit, location, revision } = found;
  const { tree, time, entries } = await readCommit(gitDirectory, commit, options.capacity, gitSettings(options));
  const name = options.name ?? `source-${commit.slice(0, 12)}`;
  return { tree: { name, time, entries }, origin: { kind: "git", location, revision, commit, tree } };
}

export function gitSettings({ environment, timeoutSeconds, signal }: SourceLookup): GitSettings {
  return { environment, timeoutSeconds, ...(signal === undefined ? {} : { signal }) };
}
