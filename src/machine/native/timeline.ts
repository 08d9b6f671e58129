/**
 * A run that can be at any of its ticks: goes forward in the engine, back to the nearest snapshot. The engine only ever
 * hints that something went wrong; what happened in such a tick, the interpreter decides.
 */
import { AssayError, isAssayError } from "../../core/errors.ts";
import { pageBytes } from "../../merkle/hasher.ts";
import type { KeccakKernel } from "../../merkle/keccakKernel.ts";
import { run } from "../interpreter.ts";
import { maxLog2Steps } from "../layout.ts";
import type { DriveImage } from "../program.ts";
import { Register, Status } from "../registers.ts";
import type { MachineState } from "../state.ts";
import type { StateTree } from "../stateTree.ts";
import { resume } from "../step/ending.ts";
import { DriveContents, equalContents } from "./driveContents.ts";
import type { EngineStatus } from "./engine/engine.ts";
import type { EngineName } from "./engine/engines.ts";
import { type Fault, mutate } from "./fault.ts";
import { corruptSnapshotOf, type HashedState } from "./hashedState.ts";
import { type HashedDrive, type Machine, startMachine } from "./machine.ts";
import { fixedRanges, type MemoryRegion } from "./memoryRegions.ts";
import type { NativeProgram } from "./nativeProgram.ts";
import { log2PrefixTicks, type SharedPrefix } from "./sharedPrefix.ts";
import { SideSnapshots } from "./sideSnapshots.ts";
import { contentOf, type Snapshot } from "./snapshot.ts";
import { type Link, SnapshotChain } from "./snapshotChain.ts";
import type { CheckpointNotes } from "./snapshotCodec.ts";
import type { SnapshotStorage } from "./snapshotStorage.ts";

/** What a run needs: program, drives, hash functions, and where snapshots go. */
export interface TimelineOptions {
  readonly program: NativeProgram;
  /** What runs the ticks; the first that supports the program by default. */
  readonly engine?: EngineName | undefined;
  /** Not to be changed: the start is restored from them too, unless they are in fixed regions. */
  readonly drives: readonly DriveImage[];
  /** Some of them, hashed by somebody. */
  readonly hashedDrives?: readonly HashedDrive[];
  readonly kernel: KeccakKernel;
  /** A machine that an earlier run has left behind. */
  readonly kept?: Machine | undefined;
  readonly storage: SnapshotStorage;
  /** Bytes that the snapshots along the run may take in the storage. */
  readonly chainBytes: number;
  /** Bytes of memory for snapshots inside an interval or a tick. */
  readonly sideBytes: number;
  readonly fault?: Fault;
  /**
   * What no tick writes to, whatever the input. It is hashed at the start and not looked at between ticks; `confirmFixed` does.
   * Runs with a fault look everywhere.
   */
  readonly fixedRegions?: readonly MemoryRegion[];
  /** The beginning that this run shares with others; not for runs with a fault. */
  readonly prefix?: SharedPrefix | undefined;
  /** No tick may take more than 2 to this power steps; 2^32 by default. Found out only where ticks are interpreted. */
  readonly maxLog2StepsPerTick?: number;
  /** Called after each tick and each some million steps. Whatever AssayError it throws ends what was asked for. */
  readonly beat: () => void;
  /** Called on the way through the drives, which can be large. Must not throw. */
  readonly worked?: () => void;
  /** Called after each tick with the machine's memory, which is not to be changed; again for ticks that run again. */
  readonly observe?: (memory: Uint8Array) => void;
  /** Told of what was repaired: a snapshot that had to be thrown away. */
  readonly report: (complaint: string) => void;
}

/** Steps between two beats. */
const sliceSteps = 2 ** 22;
export class Timeline {
  readonly chain: SnapshotChain;
  readonly side: SideSnapshots;
  /** Not to be used by anybody else as long as this run is. */
  readonly machine: Machine;
  private readonly options: Omit<TimelineOptions, "drives" | "hashedDrives" | "kept">;
  private tickNumber = 0;
  private stepNumber: number | undefined;
  /** The state is in the middle of something that failed. */
  private lost = false;
  /** Whether the engine has the state as it is now: nobody else has written to it since its last tick. */
  private engineIsCurrent = false;
  /** Ticks after which the machine is not running on. */
  private end: number | undefined;
  /** Ticks in which the engine threw. */
  private readonly suspects = new Set<number>();
  /** What a chain that was cut has to get again. */
  private missing: Link[] = [];
  /** Takes states on the way for other runs; not when this run was taken up in the middle. */
  private sharing: SharedPrefix | undefined;
  /** Tick of the shared state from which this run was begun. */
  private prefixTick: number | undefined;

