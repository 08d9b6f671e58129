import { inputImages } from "../../environment/runnable.ts";
import { nativeProgramOf } from "../../machine/native/nativeProgram.ts";
import { WorkerSession, type WorkerSessionOptions } from "../../machine/native/node/workerSession.ts";
import type { ClaimableProgram } from "../../machine/program.ts";
import { type BuildRequest, type IdentifiedBuild, identifyBuild } from "./identifyBuild.ts";

/** A build in this process: nothing of it is claimed or kept. */
export interface LocalRun {
  readonly build: IdentifiedBuild;
  readonly claimable: ClaimableProgram;
  readonly session: WorkerSession;
}

/**
 * Starts the machine on a build; it runs when something is asked of it. The session is to be closed.
 * @param change is given the build before the machine is started.
 * @throws AssayError as `identifyBuild` does
 */
export async function startLocalRun(
  request: BuildRequest,
  change: (build: IdentifiedBuild) => Partial<WorkerSessionOptions> = () => ({}),
): Promise<LocalRun> {
  const build = await identifyBuild(request);
  const { environment, drive, dependencies } = build;
  const { program, drives } = await environment.open();
  const session = await WorkerSession.start({
    program: nativeProgramOf(program),
    drives: [...drives, ...inputImages(environment, drive, await dependencies?.read())],
    maxLog2StepsPerTick: environment.maxLog2StepsPerTick,
    fixedRegions: environment.fixedRegions,
    prefix: environment.sharedPrefix?.(drive),
    ...change(build),
  });
  return { build, claimable: program, session };
}
