/**
 * Everything that one party computes about one build, in one thread: runs it, keeps its checkpoints, goes back to any tick
 * and step of it. Needs no Node: a worker, or a browser's, holds it.
 */

import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import type { KeccakKernel } from "../../merkle/keccakKernel.ts";
import { maxLog2Ticks, memoryPageBytes } from "../layout.ts";
import { Register, Status } from "../registers.ts";
import { CheckpointPace, claimShape } from "./checkpoints.ts";
import type { Machine } from "./machine.ts";
import { memorySecret } from "./memorySecret.ts";
import type { TickRoot } from "./snapshotCodec.ts";
import {
  type MemoryRange,
  type OpenedTick,
  type ShownRegisters,
  type StepState,
  shownRegisters,
  TickSteps,
} from "./tickSteps.ts";
import { disagreement, Timeline, type TimelineOptions } from "./timeline.ts";

/** Where a run has its checkpoints. */
export interface RunOptions {
  /** Logarithm of the number of children of a bisection's node. */
  readonly log2Arity: number;
  /** About how many seconds apart checkpoints and snapshots shall be; 0: a snapshot at each checkpoint of fixed distance. */
  readonly checkpointSeconds: number;
  /** Puts checkpoints at multiples of 2^log2CheckpointTicks ticks instead. */
  readonly log2CheckpointTicks?: number;
}

/** How far a run has come. */
export interface Progress {
  readonly ticks: number;
  /** Seconds since the run was started or taken up again. */
  readonly seconds: number;
}

/** A whole run, in the terms of a claim. */
export interface CompletedRun {
  /** Ticks until the machine was not running on. */
  readonly ticks: number;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  /** The build id. */
  readonly startRoot: Root;
  readonly finalRoot: Root;
  /** State roots at 1, 2, ... times 2^log2CheckpointTicks ticks, before 2^log2Ticks. */
  readonly checkpoints: readonly Root[];
  /** Seconds spent in ticks, and in finding and hashing what they changed, since the run was taken up. */
  readonly tickSeconds: number;
  readonly hashSeconds: number;
}

/** What a reveal proves. */
export interface ResultProofs {
  readonly start: ShownRegisters;
  /** `state header ‖ memory leaf 0 ‖ its siblings` of the final state. */
  readonly final: Uint8Array;
}

/** The tick of a run that took the most steps. */
export interface LongestTick {
  readonly tick: number;
  readonly steps: number;
}

/** One build in the caller's own thread: its run, and the states at its ticks and steps. */
export class MachineSession {
  private readonly timeline: Timeline;
  private readonly steps: TickSteps;
  private readonly roots: Map<number, Root>;
  private readonly memoryBytes: number;
  private readonly kernel: KeccakKernel;

  /** Places the drives, hashes the start state and takes over what the storage holds of an earlier run from it. */
  constructor(options: TimelineOptions) {
    this.timeline = new Timeline(options);
    this.kernel = options.kernel;
    this.steps = new TickSteps(this.timeline);
    this.memoryBytes = options.program.program.memoryPages * memoryPageBytes;
    const start = this.timeline.chain.first!;
    this.roots = new Map<number, Root>([[0, start.root], ...this.timeline.chain.roots()]);
  }

  /** What another session can begin with (`TimelineOptions.kept`), when this one is used no more. */
  get machine(): Machine {
    return this.timeline.machine;
  }

  /** Ticks after which the state at hand is. */
  get tick(): number {
    return this.timeline.tick;
  }

  /** The build id. */
  startRoot(): Root {
    return this.roots.get(0)!;
  }

  /** Roots between ticks that are known so far, of ticks after `tick`: an earlier process may have found some. In order. */
  knownRoots(tick: number): TickRoot[] {
    return [...this.roots].filter(([at]) => at > tick).sort(([a], [b]) => a - b);
  }

