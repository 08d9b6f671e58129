import { AssayError } from "../../core/errors.ts";
import { readCommit } from "./commitTree.ts";
import { gitFolderOf } from "./gitFolder.ts";
import type { GitSettings } from "./gitProcess.ts";
import { resolveCommit } from "./gitRepository.ts";
import type { FoundCommit, ReadTree, ReadTreeOptions, SourceLookup } from "./sourceReader.ts";
import { refuseSpecialFiles } from "./specialFiles.ts";
import { baseOf } from "./submodules.ts";
import { TreeReading } from "./treeReading.ts";

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
  const reading = new TreeReading(options);
  try {
    const base = await baseOf(found, reading.settings);
    const { tree, time, submodules, names, entries: own } = await readCommit({ gitDirectory, commit, base }, reading);
    const folder = options.git === true ? await gitFolderOf(found, names, own, reading) : undefined;
    const entries = [...own, ...(folder?.entries ?? [])];
    const name = options.name ?? `source-${commit.slice(0, 12)}`;
    const more = {
      ...(submodules.length > 0 && { submodules }),
      ...(folder !== undefined && { gitFolder: folder.description }),
    };
    const origin = { kind: "git", location, revision, commit, tree, ...more } as const;
    return { tree: { name, time, entries }, origin, close: () => reading.close() };
  } catch (error) {
    reading.close();
    throw error;
  }
}

export function gitSettings({ environment, timeoutSeconds, signal }: SourceLookup): GitSettings {
  return { environment, timeoutSeconds, ...(signal === undefined ? {} : { signal }) };
}
