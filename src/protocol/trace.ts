import type { Root } from "../core/bytes.ts";
import type { Range } from "./challenge.ts";

/** Proof that a state root holds a registers leaf: `root = H(H(keccak(registers), stackRoot), rest)`. */
export interface RegistersProof {
  /** The 128-byte registers leaf. */
  readonly registers: Uint8Array;
  readonly stackRoot: Root;
  /** Root over globals, table, code and memory. */
  readonly rest: Root;
}

/** What a solver reveals about one tick. */
export interface TickOpening {
  /** The smallest value for which 2^log2Steps steps from `resume(start)` reach the tick's end. */
  readonly log2Steps: number;
  /** Registers of the state before the tick. */
  readonly start: RegistersProof;
  /** Registers of the state after it; their status is not `running`. */
  readonly end: RegistersProof;
}

/**
 * One party's own view of a build's trace. Game logic sees nothing else of the machine. Ticks and steps are integers below
 * 2^41; states beyond the end of the run, or of a tick, are fixed points. Implementations may be slow, and batch.
 */
export interface Trace {
  /** State roots after each of the given numbers of ticks (0 is the build id). */
  tickRoots(ticks: readonly number[]): Promise<Root[]>;
  /** Opens tick number `tick`: the one that leads from state `tick` to state `tick + 1`. */
  openTick(tick: number): Promise<TickOpening>;
  /** State roots inside tick number `tick` after each of the given numbers of steps; 0 is `resume` of its start. */
  stepRoots(tick: number, steps: readonly number[]): Promise<Root[]>;
  /** Witness of the step that leads from step state `step` to `step + 1` of tick number `tick` (format: machine). */
  stepWitness(tick: number, step: number): Promise<Uint8Array>;
}

/** A trace's state roots at the level of a range, after the given numbers of ticks or steps. */
export async function rangeRoots(trace: Trace, { level, tick }: Range, at: readonly number[]): Promise<Root[]> {
  if (at.length === 0) return [];
  return level === "ticks" ? await trace.tickRoots(at) : await trace.stepRoots(tick, at);
}