  constructor(options: TimelineOptions) {
    const { drives, hashedDrives: _, kept, ...rest } = options;
    const { kernel, storage, chainBytes, sideBytes, fault, worked = () => {} } = rest;
    this.options = rest;
    const fixedRegions = fault === undefined ? (options.fixedRegions ?? []) : [];
    this.machine = startMachine({ ...options, fixedRegions, worked }, kept);
    const fixed = {
      ranges: fixedRanges(options.program.program, fixedRegions),
      memory: () => this.state.memory,
    };
    this.side = new SideSnapshots(sideBytes);
    this.chain = new SnapshotChain(kernel, storage, chainBytes, new DriveContents(drives, worked, fixed));
    this.chain.load(this.hashed.root(), options.report);
    this.adoptStart();
    this.adoptPrefix();
  }

  get tick(): number {
    return this.tickNumber;
  }

  get hashed(): HashedState {
    return this.machine.hashed;
  }

  /** Steps into tick number `tick`; undefined between ticks. */
  get step(): number | undefined {
    return this.stepNumber;
  }

  get state(): MachineState {
    return this.hashed.state;
  }

  /** Number of ticks of the whole run, once it is known: states beyond are the final one. */
  get endTick(): number | undefined {
    return this.end;
  }

  /** A tick before which this run may have been begun at a state that other runs have computed; undefined when there is none. */
  get sharedTick(): number | undefined {
    return this.prefixTick;
  }

  /** True when the state is in the middle of something and must be left by `goTo` or `tryRestore`. */
  get isLost(): boolean {
    return this.lost;
  }

  /** Says that the state was changed past all bookkeeping. */
  abandon(): void {
    this.hashed.stepped();
    this.lost = true;
  }

  /** The trees of the state as it is now. */
  trees(): StateTree {
    return this.hashed.hashed();
  }

  /** Goes to the state after `tick` ticks, or the final one if that comes earlier. */
  goTo(tick: number): void {
    for (;;) {
      const target = Math.min(tick, this.end ?? tick);
      if (this.chain.first === undefined) {
        throw new AssayError("native/corrupt-snapshot", "the snapshot of the start is lost: start this run again");
      }
      const nearest = later(this.chain.before(target), this.side.beforeTick(target));
      const usable = !this.lost && this.stepNumber === undefined && this.tickNumber <= target;
      if (!usable || nearest.tick > this.tickNumber) {
        if (!this.tryRestore(nearest)) continue;
      }
      this.advance(target);
      if (!this.lost && this.tickNumber >= Math.min(tick, this.end ?? tick)) return;
    }
  }

  /** Goes on to the state after `tick` ticks, or the final one, by running: snapshots serve only where the engine threw. */
  runTo(tick: number): void {
    this.advance(tick);
    if (this.lost) this.goTo(tick);
  }

  /** Calls the observer with the state as it is now, which is between ticks. */
  observeNow(): void {
    this.options.observe?.(this.state.memory);
  }

  /** Enters tick number `tick` at the state that `resume` makes of its start. */
  enterTick(tick: number): void {
    this.goTo(tick);
    resume(this.state.registers);
    this.stepNumber = 0;
  }

  /** Goes to a snapshot within a tick. @returns false when it turned out to be unusable, and is gone */
  tryRestore(snapshot: Snapshot): boolean {
    try {
      this.lost = true;
      this.hashed.restore(snapshot);
    } catch (error) {
      if (!isAssayError(error, "native/corrupt-snapshot")) throw error;
      this.drop(corruptSnapshotOf(error) ?? snapshot, error.message);
      return false;
    }
    this.lost = false;
    this.engineIsCurrent = false;
    this.side.touch(snapshot);
    this.tickNumber = snapshot.tick;
    this.stepNumber = snapshot.step;
    return true;
  }

