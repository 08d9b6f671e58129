import type { InjectedFault } from "../agents/faults/injectedFault.ts";
import { machineFault } from "../agents/faults/machineFault.ts";
import { nativeProgramOf } from "../machine/native/nativeProgram.ts";
import { WorkerSession, type WorkerSessionOptions } from "../machine/native/node/workerSession.ts";
import type { ClaimableProgram } from "../machine/program.ts";
import { type BuildOptions, type IdentifiedSource, identifySource } from "./buildOptions.ts";

/** A build in this process: nothing of it is claimed or kept. */
export interface LocalRun {
  readonly source: IdentifiedSource;
  readonly claimable: ClaimableProgram;
  readonly session: WorkerSession;
}

/**
 * Starts the machine on a source; it runs when something is asked of it. The session is to be closed.
 * @param change is given the source before the machine is started.
 */
export async function startLocalRun(
  location: string,
  options: BuildOptions,
  faults: readonly InjectedFault[] = [],
  change: (source: IdentifiedSource) => Partial<WorkerSessionOptions> = () => ({}),
): Promise<LocalRun> {
  const source = await identifySource(location, options);
  const { environment, maxLog2StepsPerTick } = source.environment;
  const { program, drives } = await source.environment.open();
  const fault = machineFault(faults, environment, source.drive);
  const session = await WorkerSession.start({
    program: nativeProgramOf(program),
    drives: [...drives, { ...environment.drive, bytes: source.drive }],
    maxLog2StepsPerTick,
    prefix: source.environment.sharedPrefix?.(source.drive),
    ...(fault !== undefined && { fault }),
    ...change(source),
  });
  return { source, claimable: program, session };
}
