import { gitSettings, readGitTree } from "../../source/node/gitTree.ts";
import type { SourceReader } from "../../source/node/sourceReader.ts";
import { parseRepositoryId } from "../ids.ts";
import { findStorage, withRepository } from "./storage.ts";

/** Commits of Radicle repositories, from the storage of the local node. */
export const radicleSources: SourceReader = {
  schemes: ["rad:"],
  help: "rad:z... of a Radicle repository",
  async read(location, options) {
    const { url, revision } = location as Exclude<typeof location, { scheme: "" }>;
    const id = parseRepositoryId(url.href);
    const storage = await findStorage(id, options.environment);
    const commit = await withRepository(
      storage,
      gitSettings(options),
      async (repository) => await repository.resolve(revision),
    );
    return await readGitTree({ gitDirectory: storage.gitDirectory, commit, location: id, revision }, options);
  },
};