  /**
   * Runs to the end, or on to it from the last snapshot of an earlier run, and looks at the regions that are fixed.
   * @throws AssayError `native/fixed-region-changed`
   */
  run(options: RunOptions, progress: (progress: Progress) => void = () => {}): CompletedRun {
    const { timeline } = this;
    const pace = new CheckpointPace({
      log2Arity: options.log2Arity,
      seconds: options.checkpointSeconds,
      ...(options.log2CheckpointTicks === undefined ? {} : { log2Ticks: options.log2CheckpointTicks }),
      ...(timeline.chain.last!.tick === 0 ? {} : { settledLog2Ticks: timeline.chain.log2CheckpointTicks }),
    });
    const started = performance.now();
    let tickSeconds = 0;
    let pending: TickRoot[] = [];
    let keptAt = started;
    timeline.goTo(timeline.chain.last!.tick);
    // What an earlier process had from this state on its way may never have arrived.
    timeline.observeNow();
    while (timeline.endTick === undefined) {
      const from = timeline.tick;
      const before = performance.now();
      timeline.runTo(pace.next(from));
      const after = performance.now();
      tickSeconds += (after - before) / 1000;
      if (timeline.tick >= 2 ** maxLog2Ticks) throw tooManyTicks();
      pace.passed(timeline.tick - from, (after - before) / 1000);
      if (timeline.endTick !== undefined) break;
      if (pace.isCheckpoint(timeline.tick)) pending.push([timeline.tick, this.noteRoot()]);
      if (performance.now() - keptAt >= options.checkpointSeconds * 500) {
        // A snapshot that a cut chain got back has its roots already.
        if (timeline.chain.last!.tick < timeline.tick) timeline.keep({ log2Ticks: pace.log2Ticks, roots: pending });
        pending = [];
        keptAt = performance.now();
        progress({ ticks: timeline.tick, seconds: (keptAt - started) / 1000 });
      }
    }
    const finalRoot = this.noteRoot();
    timeline.hashed.confirmFixed();
    if (timeline.chain.last!.tick < timeline.tick) timeline.keep({ log2Ticks: pace.log2Ticks, roots: pending });
    const hashSeconds = (performance.now() - started) / 1000 - tickSeconds;
    progress({ ticks: timeline.tick, seconds: (performance.now() - started) / 1000 });
    const shape = claimShape(timeline.endTick!, pace.log2Ticks, options.log2Arity);
    const count = 2 ** (shape.log2Ticks - shape.log2CheckpointTicks) - 1;
    const ticks = Array.from({ length: count }, (_, i) => (i + 1) * 2 ** shape.log2CheckpointTicks);
    return {
      ticks: timeline.endTick!,
      ...shape,
      startRoot: this.startRoot(),
      finalRoot,
      checkpoints: this.tickRoots(ticks),
      tickSeconds,
      hashSeconds,
    };
  }

  /** State roots after each of the given numbers of ticks. Beyond the end of the run: the final one. */
  tickRoots(ticks: readonly number[]): Root[] {
    const end = () => this.timeline.endTick ?? Number.POSITIVE_INFINITY;
    for (const tick of [...new Set(ticks)].sort((a, b) => a - b)) {
      if (!Number.isSafeInteger(tick) || tick < 0)
        throw new AssayError("native/bad-position", `there is no tick ${tick}`);
      if (this.roots.has(Math.min(tick, end()))) continue;
      this.timeline.goTo(tick);
      this.noteRoot();
      this.timeline.keepAside();
    }
    return ticks.map((tick) => this.roots.get(Math.min(tick, end()))!);
  }

  openTick(tick: number): OpenedTick {
    return this.steps.open(tick);
  }

  stepRoots(tick: number, steps: readonly number[]): Root[] {
    return this.steps.roots(tick, steps);
  }

  stepWitness(tick: number, step: number): Uint8Array {
    return this.steps.witness(tick, step);
  }

  /**
   * Looks into the state after `step` steps of a tick.
   * @throws AssayError `native/bad-position` for what is not there
   */
  lookAtStep(tick: number, step: number, ranges: readonly MemoryRange[]): StepState {
    return this.steps.look(tick, step, ranges);
  }

