import type { InjectedFault } from "../agents/fault.ts";
import { machineFault } from "../agents/machineRunner.ts";
import { loadClaimable } from "../machine/claimable.ts";
import { nativeProgramOf } from "../machine/native/nativeProgram.ts";
import { WorkerSession } from "../machine/native/node/workerSession.ts";
import type { ClaimableProgram } from "../machine/program.ts";
import { readProgram } from "../programs/node/readProgram.ts";
import { type IdentifiedSource, identifySource, programNamed } from "./programs.ts";

/** A build in this process: nothing of it is claimed or kept. */
export interface LocalRun {
  readonly source: IdentifiedSource;
  readonly claimable: ClaimableProgram;
  readonly session: WorkerSession;
}

/** Starts the machine on a source; it runs when something is asked of it. The session is to be closed. */
export async function startLocalRun(
  location: string,
  revision: string | undefined,
  programName: string,
  faults: readonly InjectedFault[] = [],
): Promise<LocalRun> {
  const program = programNamed(programName);
  const source = await identifySource(location, revision, program);
  const claimable = loadClaimable(await readProgram(program));
  const fault = machineFault(faults, program, source.drive);
  const session = await WorkerSession.start({
    program: nativeProgramOf(claimable),
    drives: [{ ...program.inputDrive, bytes: source.drive }],
    ...(fault !== undefined && { fault }),
  });
  return { source, claimable, session };
}
