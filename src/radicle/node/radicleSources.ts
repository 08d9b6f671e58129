import { gitSettings, readGitTree } from "../../source/node/gitTree.ts";
import type { SourceReader } from "../../source/node/sourceReader.ts";
import { isObjectId, parseRepositoryId } from "../ids.ts";
import { leastLevel } from "./home.ts";
import { findStorage, refsOf, withRepository } from "./storage.ts";
import { verifiedCommits } from "./verifiedCommits.ts";

/** Commits of Radicle repositories, from the storage of the local node. */
export const radicleSources: SourceReader = {
  schemes: ["rad:"],
  help: "rad:z... of a Radicle repository",
  async read(location, options) {
    const { url, revision } = location as Exclude<typeof location, { scheme: "" }>;
    const id = parseRepositoryId(url.href);
    const settings = gitSettings(options);
    const storage = await findStorage(id, options.environment);
    const [refs, least] = [await refsOf(storage, settings), await leastLevel(options.environment)];
    const verified = verifiedCommits(storage, refs, least);
    const resolve = async () =>
      await withRepository(storage, settings, refs, least, async (repository) => await repository.resolve(revision));
    const commit = isObjectId(revision) && verified.has(revision) ? revision : await resolve();
    verified.add(commit);
    return await readGitTree({ gitDirectory: storage.gitDirectory, commit, location: id, revision }, options);
  },
};
