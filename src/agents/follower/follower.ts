import { join } from "node:path";
import type { BuildResult } from "../../attestation/buildResult.ts";
import { isAssayError } from "../../core/errors.ts";
import { remoteRefs } from "../../source/node/remoteRefs.ts";
import { readTasks } from "../../tasks/node/readTasks.ts";
import type { Task } from "../../tasks/task.ts";
import { isFor } from "../../tasks/triggers.ts";
import type { Log } from "../log.ts";
import type { Job, Jobs } from "./jobs.ts";
import { type PublishOptions, publishResult } from "./publishResult.ts";
import { runTask, type TaskResult } from "./runTask.ts";

export interface FollowerOptions extends PublishOptions {
  /** `git+https/ssh/file` URLs. */
  readonly repositories: readonly string[];
  readonly stateFolder: string;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Most seconds that a task may take here. */
  readonly maxSeconds: number;
}

/** In the state folder: what tasks need while they run. */
export const tasksFolder = "tasks";

/**
 * Follows repositories: sees what branches and tags have come to lead to, runs the tasks that the commit describes, signs and
 * publishes the results, those of failures too. Only the commit at the tip of a ref is taken up, when it is seen; a branch that is
 * deleted is forgotten, one that is moved back is seen as any other move.
 */
export class Follower {
  /** What was said last of each repository's fault. */
  private readonly faults = new Map<string, string>();
  private failures = 0;

  constructor(private readonly options: FollowerOptions) {}

  /** How many tasks were given up: only those of this process, and of the one before if it was killed in them. */
  get failed(): number {
    return this.failures;
  }

  /** Takes up what the process before was killed in. To be called before the first `work`. */
  takeUp(): void {
    for (const { why, again, ...job } of this.options.jobs.takeUp()) this.sayFailed(job, why, again);
  }

  /** Looks at every repository once, or until it is asked to stop. @returns whether there is something new to do. */
  async look(): Promise<boolean> {
    let isNew = false;
    for (const repository of this.options.repositories) {
      try {
        if (await this.lookAt(repository)) isNew = true;
        if (this.faults.delete(repository)) this.options.log.info({ repository }, "can be read again");
      } catch (error) {
        if (this.options.signal.aborted) return isNew;
        const why = messageOf(error);
        if (this.faults.get(repository) !== why)
          this.options.log.warn({ repository, why }, "cannot be read: will try again");
        this.faults.set(repository, why);
      }
    }
    return isNew;
  }

  /** Runs the next job, if there is one. @returns whether there was. */
  async work(): Promise<boolean> {
    const { jobs, log, signal, maxSeconds, stateFolder } = this.options;
    const job = jobs.begin();
    if (job === undefined) return false;
    const { repository, commit, ref } = job;
    const facts = factsOf(job);
    log.info({ ...facts, ref }, "task started");
    const limit = AbortSignal.timeout(maxSeconds * 1000);
    try {
      const task = await this.taskOf(job);
      const done = await runTask(
        repository,
        commit,
        task,
        join(stateFolder, tasksFolder),
        AbortSignal.any([signal, limit]),
      );
      await publishResult(done, task, this.options);
      jobs.finish(job, done.result.finalRoot);
      log.info({ ...facts, ...summaryOf(done) }, succeeded(done) ? "task succeeded" : "task failed");
    } catch (error) {
      if (signal.aborted) {
        jobs.giveBack(job);
        log.info(facts, "task given back: it will be begun anew");
        return false;
      }
      const why = limit.aborted ? `it took more than ${maxSeconds} s` : messageOf(error);
      const forGood = limit.aborted || isAssayError(error, ...lasting);
      this.sayFailed(job, why, jobs.fail(job, why, forGood));
    }
    return true;
  }

  private sayFailed(job: Job, why: string, again: boolean): void {
    if (!again) this.failures++;
    this.options.log.warn({ ...factsOf(job), why, again }, "task came to no result");
  }

  private async lookAt(repository: string): Promise<boolean> {
    const { jobs, log, signal } = this.options;
    const refs = await remoteRefs(repository, { environment: process.env, timeoutSeconds: 60, signal });
    let isNew = false;
    for (const [ref, commit] of jobs.changed(repository, refs)) {
      const tasks = await this.tasksAt(repository, commit);
      const due = tasks.filter((task) => isFor(task, ref)).map(({ name }) => name);
      jobs.take(repository, ref, commit, due);
      log.info({ repository, ref, commit, tasks: due }, "a commit is seen");
      if (due.length > 0) isNew = true;
    }
    return isNew;
  }

  /** The tasks of a commit; none where its file is missing or wrong, which is logged. */
  private async tasksAt(repository: string, commit: string): Promise<readonly Task[]> {
    try {
      const { tasks, unmapped } = await readTasks(repository, commit, { signal: this.options.signal });
      if (unmapped.length > 0)
        this.options.log.warn({ repository, commit, unmapped }, "parts of a commit's tasks are not run");
      return tasks;
    } catch (error) {
      if (!isAssayError(error, ...lasting)) throw error;
      this.options.log.warn({ repository, commit, why: messageOf(error) }, "a commit has no tasks that can be read");
      return [];
    }
  }

  private async taskOf({ repository, commit, task: name }: Job): Promise<Task> {
    const { tasks } = await readTasks(repository, commit, { signal: this.options.signal });
    return tasks.find((task) => task.name === name)!;
  }
}

/** What a commit is like, and stays like: it is not tried again. */
const lasting = [
  ...(["tasks/bad-file", "tasks/no-file", "environment/unknown", "environment/bad-build"] as const),
  ...(["guest/bad-description", "guest/description-too-long", "guest/source-too-large"] as const),
  ...(["source/bad-path", "source/name-not-utf8", "source/path-too-long", "source/duplicate-path"] as const),
  ...(["source/path-conflict", "source/case-collision", "source/link-out-of-tree", "source/link-loop"] as const),
  ...([
    "source/bad-link",
    "source/submodule",
    "source/lfs-pointer",
    "source/too-large",
    "source/too-many-entries",
  ] as const),
  ...(["source/bad-object"] as const),
];

function factsOf({ repository, commit, task }: Job) {
  return { repository, commit, task };
}

function succeeded({ result, test }: TaskResult): boolean {
  return result.exitCode === 0 && test?.result !== "FAILED";
}

function summaryOf({ result, test }: TaskResult) {
  const { buildId, exitCode, ticks, artifact }: BuildResult = result;
  const tests = test && { ...test.counts, ...(test.faults.length > 0 && { faults: test.faults }) };
  return { build: buildId, exitCode, ticks, artifact: artifact?.sha256, ...(tests && { tests }) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