  /** Of the run's first and last state. The run must be complete. */
  resultProofs(): ResultProofs {
    this.timeline.goTo(0);
    const start = shownRegisters(this.timeline.trees());
    this.goToEnd();
    return { start, final: this.timeline.trees().resultProof() };
  }

  /** What only who has the final state's whole memory can tell: 32 bytes, in no proof and no root. The run must be complete. */
  executionSecret(): Uint8Array {
    this.goToEnd();
    return memorySecret(this.kernel, this.timeline.trees().treeOf("memory"));
  }

  /** How the run has ended; `running` if it has not. */
  get end(): "running" | "halted" | "trapped" {
    if (this.timeline.endTick === undefined) return "running";
    this.goToEnd();
    return this.timeline.state.registers[Register.status] === Status.trapped ? "trapped" : "halted";
  }

  /** A copy of a part of the final state's memory: the result record, the artifact. The run must be complete. */
  readFinalMemory(address: number, length: number): Uint8Array {
    if (!(address >= 0 && length >= 0 && address + length <= this.memoryBytes)) {
      throw new AssayError("native/bad-position", `the memory has no ${length} bytes at ${address}`, {
        address,
        length,
      });
    }
    this.goToEnd();
    return this.timeline.state.memory.slice(address, address + length);
  }

  /**
   * Interprets those of the given ticks that were not opened before, runs all of them in the engine again, and compares: an
   * engine's bug must not cost a bond. Looks at the regions that are fixed.
   * @throws AssayError `native/engine-disagrees`, `native/fixed-region-changed`
   */
  spotCheck(ticks: readonly number[]): void {
    for (const tick of ticks) {
      const interpreted = this.steps.endRoot(tick);
      this.timeline.goTo(tick);
      this.timeline.runTo(tick + 1);
      if (this.noteRoot() !== interpreted) throw disagreement(tick);
    }
    this.timeline.hashed.confirmFixed();
  }

  /**
   * Runs from the first tick to the shared state that this run was begun from, if it was, and compares: a bond must not
   * depend on a cache. @throws AssayError `native/engine-disagrees`
   */
  rerunPrefix(): void {
    const { sharedTick } = this.timeline;
    if (sharedTick === undefined || !this.roots.has(sharedTick)) return;
    this.timeline.goTo(0);
    this.timeline.runTo(sharedTick);
    this.noteRoot();
  }

  /**
   * Interprets the whole run and finds its longest tick: native time is not a bound on steps, since some cost no time. Roots
   * that are known already are compared on the way.
   * @throws AssayError `native/tick-too-long` as soon as a tick takes more steps than the session's limit
   */
  longestTick(): LongestTick {
    const { timeline } = this;
    let longest: LongestTick = { tick: 0, steps: 0 };
    for (let tick = 0; tick < (timeline.endTick ?? Number.POSITIVE_INFINITY); tick++) {
      timeline.enterTick(tick);
      timeline.stepTo(Number.MAX_SAFE_INTEGER);
      const steps = timeline.step!;
      timeline.leaveTick();
      if (steps > longest.steps) longest = { tick, steps };
      if (this.roots.has(timeline.tick)) this.noteRoot();
    }
    return longest;
  }

  private goToEnd(): void {
    this.timeline.goTo(this.timeline.endTick ?? Number.MAX_SAFE_INTEGER);
  }

  /** The root of the state as it is now, which is between ticks. A second run of the same tick must give the same one. */
  private noteRoot(): Root {
    const { tick } = this.timeline;
    const root = this.timeline.trees().root();
    const known = this.roots.get(tick);
    if (known !== undefined && known !== root) throw disagreement(tick);
    this.roots.set(tick, root);
    return root;
  }
}

function tooManyTicks(): Error {
  return new AssayError("native/bad-position", `the program has not ended after 2^${maxLog2Ticks} ticks`);
}
