import type { Root } from "../../src/core/bytes.ts";
import type { TickOpening, Trace } from "../../src/protocol/trace.ts";
import {
  type ToyProgram,
  type ToyState,
  toyProof,
  toyResume,
  toyRoot,
  toyStart,
  toyStep,
  toyWitness,
} from "./toyMachine.ts";

/** Changes the state that is reached after `step` steps of tick `tick`; the run goes on from there by the rules. */
export interface ToyFault {
  readonly tick: number;
  readonly step: number;
  readonly change: (state: ToyState) => ToyState;
}

/** Every state of a toy program, kept: of the true run, or of one with faults. */
export class ToyTrace implements Trace {
  /** States at the ticks' ends; the last one is halted. */
  readonly ends: ToyState[];
  readonly #steps: ToyState[][] = [];
  readonly #roots = new Map<ToyState, Root>();

  constructor(
    readonly program: ToyProgram,
    readonly faults: readonly ToyFault[] = [],
  ) {
    this.ends = [toyStart(program)];
    for (let tick = 0; tick < program.ticks; tick++) this.#runTick(tick);
  }

  #runTick(tick: number): void {
    const states = [toyResume(this.ends[tick]!)];
    for (let step = 1; step <= this.program.maxSteps; step++) {
      let state = toyStep(states.at(-1)!);
      for (const fault of this.faults) {
        if (fault.tick === tick && fault.step === step) state = fault.change(state);
      }
      if (state === states.at(-1)) break;
      states.push(state);
    }
    this.#steps.push(states);
    this.ends.push(states.at(-1)!);
  }

  /** State after `tick` ticks. */
  tickState(tick: number): ToyState {
    return this.ends[Math.min(tick, this.ends.length - 1)]!;
  }

  /** State after `step` steps of tick `tick`. */
  stepState(tick: number, step: number): ToyState {
    const states = this.#steps[tick] ?? [this.ends.at(-1)!];
    return states[Math.min(step, states.length - 1)]!;
  }

  rootOf(state: ToyState): Root {
    const known = this.#roots.get(state) ?? toyRoot(state);
    this.#roots.set(state, known);
    return known;
  }

  async tickRoots(ticks: readonly number[]): Promise<Root[]> {
    return ticks.map((tick) => this.rootOf(this.tickState(tick)));
  }

  async openTick(tick: number): Promise<TickOpening> {
    const states = this.#steps[tick] ?? [this.ends.at(-1)!];
    const log2Steps = Math.ceil(Math.log2(Math.max(1, states.length - 1)));
    return { log2Steps, start: toyProof(this.tickState(tick)), end: toyProof(this.tickState(tick + 1)) };
  }

  async stepRoots(tick: number, steps: readonly number[]): Promise<Root[]> {
    return steps.map((step) => this.rootOf(this.stepState(tick, step)));
  }

  async stepWitness(tick: number, step: number): Promise<Uint8Array> {
    return toyWitness(this.stepState(tick, step));
  }
}

/** A fault that changes nothing but the digest, so that the run keeps its shape. */
export function flip(tick: number, step: number): ToyFault {
  return { tick, step, change: (state) => ({ ...state, digest: `0x${"f1".repeat(32)}` as Root }) };
}
