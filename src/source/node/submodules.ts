import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { placeOfSubmodule, type Submodule, type SubmoduleBase } from "../gitmodules.ts";
import { withoutCredentials } from "../location.ts";
import type { CommitPlace } from "./commitTree.ts";
import { fetchCommit } from "./fetchRepository.ts";
import { type GitSettings, runGit } from "./gitProcess.ts";
import { commonDirectoryOf, findGitDirectory, resolveCommit } from "./gitRepository.ts";
import { sourceCacheFolder } from "./sourceCache.ts";
import type { FoundCommit } from "./sourceReader.ts";
import { refuseSpecialFiles } from "./specialFiles.ts";
import type { TreeReading } from "./treeReading.ts";

/**
 * The commit that belongs at a submodule's place: in the copy that the repository itself has of it (`modules/` in its git folder), or
 * where its URL leads, which is fetched into the cache.
 * @throws AssayError `source/bad-submodule`, `source/unknown-revision`, codes about git
 */
export async function findSubmodule(
  submodule: Submodule,
  commit: string,
  parent: CommitPlace,
  reading: TreeReading,
): Promise<CommitPlace & { readonly location: string }> {
  const { settings, options } = reading;
  const { transport, address } = placeOfSubmodule(submodule, parent.base);
  const base = { address, isLocal: parent.base.isLocal };
  const location = transport === "file" ? address : withoutCredentials(address);
  const own = await ownCopy(submodule, commit, parent, settings);
  if (own !== undefined) return { gitDirectory: own, commit, base, location };
  if (transport !== "file") {
    const fetched = await fetchCommit(address, transport, commit, sourceCacheFolder(options), settings);
    return { ...fetched, base: { address, isLocal: false }, location };
  }
  const gitDirectory = (await isFolder(address)) ? await findGitDirectory(address) : undefined;
  if (gitDirectory === undefined) throw missing(submodule, commit, `there is no repository at ${address}`);
  await refuseSpecialFiles(gitDirectory);
  if (!(await holds(gitDirectory, commit, settings))) throw missing(submodule, commit, `${address} does not have it`);
  return { gitDirectory, commit, base, location };
}

/** Where the submodules of a source's own repository are looked for. */
export async function baseOf({ gitDirectory, location }: FoundCommit, settings: GitSettings): Promise<SubmoduleBase> {
  if (/^git\+\w+:\/\//.test(location)) return { address: location.slice("git+".length), isLocal: false };
  if (location.startsWith("rad:")) return { address: undefined, isLocal: false };
  const args = [`--git-dir=${gitDirectory}`, "config", "--no-includes", "--get", "remote.origin.url"];
  const origin = await runGit(args, "none", settings).catch((error: unknown) => {
    if (!isAssayError(error, "source/git-fault")) throw error;
    return "";
  });
  const address = origin.replace(/\n$/, "");
  const isPath = address === "" || /^(?:\/|\.\.?(?:\/|$))/.test(address);
  return { address: isPath ? resolve(location, address) : address, isLocal: true };
}

async function ownCopy(
  { name }: Submodule,
  commit: string,
  parent: CommitPlace,
  settings: GitSettings,
): Promise<string | undefined> {
  if (!parent.base.isLocal) return undefined;
  const folder = join(await commonDirectoryOf(parent.gitDirectory, settings), "modules", name);
  if (!(await isFolder(folder)) || (await findGitDirectory(folder)) !== folder) return undefined;
  await refuseSpecialFiles(folder);
  return (await holds(folder, commit, settings)) ? folder : undefined;
}

async function holds(gitDirectory: string, commit: string, settings: GitSettings): Promise<boolean> {
  try {
    return (await resolveCommit(gitDirectory, commit, settings)) === commit;
  } catch (error) {
    if (isAssayError(error, "source/unknown-revision")) return false;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function missing({ path }: Submodule, commit: string, fact: string) {
  return new AssayError(
    "source/unknown-revision",
    `the submodule ${JSON.stringify(path)} needs the commit ${commit}, but ${fact}`,
    { revision: commit },
  );
}