  /** Steps on within the tick, to `step` or its end, and applies the fault where it belongs. */
  stepTo(step: number): void {
    if (this.state.registers[Register.status] !== Status.running) return;
    this.hashed.stepped();
    const fault = this.options.fault;
    const from = this.stepNumber!;
    if (fault !== undefined && fault.at !== "end" && fault.at.tick === this.tickNumber && from < fault.at.step) {
      this.runSteps(Math.min(step, fault.at.step));
      const ended = this.state.registers[Register.status] !== Status.running;
      if (ended || this.stepNumber === fault.at.step) mutate(this.state, fault.mutation);
    }
    this.runSteps(step);
    if (this.finished() && fault?.at === "end") mutate(this.state, fault.mutation);
  }

  /** Leaves a tick whose end has been reached. */
  leaveTick(): void {
    this.stepNumber = undefined;
    this.engineIsCurrent = false;
    this.tickNumber++;
    this.options.beat();
    this.options.observe?.(this.state.memory);
    if (this.finished()) this.end = this.tickNumber;
  }

  /** Takes a snapshot of the state as it is now into the chain. The state is beyond the chain's last one. */
  keep(notes: CheckpointNotes): Snapshot {
    const snapshot = this.hashed.capture({ tick: this.tickNumber, step: undefined }, this.chain.last ?? null);
    for (const merged of this.chain.append(snapshot, notes)) this.forget(merged);
    return snapshot;
  }

  /** Takes a snapshot of the state as it is now beside the chain. */
  keepAside(): Snapshot {
    // Relative to the tick's start or the chain, never to each other: each can go without the others.
    const start = this.stepNumber === undefined ? undefined : this.side.beforeTick(this.tickNumber);
    const kept = this.chain.before(this.tickNumber)!;
    const parent = start?.tick === this.tickNumber ? start : kept;
    const snapshot = this.hashed.capture({ tick: this.tickNumber, step: this.stepNumber }, parent, this.side.pool);
    for (const gone of this.side.add(snapshot)) this.hashed.forget(gone);
    return snapshot;
  }

  private finished(): boolean {
    const status = this.state.registers[Register.status];
    return status !== Status.yielded && status !== Status.running;
  }

  private advance(target: number): void {
    if (this.end === undefined && this.finished()) this.end = this.tickNumber;
    while (this.tickNumber < target && !this.finished() && !this.lost) {
      this.refillChain();
      this.sharing?.offer(this.hashed, this.tickNumber, this.chain.first!, this.options.report);
      const stop = Math.min(target, this.nextSpecial());
      if (stop === this.tickNumber) this.interpretTick();
      else this.runNatively(stop);
    }
    if (!this.lost) this.refillChain();
  }

  /** The next tick that is interpreted, or state that a cut chain has to get again. */
  private nextSpecial(): number {
    const { fault } = this.options;
    const faultTick = fault === undefined || fault.at === "end" ? [] : [fault.at.tick];
    const ahead = [...this.suspects, ...faultTick].filter((tick) => tick >= this.tickNumber);
    const missing = this.missing.map(({ snapshot }) => snapshot.tick).filter((tick) => tick > this.tickNumber);
    const shared = this.sharing?.nextStop(this.tickNumber) ?? Number.POSITIVE_INFINITY;
    return Math.min(...ahead, ...missing, shared);
  }

  /** Takes again a snapshot that a cut chain has lost, when the run is at its tick. */
  private refillChain(): void {
    const link = this.missing.find(({ snapshot }) => snapshot.tick === this.tickNumber);
    if (link === undefined || this.chain.last!.tick >= this.tickNumber) return;
    if (this.hashed.root() !== link.snapshot.root) throw disagreement(this.tickNumber);
    this.keep(link.notes);
    this.missing = this.missing.filter((other) => other !== link);
  }

  private interpretTick(): void {
    resume(this.state.registers);
    this.stepNumber = 0;
    this.stepTo(Number.MAX_SAFE_INTEGER);
    this.leaveTick();
    // Interpreting takes some hundred times what running takes: the next one that comes this way begins after it.
    this.keepAside();
  }

