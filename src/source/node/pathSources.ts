import { resolve } from "node:path";
import { findGitDirectory } from "./gitRepository.ts";
import { findLocalCommit, notARepository } from "./gitTree.ts";
import { checkDirectory } from "./readDirectory.ts";
import type { SourceReader } from "./sourceReader.ts";

/** What is on this machine: a repository's commit, or any other directory. */
export const pathSources: SourceReader = {
  schemes: [""],
  async find(location, lookup) {
    const { path: given, revision } = location as Extract<typeof location, { scheme: "" }>;
    const path = resolve(given);
    await checkDirectory(path);
    const gitDirectory = await findGitDirectory(path);
    if (gitDirectory !== undefined) return await findLocalCommit(gitDirectory, path, revision ?? "HEAD", lookup);
    if (revision !== undefined) throw notARepository(path, revision);
    return { directory: path };
  },
};
