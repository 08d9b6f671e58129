import type { Root } from "../../../src/core/bytes.ts";
import { CheckpointTree, checkpointCount } from "../../../src/protocol/checkpoints.ts";
import type { ClaimFields, Outcome } from "../../../src/protocol/claim.ts";
import type { RegistersProof, Trace } from "../../../src/protocol/trace.ts";

/** Where a run leaves the truth: after `step` steps of tick `tick` (1 or more) the state is another one. */
export interface FaultPlace {
  readonly tick: number;
  readonly step: number;
}

/** A trace that can be claimed: of the true run, or of one with a fault. */
export interface GameTrace extends Trace {
  /** Number of ticks until the run ends. */
  readonly ticks: number;
  /** Number of steps of a tick. */
  steps(tick: number): number;
  /** Registers of the state after `step` steps of a tick, for showing it where it does not belong. */
  stepProof(tick: number, step: number): RegistersProof;
  /** Shows that the first state is ready. */
  startProof(): RegistersProof;
  /** Shows that the last state is an end, in the format of the step verifier. */
  endProof(): Uint8Array;
  /** What the last state says about the build. */
  outcome(): Outcome;
}

/** A build and all the stories that can be told about it. */
export interface World {
  readonly truth: GameTrace;
  /** A run that obeys the rules but for one state. */
  faulty(place: FaultPlace): GameTrace;
}

/** The fields of a claim to a trace. */
export async function fieldsOf(trace: GameTrace, log2Ticks: number, log2CheckpointTicks: number): Promise<ClaimFields> {
  const [buildId, finalRoot] = await trace.tickRoots([0, 2 ** log2Ticks]);
  return {
    buildId: buildId!,
    finalRoot: finalRoot!,
    log2Ticks,
    log2CheckpointTicks,
    checkpointRoot: new CheckpointTree({ roots: await checkpointRoots(trace, log2Ticks, log2CheckpointTicks) }).root,
    locator: "",
    outcome: trace.outcome(),
  };
}

/** The checkpoint list that goes with them. */
export async function checkpointRoots(
  trace: Trace,
  log2Ticks: number,
  log2CheckpointTicks: number,
): Promise<readonly Root[]> {
  const count = checkpointCount(log2Ticks, log2CheckpointTicks);
  return trace.tickRoots(Array.from({ length: count }, (_, i) => (i + 1) * 2 ** log2CheckpointTicks));
}