  private runNatively(stop: number): void {
    if (!this.engineIsCurrent) this.machine.engine.resume(this.state.globals);
    let status: EngineStatus;
    this.lost = true;
    try {
      status = this.machine.engine.run(stop - this.tickNumber, () => {
        this.tickNumber++;
        this.options.beat();
        this.options.observe?.(new Uint8Array(this.machine.engine.memory.buffer));
      });
    } catch (error) {
      this.hashed.engineRan();
      this.engineIsCurrent = false;
      if (isAssayError(error)) throw error;
      this.suspects.add(this.tickNumber);
      return;
    }
    this.lost = false;
    this.hashed.engineRan(this.machine.engine.takeWrittenPages?.());
    this.state.stack.fill(0);
    this.machine.engine.readGlobals(this.state.globals);
    this.engineIsCurrent = true;
    if (status === "halted") this.halt();
  }

  private halt(): void {
    this.state.registers[Register.status] = Status.halted;
    this.end = this.tickNumber;
    const { fault } = this.options;
    if (fault?.at === "end") mutate(this.state, fault.mutation);
  }

  /** @throws AssayError `native/tick-too-long` */
  private runSteps(step: number): void {
    const registers = this.state.registers;
    const log2 = this.options.maxLog2StepsPerTick ?? maxLog2Steps;
    while (this.stepNumber! < step && registers[Register.status] === Status.running) {
      if (this.stepNumber! >= 2 ** log2) {
        const tick = this.tickNumber;
        throw new AssayError("native/tick-too-long", `tick ${tick} takes more than 2^${log2} steps`, { tick, log2 });
      }
      this.stepNumber! += run(this.state, Math.min(sliceSteps, step - this.stepNumber!, 2 ** log2 - this.stepNumber!));
      this.options.beat();
    }
  }

  /** Compares a start snapshot from an earlier process with the start state, or takes a new one. */
  private adoptStart(): void {
    const { first } = this.chain;
    const { memory } = this.state;
    const whole = first?.changes.pages.every((page, position) => {
      try {
        return equalContents(memory.subarray(page * pageBytes, (page + 1) * pageBytes), contentOf(first, position));
      } catch {
        return false;
      }
    });
    if (whole === true) return;
    if (first !== undefined) this.drop(first, "the snapshot of the start does not have the content it had");
    this.keep({ log2Ticks: 0, roots: [] });
  }

  /** Begins at the state that all runs of this environment share, when there is one and nothing is further. */
  private adoptPrefix(): void {
    const { prefix, report } = this.options;
    if (prefix === undefined || this.options.fault !== undefined) return;
    if (this.chain.last!.tick > 0) {
      // An earlier process may have begun there, and ended before it was looked at.
      this.prefixTick = Math.min(...this.chain.roots().map(([tick]) => tick));
      return;
    }
    const adopted = prefix.adopt(this.hashed, this.chain.first!, report);
    this.sharing = prefix;
    if (adopted === undefined) return;
    this.engineIsCurrent = false;
    this.tickNumber = this.prefixTick = adopted.tick;
    this.keep({ log2Ticks: log2PrefixTicks, roots: [[this.tickNumber, this.hashed.root()]] });
  }

  private drop(snapshot: Snapshot, complaint: string): void {
    this.options.report(complaint);
    const removed = this.chain.cut(snapshot);
    this.missing.push(...removed.filter((link) => link.snapshot.tick > 0));
    for (const link of removed) this.forget(link.snapshot);
    for (const gone of this.side.remove(snapshot)) this.hashed.forget(gone);
  }

  /** Forgets what builds on a snapshot that is no longer kept. */
  private forget(snapshot: Snapshot): void {
    for (const gone of this.side.remove(snapshot)) this.hashed.forget(gone);
    this.hashed.forget(snapshot);
  }
}

export function disagreement(tick: number): Error {
  const message = `two runs of tick ${tick} do not agree: this engine must not be trusted with a claim`;
  return new AssayError("native/engine-disagrees", message, { tick });
}

function later(a: Snapshot | undefined, b: Snapshot | undefined): Snapshot {
  return b === undefined || (a !== undefined && a.tick >= b.tick) ? a! : b;
}
