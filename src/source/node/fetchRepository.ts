import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { access, constants, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { atEnd } from "../../core/node/atEnd.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { withoutCredentials } from "../location.ts";
import { type GitSettings, runGit, type Transport } from "./gitProcess.ts";
import { resolveCommit } from "./gitRepository.ts";

export interface FetchedCommit {
  readonly gitDirectory: string;
  readonly commit: string;
}

interface FetchRequest {
  readonly option: string;
  readonly url: string;
  readonly refspecs: readonly string[];
}

/** Abandoned fetches older than this are removed. */
const staleMilliseconds = 24 * 3600 * 1000;

/**
 * Brings the commit that `revision` names in a remote repository into `cacheFolder` and returns where it is. A full commit
 * id that is there already needs no network; a name is asked for every time. Each fetch works in a folder of its own that
 * gets its place when it is complete, so that fetches may run side by side and be killed.
 * @throws AssayError `source/unknown-revision`, codes about git
 */
export async function fetchCommit(
  url: string,
  transport: Transport,
  revision: string,
  cacheFolder: string,
  settings: GitSettings,
): Promise<FetchedCommit> {
  const key = createHash("sha256").update(url).digest("hex").slice(0, 32);
  const isId = /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision);
  const placeOf = (commit: string) => join(cacheFolder, `${key}-${commit}.git`);
  if (isId && (await exists(placeOf(revision)))) return { gitDirectory: placeOf(revision), commit: revision };

  await prepareCache(cacheFolder);
  const fetching = join(cacheFolder, `fetching-${randomBytes(8).toString("hex")}`);
  // Git may still be dying, and leave something while its folder is removed.
  const takeBack = atEnd(() => rmSync(fetching, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }));
  try {
    const commit = await fetchInto(fetching, url, transport, revision, settings);
    if (isId && !commit.startsWith(revision)) {
      throw new AssayError("source/unknown-revision", `${revision} is not a commit but leads to ${commit}`, {
        revision,
        commit,
      });
    }
    const place = placeOf(commit);
    if (!(await exists(place))) {
      await rename(fetching, place).catch(async (error: unknown) => {
        // Somebody else may have finished the same fetch in between.
        if (!(await exists(place))) throw error;
      });
    }
    return { gitDirectory: place, commit };
  } finally {
    await rm(fetching, { recursive: true, force: true });
    takeBack();
  }
}

type ObjectFormat = "sha1" | "sha256";

/** Fetches into a repository of the remote's object format, which a fetch by itself does not find out. */
async function fetchInto(
  folder: string,
  url: string,
  transport: Transport,
  revision: string,
  settings: GitSettings,
): Promise<string> {
  const likely: ObjectFormat = /^[0-9a-f]{64}$/.test(revision) ? "sha256" : "sha1";
  try {
    return await fetchAs(likely, folder, url, transport, revision, settings);
  } catch (error) {
    if (!isAssayError(error, "source/git-fault", "source/unknown-revision")) throw error;
    const format = await formatOf(folder, url, transport, settings);
    if (format === undefined || format === likely) throw error;
    return await fetchAs(format, folder, url, transport, revision, settings);
  }
}

/** What the ids of a remote repository say of it; undefined when it names none. */
async function formatOf(
  folder: string,
  url: string,
  transport: Transport,
  settings: GitSettings,
): Promise<ObjectFormat | undefined> {
  const args = [`--git-dir=${folder}`, "ls-remote", "--quiet", "--", url];
  const text = await runGit(args, transport, settings, { most: 2 ** 25 }).catch((error: unknown) => {
    if (!isAssayError(error, "source/git-fault")) throw error;
    return "";
  });
  const id = /^[0-9a-f]+(?=\t)/.exec(text)?.[0];
  return id?.length === 40 ? "sha1" : id?.length === 64 ? "sha256" : undefined;
}

async function fetchAs(
  format: ObjectFormat,
  folder: string,
  url: string,
  transport: Transport,
  revision: string,
  settings: GitSettings,
): Promise<string> {
  const shallow = { option: "--depth=1", url, refspecs: [`+${revision}:refs/assay/wanted`] };
  const first = await fetchWith(format, folder, shallow, transport, settings).catch((error: unknown) => error);
  if (first === undefined) return await resolveCommit(folder, "refs/assay/wanted", settings);
  if (!isAssayError(first, "source/git-fault")) throw first;

  // What the server does not give by itself (an abbreviated id, `v1~2`, a commit it does not advertise, or any shallow
  // fetch at all) may be found in the whole history.
  const whole = { option: "--tags", url, refspecs: ["+HEAD:refs/assay/head", "+refs/heads/*:refs/heads/*"] };
  await fetchWith(format, folder, whole, transport, settings).catch((error: unknown) => {
    if (!isAssayError(error, "source/git-fault")) throw error;
    throw new AssayError(
      "source/git-fault",
      `cannot fetch ${withoutCredentials(url)}: ${error.details.text}`,
      error.details,
      { cause: error },
    );
  });
  await runGit([`--git-dir=${folder}`, "update-ref", "--no-deref", "HEAD", "refs/assay/head"], "none", settings);
  return await resolveCommit(folder, revision, settings);
}

async function fetchWith(
  format: ObjectFormat,
  folder: string,
  what: FetchRequest,
  transport: Transport,
  settings: GitSettings,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  // Versions of git that do not know the option know SHA-1 only.
  const asFormat = format === "sha1" ? [] : [`--object-format=${format}`];
  await runGit(["init", "--quiet", "--bare", "--template=", ...asFormat, "--", folder], "none", settings);
  const options = ["--quiet", "--no-recurse-submodules", "--no-write-fetch-head", what.option];
  const args = [`--git-dir=${folder}`, "fetch", ...options, "--end-of-options", what.url, ...what.refspecs];
  await runGit(args, transport, settings);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function prepareCache(cacheFolder: string): Promise<void> {
  try {
    makeFolder(cacheFolder);
    await access(cacheFolder, constants.W_OK);
    await removeStale(cacheFolder);
  } catch (cause) {
    throw new AssayError(
      "source/cache-fault",
      `cannot keep what is fetched in ${cacheFolder}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        "Set XDG_CACHE_HOME to a folder that can be written",
      { cacheFolder },
      { cause },
    );
  }
}

async function removeStale(cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    if (!name.startsWith("fetching-")) continue;
    const path = join(cacheFolder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > staleMilliseconds) await rm(path, { recursive: true, force: true });
  }
}
