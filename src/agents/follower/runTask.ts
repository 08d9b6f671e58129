import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BuildResult } from "../../attestation/buildResult.ts";
import type { Signer } from "../../attestation/keys.ts";
import { buildResultOf, bytesOfCheckpoints } from "../../build/node/buildResult.ts";
import { filesInTar } from "../../build/node/filesInTar.ts";
import { type FinishedLocalRun, finishLocalRun } from "../../build/node/finishedLocalRun.ts";
import type { BuildRequest } from "../../build/node/identifyBuild.ts";
import { startLocalRun } from "../../build/node/localRun.ts";
import { lockedDependencies } from "../../build/node/lockedDependencies.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { withoutCredentials } from "../../source/location.ts";
import { commandOf } from "../../tasks/command.ts";
import { type TestOutcome, testOutcomeOf } from "../../tasks/results/testOutcome.ts";
import type { Task } from "../../tasks/task.ts";
import { mostLogBytes } from "../../tasks/taskSchema.ts";
import { ConsoleLog } from "../consoleLog.ts";

/** The result of a task, and what others need to look at it and to run it again. */
export interface TaskResult {
  readonly result: BuildResult;
  /** The key by which the signer of the result shows that it was run here. */
  readonly executionKey: Signer;
  /** What the build is made of. */
  readonly input: Uint8Array;
  readonly artifact: Uint8Array | undefined;
  readonly checkpoints: Uint8Array | undefined;
  /** What it has printed; undefined if that is nothing, or more than `mostLogBytes`. */
  readonly log: Uint8Array | undefined;
  /** Of a test: what its tests have come to. */
  readonly test: TestOutcome | undefined;
}

/** The build that a task is, of one source. */
export function requestOf(source: string, revision: string | undefined, task: Task): BuildRequest {
  const { environment, variables, tickLimit } = task;
  const command = commandOf(task);
  return {
    ...{ source, revision, environment },
    ...(command !== undefined && {
      command: { ...command, variables, ...(tickLimit !== undefined && { tickLimit: BigInt(tickLimit) }) },
    }),
  };
}

/** What the tests of a task have come to; undefined if it is not a test. @param log all that it has printed. */
export async function outcomeOf({ kind, results }: Task, finished: FinishedLocalRun, log: Uint8Array | undefined) {
  if (kind !== "test") return undefined;
  const reports = results.length === 0 ? undefined : await filesInTar(finished.outputs?.reports);
  return testOutcomeOf(finished.record.exitCode, log, reports);
}

/**
 * Runs a task in the machine, where the project's code reaches nothing of this host.
 * @param folder for what is kept while it runs. @param signal ends it.
 */
export async function runTask(
  repository: string,
  commit: string,
  task: Task,
  folder: string,
  signal: AbortSignal,
): Promise<TaskResult> {
  const plain = requestOf(repository, commit, task);
  const request = { ...plain, dependencies: await lockedDependencies(plain, { signal }) };
  makeFolder(folder);
  const scratch = await mkdtemp(join(folder, "task-"));
  let console: ConsoleLog | undefined;
  try {
    const { session, build } = await startLocalRun(request, ({ environment }) => {
      if (environment.console === undefined) return {};
      console = new ConsoleLog(join(scratch, "console.log"), mostLogBytes);
      return { console: { ring: environment.console, onOutput: console.write } };
    });
    try {
      const finished = await finishLocalRun({ session, build }, () => {}, signal);
      if (finished.outputs !== undefined) console?.cutTo(finished.outputs.log);
      console?.close();
      const log = await readLog(console);
      const result = await buildResultOf(
        { request, build, finished, log: log && console!.file },
        withoutCredentials(repository),
      );
      const artifact = result.artifact === undefined ? undefined : await finished.readArtifact();
      const checkpoints = result.checkpoints && bytesOfCheckpoints(finished.checkpoints);
      const test = await outcomeOf(task, finished, log);
      const executionKey = await finished.executionKey();
      return { result, executionKey, input: build.drive, artifact, checkpoints, log, test };
    } finally {
      await session.close();
    }
  } finally {
    console?.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A complete log; undefined if nothing was printed, or some of it is missing. */
async function readLog(console: ConsoleLog | undefined): Promise<Uint8Array | undefined> {
  const missing = console?.missing;
  if (console === undefined || missing === undefined || missing.lost + missing.cut > 0) return undefined;
  return await readFile(console.file).catch(() => undefined);
}

/** Whether its command has, and all of its tests where it has some. */
export function succeeded({ result, test }: TaskResult): boolean {
  return result.exitCode === 0 && test?.result !== "FAILED";
}

/** What is logged of it. */
export function summaryOf({ result, test }: TaskResult) {
  const { buildId, exitCode, ticks, artifact }: BuildResult = result;
  const tests = test && { ...test.counts, ...(test.faults.length > 0 && { faults: test.faults }) };
  return { build: buildId, exitCode, ticks, artifact: artifact?.sha256, ...(tests && { tests }) };
}
