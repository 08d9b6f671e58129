import type { Root } from "../../../src/core/bytes.ts";
import type { Outcome } from "../../../src/protocol/claim.ts";
import { hashWords } from "../../../src/protocol/hash.ts";
import type { RegistersProof, TickOpening } from "../../../src/protocol/trace.ts";
import {
  type ToyProgram,
  type ToyState,
  toyOutcome,
  toyProof,
  toyResume,
  toyRoot,
  toyStart,
  toyStep,
  toyWitness,
} from "./toyMachine.ts";
import type { FaultPlace, GameTrace, World } from "./world.ts";

/** Changes the state that is reached after `step` steps of tick `tick`; the run goes on from there by the rules. */
export interface ToyFault extends FaultPlace {
  readonly change: (state: ToyState) => ToyState;
}

/** Every state of a toy program, kept: of the true run, or of one with faults. */
export class ToyTrace implements GameTrace {
  private readonly ends: ToyState[];
  private readonly states: ToyState[][] = [];
  private readonly roots = new Map<ToyState, Root>();

  constructor(
    readonly program: ToyProgram,
    readonly faults: readonly ToyFault[] = [],
  ) {
    this.ends = [toyStart(program)];
    for (let tick = 0; tick < program.ticks; tick++) this.runTick(tick);
  }

  get ticks(): number {
    return this.program.ticks;
  }

  steps(tick: number): number {
    return this.statesOf(tick).length - 1;
  }

  private runTick(tick: number): void {
    const states = [toyResume(this.ends[tick]!)];
    for (let step = 1; step <= this.program.maxSteps; step++) {
      let state = toyStep(states.at(-1)!);
      for (const fault of this.faults) {
        if (fault.tick === tick && fault.step === step) state = fault.change(state);
      }
      if (state === states.at(-1)) break;
      states.push(state);
    }
    this.states.push(states);
    this.ends.push(states.at(-1)!);
  }

  private statesOf(tick: number): ToyState[] {
    return this.states[tick] ?? [this.ends.at(-1)!];
  }

  /** State after `tick` ticks. */
  tickState(tick: number): ToyState {
    return this.ends[Math.min(tick, this.ends.length - 1)]!;
  }

  /** State after `step` steps of tick `tick`. */
  stepState(tick: number, step: number): ToyState {
    const states = this.statesOf(tick);
    return states[Math.min(step, states.length - 1)]!;
  }

  rootOf(state: ToyState): Root {
    const known = this.roots.get(state) ?? toyRoot(state);
    this.roots.set(state, known);
    return known;
  }

  stepProof(tick: number, step: number): RegistersProof {
    return toyProof(this.stepState(tick, step));
  }

  startProof(): RegistersProof {
    return toyProof(this.ends[0]!);
  }

  endProof(): Uint8Array {
    return toyWitness(this.ends.at(-1)!);
  }

  outcome(): Outcome {
    return toyOutcome(this.ends.at(-1)!.status);
  }

  async tickRoots(ticks: readonly number[]): Promise<Root[]> {
    return ticks.map((tick) => this.rootOf(this.tickState(tick)));
  }

  async openTick(tick: number): Promise<TickOpening> {
    const log2Steps = Math.ceil(Math.log2(Math.max(1, this.steps(tick))));
    return { log2Steps, start: toyProof(this.tickState(tick)), end: toyProof(this.tickState(tick + 1)) };
  }

  async stepRoots(tick: number, steps: readonly number[]): Promise<Root[]> {
    return steps.map((step) => this.rootOf(this.stepState(tick, step)));
  }

  async stepWitness(tick: number, step: number): Promise<Uint8Array> {
    return toyWitness(this.stepState(tick, step));
  }
}

/** A toy program and every run of it with one wrong digest. */
export function toyWorld(program: ToyProgram): World {
  return {
    truth: new ToyTrace(program),
    faulty: (place) => new ToyTrace(program, [{ ...place, change: (state) => ({ ...state, digest: hashWords(1) }) }]),
  };
}
