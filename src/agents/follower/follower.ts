import { join } from "node:path";
import type { Envelope } from "../../attestation/dsse.ts";
import { isAssayError } from "../../core/errors.ts";
import { readTasks } from "../../tasks/node/readTasks.ts";
import type { Task } from "../../tasks/task.ts";
import type { Log } from "../log.ts";
import { addResultNotes } from "../notes.ts";
import type { Job, Jobs } from "./jobs.ts";
import { lasting } from "./look.ts";
import { type PublishOptions, publishResult } from "./publishResult.ts";
import { runTask, succeeded, summaryOf } from "./runTask.ts";

export interface FollowerOptions extends PublishOptions {
  /** `git+https/ssh/file` URLs, and `rad:z...`. */
  readonly repositories: readonly string[];
  readonly stateFolder: string;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Most seconds that a task may take here. */
  readonly maxSeconds: number;
  /** Seconds after which a job that came to no result is begun again; the second time twice as many. */
  readonly restSeconds: number;
  /** Whether results are added to the repositories' notes too. */
  readonly notes: boolean;
}

const notesSeconds = 120;

/** In the state folder: what tasks need while they run. */
export const tasksFolder = "tasks";

/** Runs the tasks that wait: signs and publishes the results, those of failures too. */
export class Follower {
  private failures = 0;
  /** Until when, in milliseconds since 1970, jobs are left alone that came to no result. */
  private readonly resting = new Map<number, number>();

  constructor(private readonly options: FollowerOptions) {}

  /** How many tasks were given up: only those of this process, and of the one before if it was killed in them. */
  get failed(): number {
    return this.failures;
  }

  /** Takes up what the process before was killed in. To be called before the first `work`. */
  takeUp(): void {
    for (const { why, again, ...job } of this.options.jobs.takeUp()) this.sayFailed(job, why, again);
  }

  /** Runs the next job, if there is one. Several calls at a time run several. @returns whether there was one. */
  async work(): Promise<boolean> {
    const { jobs, log, signal, maxSeconds, stateFolder } = this.options;
    const job = jobs.begin(this.restingNow());
    if (job === undefined) return false;
    const { repository, commit, ref } = job;
    const facts = factsOf(job);
    log.info({ ...facts, ref }, "task started");
    let seconds = maxSeconds;
    let limit = AbortSignal.timeout(seconds * 1000);
    try {
      const task = await this.taskOf(job, AbortSignal.any([signal, limit]));
      seconds = Math.min(seconds, task.limits.seconds ?? seconds);
      limit = AbortSignal.timeout(seconds * 1000);
      const done = await runTask(
        repository,
        commit,
        task,
        join(stateFolder, tasksFolder),
        AbortSignal.any([signal, limit]),
      );
      const onFault = (url: string, why: string) =>
        log.warn({ ...facts, url, why }, "not published there: `assay store push` brings what is missing");
      const envelopes = await publishResult(done, task, { ...this.options, onFault });
      jobs.finish(job, done.result.finalRoot);
      log.info({ ...facts, ...summaryOf(done) }, succeeded(done) ? "task succeeded" : "task failed");
      if (this.options.notes) await this.writeNotes(job, envelopes);
    } catch (error) {
      if (signal.aborted) {
        jobs.giveBack(job);
        log.info(facts, "task given back: it will be begun anew");
        return false;
      }
      const why = limit.aborted ? `it took more than ${seconds} s` : messageOf(error);
      const forGood = limit.aborted || isAssayError(error, ...lasting);
      const again = jobs.fail(job, why, forGood);
      if (again) this.resting.set(job.id, Date.now() + this.options.restSeconds * 1000 * 2 ** (job.tries - 1));
      this.sayFailed(job, why, again);
    }
    return true;
  }

  private sayFailed(job: Job, why: string, again: boolean): void {
    if (!again) this.failures++;
    this.options.log.warn({ ...factsOf(job), why, again }, "task came to no result");
  }

  /** Notes are one more way for a result that is published already: what stands in their way is said, and nothing else. */
  private async writeNotes({ repository, commit, task }: Job, envelopes: readonly Envelope[]): Promise<void> {
    const { signal, log } = this.options;
    try {
      await addResultNotes(repository, envelopes, { environment: process.env, timeoutSeconds: notesSeconds, signal });
    } catch (error) {
      if (!signal.aborted) log.warn({ repository, commit, task, why: messageOf(error) }, "notes could not be written");
    }
  }

  private restingNow(): number[] {
    const now = Date.now();
    for (const [id, until] of this.resting) if (until <= now) this.resting.delete(id);
    return [...this.resting.keys()];
  }

  private async taskOf({ repository, commit, task: name }: Job, signal: AbortSignal): Promise<Task> {
    const { tasks } = await readTasks(repository, commit, { signal });
    return tasks.find((task) => task.name === name)!;
  }
}

function factsOf({ repository, commit, task }: Job) {
  return { repository, commit, task };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
