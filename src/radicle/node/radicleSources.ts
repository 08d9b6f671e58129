import { gitSettings } from "../../source/node/gitTree.ts";
import type { SourceReader } from "../../source/node/sourceReader.ts";
import { isObjectId, parseRepositoryId } from "../ids.ts";
import { leastLevel } from "./home.ts";
import { findStorage, refsOf, withRepository } from "./storage.ts";
import { verifiedCommits } from "./verifiedCommits.ts";

/** Commits of Radicle repositories, from the storage of the local node. */
export const radicleSources: SourceReader = {
  schemes: ["rad:"],
  async find(location, lookup) {
    const { url, revision } = location as Exclude<typeof location, { scheme: "" }>;
    const id = parseRepositoryId(url.href);
    const settings = gitSettings(lookup);
    const storage = await findStorage(id, lookup.environment);
    const [refs, least] = [await refsOf(storage, settings), await leastLevel(lookup.environment)];
    const verified = verifiedCommits(storage, refs, least);
    const resolve = async () =>
      await withRepository(storage, settings, refs, least, async (repository) => await repository.resolve(revision));
    const commit = isObjectId(revision) && verified.has(revision) ? revision : await resolve();
    verified.add(commit);
    return { gitDirectory: storage.gitDirectory, commit, location: id, revision };
  },
};
