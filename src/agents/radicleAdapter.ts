import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunRequest } from "../radicle/brokerMessages.ts";
import type { FollowedRefsOptions } from "../radicle/node/radicleRefs.ts";
import { checkRunnable } from "../radicle/node/runnable.ts";
import { readTasks } from "../tasks/node/readTasks.ts";
import type { Task } from "../tasks/task.ts";
import { isFor } from "../tasks/triggers.ts";
import { type PublishOptions, publishResult } from "./follower/publishResult.ts";
import { runTask, succeeded, summaryOf } from "./follower/runTask.ts";
import type { Log } from "./log.ts";

export interface AdapterOptions extends PublishOptions, Pick<FollowedRefsOptions, "private"> {
  readonly stateFolder: string;
  /** Most seconds that a task may take. */
  readonly maxSeconds: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** In the state folder: what runs need while they last. Not a follower's, which removes its own when it starts. */
const runsFolder = "runs";
/** What a run that was killed has left is removed after so long, and no sooner than any run may last. */
const staleSeconds = 24 * 3600;

/**
 * Runs the tasks of the commit that the CI broker names: those for the branch that was pushed, or for the default branch if it is a
 * patch. Results are signed and published as a follower's are, those of failures too.
 * @returns whether all have succeeded; also if there is none for this branch. A commit without a file of tasks has failed.
 */
export async function runRequest(request: RunRequest, options: AdapterOptions): Promise<boolean> {
  const { log, signal, stateFolder, maxSeconds } = options;
  const { repository, commit, event, branch } = request;
  const facts = { repository, commit };
  log.info({ ...facts, event, branch }, "run started");
  let due: readonly Task[];
  try {
    await removeStale(join(stateFolder, runsFolder), Math.max(staleSeconds, 2 * maxSeconds));
    await checkRunnable(request, options.private, { environment: process.env, timeoutSeconds: 600, signal });
    const { tasks, unmapped } = await readTasks(repository, commit, { signal });
    if (unmapped.length > 0) log.warn({ ...facts, unmapped }, "parts of a commit's tasks are not run");
    due = tasks.filter((task) => isFor(task, `refs/heads/${branch}`));
  } catch (error) {
    log.error({ ...facts, why: messageOf(error) }, "run came to no result");
    return false;
  }
  if (due.length === 0) log.info({ ...facts, branch }, "no task is for this branch");
  let hasSucceeded = true;
  for (const task of due) if (!(await runOne(request, task, options))) hasSucceeded = false;
  return hasSucceeded;
}

/** @returns whether it has succeeded. One that comes to no result lets the others run. */
async function runOne({ repository, commit }: RunRequest, task: Task, options: AdapterOptions): Promise<boolean> {
  const { log, signal, stateFolder } = options;
  const facts = { repository, commit, task: task.name };
  const seconds = Math.min(options.maxSeconds, task.limits.seconds ?? options.maxSeconds);
  const limit = AbortSignal.timeout(seconds * 1000);
  try {
    const folder = join(stateFolder, runsFolder);
    const done = await runTask(repository, commit, task, folder, AbortSignal.any([signal, limit]));
    await publishResult(done, task, options);
    log.info({ ...facts, ...summaryOf(done) }, succeeded(done) ? "task succeeded" : "task failed");
    return succeeded(done);
  } catch (error) {
    const why = limit.aborted ? `it took more than ${seconds} s` : messageOf(error);
    log.error({ ...facts, why }, "task came to no result");
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function removeStale(folder: string, seconds: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && Date.now() - facts.mtimeMs > seconds * 1000)
      await rm(path, { recursive: true, force: true });
  }
}
