import { join, resolve } from "node:path";
import { cacheFolder as userCacheFolder } from "../../core/node/cacheFolder.ts";
import { checkHost, type Location, localPathOf, withoutCredentials } from "../location.ts";
import { fetchCommit } from "./fetchRepository.ts";
import { findGitDirectory } from "./gitRepository.ts";
import {
  type CommitLookup,
  type FoundCommit,
  findLocalCommit,
  gitSettings,
  notARepository,
  readGitTree,
} from "./gitTree.ts";
import { checkDirectory } from "./readDirectory.ts";
import type { SourceReader } from "./sourceReader.ts";

const remoteTransports = { "git+https:": "https", "git+ssh:": "ssh" } as const;

/** Commits of repositories, near and far. Uncommitted changes are not part of them. */
export const gitSources: SourceReader = {
  schemes: ["git+https:", "git+ssh:", "git+file:"],
  help: "git+https/ssh/file URL",
  async read(location, options) {
    return await readGitTree(await findCommit(location as RepositoryLocation, options), options);
  },
};

type RepositoryLocation = Exclude<Location, { scheme: "" }>;

/**
 * The commit that a repository's URL and revision name, on this disk: fetched where the repository is elsewhere.
 * @throws AssayError one of the `source/...` codes
 */
export async function findCommit(
  { scheme, url, revision }: RepositoryLocation,
  options: CommitLookup,
): Promise<FoundCommit> {
  if (scheme === "git+file:") {
    const path = resolve(localPathOf(url));
    await checkDirectory(path);
    const gitDirectory = await findGitDirectory(path);
    if (gitDirectory === undefined) throw notARepository(path, revision);
    return await findLocalCommit(gitDirectory, path, revision, options);
  }
  checkHost(url);
  const transport = remoteTransports[scheme as keyof typeof remoteTransports];
  const address = url.href.slice("git+".length);
  const cacheFolder = options.cacheFolder ?? join(userCacheFolder(options.environment), "sources");
  const fetched = await fetchCommit(address, transport, revision, cacheFolder, gitSettings(options));
  return { ...fetched, location: `git+${withoutCredentials(address)}`, revision };
}
