import type { InjectedFault } from "../../agents/faults/injectedFault.ts";
import { machineFault } from "../../agents/faults/machineFault.ts";
import type { BuildResult } from "../../attestation/buildResult.ts";
import { finishLocalRun } from "../../build/node/finishedLocalRun.ts";
import type { BuildRequest } from "../../build/node/identifyBuild.ts";
import { type LocalRun, startLocalRun } from "../../build/node/localRun.ts";
import { AssayError } from "../../core/errors.ts";
import { dependenciesOf } from "../buildDependencies.ts";
import { type PartingInside, partingOf } from "../commands/trace.ts";
import type { KnownStates } from "./checkpointParting.ts";

/** What running a result's build here has come to. */
export interface Rerun extends KnownStates {
  readonly ticks: number;
  /** Undefined if the build fails. */
  readonly artifactSha256: string | undefined;
  /** Where a run with the given fault parts from a right one; null if it does not. */
  readonly parting?: PartingInside | null | undefined;
}

export interface RerunOptions {
  /** Where the source is read, if not where the result says. */
  readonly source: string | undefined;
  readonly faults: readonly InjectedFault[];
  readonly onTicks: (ticks: number) => void;
}

/** Instructions that are shown before and after the step at which two traces part. */
const around = 5;

/**
 * Runs a result's build here.
 * @throws AssayError `cli/bad-argument` if what is read there is another build; as `identifyBuild`
 */
export async function rerun(result: BuildResult, { source, faults, onTicks }: RerunOptions): Promise<Rerun> {
  const plain = requestOf(result, source);
  const request = result.dependencies ? { ...plain, dependencies: await dependenciesOf(plain) } : plain;
  const run = await startLocalRun(request);
  try {
    if (run.build.buildId !== result.buildId) {
      const message = `${request.source} is the build ${run.build.buildId}, the result is of ${result.buildId}: name its source with --source`;
      throw new AssayError("cli/bad-argument", message);
    }
    const { record, finalRoot, ticks, checkpoints } = await finishLocalRun(run, (done) => onTicks(done.ticks));
    const { log2CheckpointTicks: log2Ticks, roots } = checkpoints;
    const artifactSha256 = record.exitCode === 0 ? record.artifactSha256.slice(2) : undefined;
    const parting = faults.length === 0 ? undefined : await partingOfFault(run, request, faults);
    return { log2Ticks, roots, finalRoot, ticks, artifactSha256, parting };
  } finally {
    await run.session.close();
  }
}

async function partingOfFault(
  right: LocalRun,
  request: BuildRequest,
  faults: readonly InjectedFault[],
): Promise<PartingInside | null> {
  const wrong = await startLocalRun(request, ({ environment, drive }) => {
    const fault = machineFault(faults, environment, drive);
    return fault === undefined ? {} : { fault };
  });
  try {
    const parting = await partingOf(right, wrong, { around });
    return parting === "start" ? null : (parting ?? null);
  } finally {
    await wrong.session.close();
  }
}

function requestOf({ source, environment, command }: BuildResult, location: string | undefined): BuildRequest {
  if (location === undefined && !/^git\+[a-z]+:\/\//.test(source.uri)) {
    throw new AssayError(
      "cli/bad-argument",
      `the result does not say where its source is (${source.uri}): name it with --source`,
    );
  }
  return {
    source: location ?? source.uri,
    revision: source.digest.gitCommit,
    git: source.gitFolder,
    environment: environment.id,
    ...(command !== undefined && {
      command: {
        ...{ command: command.run, outputs: command.outputs, variables: command.variables },
        ...(command.reports !== undefined && { reports: command.reports }),
        ...(command.user !== undefined && { user: command.user }),
        ...(command.tickLimit !== undefined && { tickLimit: BigInt(command.tickLimit) }),
      },
    }),
  };
}
