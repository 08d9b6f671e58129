import type { Missing } from "../agents/consoleLog.ts";
import { type FinishedLocalRun, finishLocalRun } from "../build/node/finishedLocalRun.ts";
import {
  forecastInWords,
  forecastOf,
  type RunCost,
  rememberRun,
  secondsLeft,
  timeInWords,
} from "../build/node/forecast.ts";
import type { BuildRequest, IdentifiedBuild } from "../build/node/identifyBuild.ts";
import { startLocalRun } from "../build/node/localRun.ts";
import { BuildConsole } from "./buildConsole.ts";
import type { Output } from "./output.ts";

/** A build that has been run here. */
export interface LocalBuild {
  readonly request: BuildRequest;
  readonly build: IdentifiedBuild;
  readonly finished: FinishedLocalRun;
  /** The file with what it has printed; undefined if that is nothing. */
  readonly log: string | undefined;
  /** What was printed and is not in the log; undefined when all of it is. */
  readonly missing: Missing | undefined;
}

/**
 * Runs a build here, with its progress and console on stderr.
 * @param use is given the result while the machine is still there.
 */
export async function withLocalBuild<T>(
  request: BuildRequest,
  showConsole: boolean,
  output: Output,
  use: (local: LocalBuild) => Promise<T>,
): Promise<T> {
  const progress = output.progress("build");
  const shown = new BuildConsole(progress, showConsole);
  const local = await startLocalRun(request, (identified) => shown.follow(identified));
  try {
    const { environment } = local.build;
    const { command } = request;
    const forecast = await forecastOf(request, environment);
    if (command !== undefined && environment.describeLimits) output.note(environment.describeLimits(command));
    for (const line of forecastInWords(forecast, environment.instructionsPerTick ?? 1)) output.note(line);
    const limit = command && environment.tickLimitOf?.(command);
    const finished = await finishLocalRun(local, (done) => progress.update(whereItIs(done, limit, forecast.earlier)));
    progress.end();
    await rememberRun(request, environment, finished);
    shown.end(finished.outputs);
    return await use({ request, build: local.build, finished, log: shown.file, missing: shown.missing });
  } finally {
    progress.end();
    shown.close();
    await local.session.close();
  }
}

/** How far a run is, and what is left of it if it takes what it took before. */
function whereItIs(done: RunCost, limit: bigint | undefined, earlier: RunCost | undefined): string {
  const left = secondsLeft(earlier, done);
  const most = left === undefined ? limit : undefined;
  return [
    `${done.ticks} ticks${most === undefined ? "" : ` of at most ${most}`}${left === undefined ? "" : ` of some ${earlier!.ticks}`}`,
    `${done.seconds.toFixed(0)} s`,
    ...(left === undefined ? [] : [`about ${timeInWords(left)} to go`]),
  ].join(", ");
}
