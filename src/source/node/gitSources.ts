import { resolve } from "node:path";
import { checkHost, localPathOf, withoutCredentials } from "../location.ts";
import { fetchCommit } from "./fetchRepository.ts";
import { findGitDirectory } from "./gitRepository.ts";
import { findLocalCommit, gitSettings, notARepository } from "./gitTree.ts";
import { checkDirectory } from "./readDirectory.ts";
import { sourceCacheFolder } from "./sourceCache.ts";
import type { SourceReader } from "./sourceReader.ts";

const remoteTransports = { "git+https:": "https", "git+ssh:": "ssh" } as const;

/** Commits of repositories, near and far. Uncommitted changes are not part of them. */
export const gitSources: SourceReader = {
  schemes: ["git+https:", "git+ssh:", "git+file:"],
  async find(location, lookup) {
    const { scheme, url, revision } = location as Exclude<typeof location, { scheme: "" }>;
    if (scheme === "git+file:") {
      const path = resolve(localPathOf(url));
      await checkDirectory(path);
      const gitDirectory = await findGitDirectory(path);
      if (gitDirectory === undefined) throw notARepository(path, revision);
      return await findLocalCommit(gitDirectory, path, revision, lookup);
    }
    checkHost(url);
    const transport = remoteTransports[scheme as keyof typeof remoteTransports];
    const address = url.href.slice("git+".length);
    const fetched = await fetchCommit(address, transport, revision, sourceCacheFolder(lookup), gitSettings(lookup));
    return { ...fetched, location: `git+${withoutCredentials(address)}`, revision, remote: url.href };
  },
};
