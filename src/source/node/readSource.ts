import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cacheFolder as userCacheFolder } from "../../core/node/cacheFolder.ts";
import { driveCapacity, encodeDrive } from "../drive.ts";
import { sourceError } from "../errors.ts";
import { parseLocation, withoutCredentials } from "../location.ts";
import type { Source, SourceDescription, SourceTree } from "../source.ts";
import { fetchCommit } from "./fetchRepository.ts";
import type { GitSettings } from "./gitProcess.ts";
import { findGitDirectory, readCommit, resolveCommit } from "./gitRepository.ts";
import { readDirectory } from "./readDirectory.ts";
import { refuseSpecialFiles } from "./specialFiles.ts";

export interface ReadSourceOptions {
  /** Branch, tag or commit; `HEAD` when missing. Only for repositories. */
  readonly revision?: string;
  /** First component of every path in the archive. */
  readonly name?: string;
  /** Where remote repositories are kept; by default below the user's cache folder. */
  readonly cacheFolder?: string;
  /** For each run of git: 600 when missing. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
  /** Instead of the process's own; `SOURCE_DATE_EPOCH` is read from it. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Bytes the input drive holds. */
  readonly capacity?: number;
  /** How the drive holds a tree; `encodeDrive` when missing. */
  readonly encode?: (tree: SourceTree, capacity: number) => Uint8Array;
}

/**
 * Turns a path or URL into an input drive (README, "What is taken from where"). Uncommitted changes of a repository are not
 * part of it: its commit is.
 * @throws AssayError one of the `source/...` codes
 */
export async function readSource(location: string, options: ReadSourceOptions = {}): Promise<Source> {
  const parsed = parseLocation(location, options.revision);
  const environment = options.environment ?? process.env;
  const settings: GitSettings = {
    environment,
    timeoutSeconds: options.timeoutSeconds ?? 600,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  if (parsed.kind === "remote") {
    const cacheFolder = options.cacheFolder ?? join(userCacheFolder(environment), "sources");
    const { url, transport, revision } = parsed;
    const fetched = await fetchCommit(url, transport, revision, cacheFolder, settings);
    const shown = `git+${withoutCredentials(url)}`;
    return await gitSource(fetched.gitDirectory, fetched.commit, shown, revision, options, settings);
  }

  const path = resolve(parsed.path);
  const stats = await stat(path).catch((cause: unknown) => {
    throw sourceError(
      "source/not-found",
      `cannot read ${JSON.stringify(path)}: is there such a directory?`,
      { path },
      cause,
    );
  });
  if (!stats.isDirectory()) throw sourceError("source/not-found", `${JSON.stringify(path)} is no directory`, { path });
  const gitDirectory = await findGitDirectory(path);
  if (gitDirectory !== undefined) {
    const revision = parsed.revision ?? "HEAD";
    await refuseSpecialFiles(gitDirectory);
    const commit = await resolveCommit(gitDirectory, revision, settings);
    return await gitSource(gitDirectory, commit, path, revision, options, settings);
  }
  if (parsed.revision !== undefined) {
    throw sourceError(
      "source/bad-revision",
      `${JSON.stringify(path)} is no git repository, so it has no revision ${JSON.stringify(parsed.revision)}`,
      { path, revision: parsed.revision },
    );
  }
  return await directorySource(path, options, environment);
}

async function gitSource(
  gitDirectory: string,
  commit: string,
  location: string,
  revision: string,
  options: ReadSourceOptions,
  settings: GitSettings,
): Promise<Source> {
  const capacity = options.capacity ?? driveCapacity;
  const { tree, time, entries } = await readCommit(gitDirectory, commit, capacity, settings);
  const name = options.name ?? `source-${commit.slice(0, 12)}`;
  return sourceOf({ name, time, entries }, options, { kind: "git", location, revision, commit, tree });
}

async function directorySource(
  path: string,
  options: ReadSourceOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Source> {
  const capacity = options.capacity ?? driveCapacity;
  const epoch = environment.SOURCE_DATE_EPOCH || "0";
  if (!/^[0-9]{1,15}$/.test(epoch)) {
    throw sourceError("source/bad-time", `SOURCE_DATE_EPOCH must be seconds since 1970, got ${JSON.stringify(epoch)}`, {
      time: epoch,
    });
  }
  const entries = await readDirectory(path, capacity, options.signal);
  const tree = { name: options.name ?? "source", time: Number(epoch), entries };
  return sourceOf(tree, options, { kind: "directory", location: path });
}

type Origin =
  | { kind: "git"; location: string; revision: string; commit: string; tree: string }
  | { kind: "directory"; location: string };

function sourceOf(
  tree: SourceTree,
  { encode = encodeDrive, capacity = driveCapacity }: ReadSourceOptions,
  origin: Origin,
): Source {
  const drive = encode(tree, capacity);
  const facts = { name: tree.name, time: tree.time, entries: tree.entries.length, driveSize: drive.length };
  const description: SourceDescription = { ...origin, ...facts };
  return { drive, description };
}
