import { AssayError, isAssayError } from "../../core/errors.ts";
import { changedPaths } from "../../source/node/changedPaths.ts";
import { readTasks } from "../../tasks/node/readTasks.ts";
import type { Task } from "../../tasks/task.ts";
import { asksForPaths, isFor, isTouched } from "../../tasks/triggers.ts";
import type { Log } from "../log.ts";
import type { Jobs } from "./jobs.ts";
import { type RepositoryRefs, withoutNamespace } from "./repositoryRefs.ts";

export interface LookOptions {
  readonly jobs: Jobs;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly refs: RepositoryRefs;
  /** Called as soon as there is something to do. */
  readonly onWork: () => void;
  /** For the list of refs, and for fetching a commit: a server that hangs does not hold its repository up for longer. */
  readonly timeouts?: { readonly listSeconds: number; readonly fetchSeconds: number } | undefined;
}

const defaultTimeouts = { listSeconds: 60, fetchSeconds: 120 };
/** Refs of one repository. */
const mostRefs = 50_000;

/**
 * Looks at a repository once: takes up the commits that its refs have come to lead to, and forgets refs that are gone. Of each ref
 * only the commit at its tip is taken up. One that cannot be fetched does not hold the others up: it is seen again at the next look.
 * @throws AssayError codes about git if the refs cannot be read, or none of what has changed
 */
export async function lookAt(repository: string, options: LookOptions): Promise<void> {
  const { jobs, log, signal, onWork, timeouts = defaultTimeouts } = options;
  const refs = await options.refs.read(repository, gitSettings(timeouts.listSeconds, signal));
  if (refs.size > mostRefs) {
    const text = `${repository} has ${refs.size} branches and tags, more than ${mostRefs}`;
    throw new AssayError("source/git-fault", text, { status: null, text });
  }
  jobs.forget(repository, refs);
  const changed = [...jobs.changed(repository, refs)];
  const faults: unknown[] = [];
  // Many tags may lead to one commit.
  const known = new Map<string, readonly Task[]>();
  for (const [ref, commit] of changed) {
    signal.throwIfAborted();
    try {
      const described = known.get(commit) ?? (await tasksAt(repository, commit, options));
      known.set(commit, described);
      const tasks = described.filter((task) => isFor(task, withoutNamespace(ref)));
      const paths = tasks.some(asksForPaths) ? await pathsChanged(repository, ref, commit, options) : undefined;
      const due = tasks.filter((task) => isTouched(task, paths)).map(({ name }) => name);
      const untouched = tasks.filter(({ name }) => !due.includes(name)).map(({ name }) => name);
      jobs.take(repository, ref, commit, due);
      log.info({ repository, ref, commit, tasks: due, ...(untouched.length > 0 && { untouched }) }, "a commit is seen");
      if (due.length > 0) onWork();
    } catch (error) {
      signal.throwIfAborted();
      faults.push(error);
      if (faults.length === mostFaults || isAssayError(error, "source/git-timeout-fault")) break;
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** A server that answers nothing is not asked for each of a thousand commits. */
const mostFaults = 3;

/** The tasks of a commit; none where its file is missing or wrong, which is logged. */
async function tasksAt(
  repository: string,
  commit: string,
  { log, signal, timeouts = defaultTimeouts }: LookOptions,
): Promise<readonly Task[]> {
  try {
    const { tasks, unmapped } = await readTasks(repository, commit, { signal, timeoutSeconds: timeouts.fetchSeconds });
    if (unmapped.length > 0) log.warn({ repository, commit, unmapped }, "parts of a commit's tasks are not run");
    return tasks;
  } catch (error) {
    if (!isAssayError(error, ...lasting)) throw error;
    log.warn({ repository, commit, why: error.message }, "a commit has no tasks that can be read");
    return [];
  }
}

/** The paths that are not as they were in the commit that the ref led to before; undefined where there is none to compare with. */
async function pathsChanged(
  repository: string,
  ref: string,
  commit: string,
  { jobs, signal, timeouts = defaultTimeouts }: LookOptions,
): Promise<readonly string[] | undefined> {
  const former = jobs.commitOf(repository, ref);
  if (former === undefined) return undefined;
  try {
    return await changedPaths(repository, former, commit, { signal, timeoutSeconds: timeouts.fetchSeconds });
  } catch (error) {
    if (isAssayError(error, ...lasting, "source/unknown-revision")) return undefined;
    throw error;
  }
}

function gitSettings(timeoutSeconds: number, signal: AbortSignal) {
  return { environment: process.env, timeoutSeconds, signal };
}

/** What a commit is like, and stays like: it is not tried again. */
export const lasting = [
  ...(["tasks/bad-file", "tasks/no-file", "environment/unknown", "environment/bad-build"] as const),
  ...(["guest/bad-description", "guest/description-too-long", "guest/source-too-large"] as const),
  ...(["source/bad-path", "source/name-not-utf8", "source/path-too-long", "source/duplicate-path"] as const),
  ...(["source/path-conflict", "source/case-collision", "source/link-out-of-tree", "source/link-loop"] as const),
  ...(["source/bad-link", "source/submodule", "source/lfs-pointer", "source/too-large"] as const),
  ...(["source/too-many-entries", "source/bad-object", "source/unsupported-mode"] as const),
  ...(["radicle/unreachable-commit"] as const),
];
