import type { Root } from "../../src/core/bytes.ts";
import type { RegistersProof, TickOpening } from "../../src/protocol/trace.ts";
import { madeUpRoot, type ProvenTrace } from "./assayClaim.ts";
import type { LoopTrace } from "./loopTrace.ts";

/** Where the dispute over a planted trace ends. */
export interface PlantedPath {
  readonly log2Ticks: number;
  readonly log2Steps: number;
  readonly tick: number;
  readonly step: number;
}

/** The step of which a planted trace tells a wrong end. */
export interface PlantedStep {
  readonly root: string;
  readonly witness: Uint8Array;
}

/**
 * The trace of a wrong solver, as long as one likes: real machine states where a proof needs them (both ends of the
 * whole and of the disputed tick, and the start of the disputed step), made-up roots everywhere else. What a dispute over
 * it costs is what one over a real trace of that length costs.
 */
export class PlantedTrace implements ProvenTrace {
  constructor(
    readonly path: PlantedPath,
    private readonly real: LoopTrace,
    private readonly step: PlantedStep,
  ) {}

  get startProof(): RegistersProof {
    return this.real.startProof;
  }

  get resultProof(): Uint8Array {
    return this.real.resultProof;
  }

  async tickRoots(ticks: readonly number[]): Promise<Root[]> {
    const { log2Ticks, tick } = this.path;
    const [before, after] = await this.real.tickRoots([1, 2]);
    return ticks.map((at) => {
      if (at === 0) return this.real.buildId;
      if (at >= 2 ** log2Ticks) return this.real.finalRoot;
      return at === tick ? before! : at === tick + 1 ? after! : madeUpRoot(at);
    });
  }

  async openTick(): Promise<TickOpening> {
    const { log2Steps, tick } = this.path;
    const last = 2 ** this.path.log2Ticks - 1;
    return {
      log2Steps,
      start: this.real.registersProof(tick === 0 ? 0 : 1),
      end: tick === last ? this.real.registersProof(this.real.program.ticks) : this.real.registersProof(2),
    };
  }

  async stepRoots(_tick: number, steps: readonly number[]): Promise<Root[]> {
    return steps.map((at) => (at === this.path.step ? (this.step.root as Root) : madeUpRoot(2 ** 41 + at)));
  }

  async stepWitness(): Promise<Uint8Array> {
    return this.step.witness;
  }

  /** Number of the child, of a row over `2^log2Length` beginning at `from`, that leads to the planted step. */
  child(level: "ticks" | "steps", from: number, log2ChildLength: number): number {
    const target = level === "ticks" ? this.path.tick : this.path.step;
    return Math.floor((target - from) / 2 ** log2ChildLength);
  }
}
