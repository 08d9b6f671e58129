import { resolve } from "node:path";
import { AssayError } from "../../core/errors.ts";
import { findGitDirectory } from "./gitRepository.ts";
import { findLocalCommit, notARepository, readGitTree } from "./gitTree.ts";
import { checkDirectory, readDirectory } from "./readDirectory.ts";
import type { ReadTree, ReadTreeOptions, SourceReader } from "./sourceReader.ts";

/** What is on this machine: a repository's commit, or everything in any other directory. */
export const pathSources: SourceReader = {
  schemes: [""],
  help: "directory, git repository",
  async read(location, options) {
    const { path: given, revision } = location as Extract<typeof location, { scheme: "" }>;
    const path = resolve(given);
    await checkDirectory(path);
    const gitDirectory = await findGitDirectory(path);
    if (gitDirectory !== undefined) {
      return await readGitTree(await findLocalCommit(gitDirectory, path, revision ?? "HEAD", options), options);
    }
    if (revision !== undefined) throw notARepository(path, revision);
    return await directoryTree(path, options);
  },
};

async function directoryTree(path: string, options: ReadTreeOptions): Promise<ReadTree> {
  const epoch = options.environment.SOURCE_DATE_EPOCH || "0";
  if (!/^[0-9]{1,15}$/.test(epoch)) {
    throw new AssayError(
      "source/bad-time",
      `SOURCE_DATE_EPOCH must be seconds since 1970, got ${JSON.stringify(epoch)}`,
      { time: epoch },
    );
  }
  const entries = await readDirectory(path, options.capacity, options.signal);
  const tree = { name: options.name ?? "source", time: Number(epoch), entries };
  return { tree, origin: { kind: "directory", location: path } };
}
