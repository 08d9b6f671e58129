/** Looks into single ticks: counts their steps, gives state roots between them and the witness of any. */

import { type Root, toHex } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { recordStep } from "../recording.ts";
import { Register, Status } from "../registers.ts";
import type { StateTree } from "../stateTree.ts";
import type { Timeline } from "./timeline.ts";

/** Proof that a state root holds a registers leaf: `root = H(H(keccak(registers), stackRoot), rest)`. */
export interface ShownRegisters {
  /** The 128-byte leaf. */
  readonly registers: Uint8Array;
  readonly stackRoot: Root;
  /** Root over globals, table, code and memory. */
  readonly rest: Root;
}

/** A tick as a row of steps. */
export interface OpenedTick {
  readonly steps: number;
  /** The smallest value for which 2^log2Steps is not below `steps`. */
  readonly log2Steps: number;
  readonly start: ShownRegisters;
  readonly end: ShownRegisters;
}

/** A part of memory: bytes. */
export interface MemoryRange {
  readonly address: number;
  readonly length: number;
}

/** A part of a state between two steps: copies. */
export interface StepState {
  readonly registers: Int32Array;
  /** Two words for each slot, the low one first. */
  readonly stack: Int32Array;
  /** The parts of memory that were asked for, in their order. */
  readonly memory: readonly Uint8Array[];
}

/** Steps between the snapshots that opening a tick leaves behind; doubled after each `snapshotsBeforeDoubling` of them. */
const firstSpacing = 2 ** 20;
const snapshotsBeforeDoubling = 32;
/** Opened ticks that are remembered. */
const maxOpened = 1024;

export class TickSteps {
  private readonly timeline: Timeline;
  private readonly opened = new Map<number, OpenedTick & { readonly endRoot: Root }>();

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** Interprets tick number `number` once. */
  open(number: number): OpenedTick {
    const { endRoot: _, ...opened } = this.interpret(number);
    return opened;
  }

  /** State root at the end of a tick, which is interpreted for it unless it was opened before. */
  endRoot(number: number): Root {
    return this.interpret(number).endRoot;
  }

  /** State roots after each of `steps` steps of the tick, in the order asked for. Beyond its end: the end's. */
  roots(number: number, steps: readonly number[]): Root[] {
    const tick = this.resolve(number);
    const roots = new Map<number, Root>();
    for (const step of [...new Set(steps)].sort((a, b) => a - b)) {
      this.goTo(tick, step);
      const last = this.timeline.hashed.lastSnapshot;
      const here = last?.tick === tick && last.step === this.timeline.step;
      roots.set(step, here ? last.root : this.timeline.keepAside().root);
    }
    return steps.map((step) => roots.get(step)!);
  }

  /** The witness of the step that leads from step state `step` to the next one. */
  witness(number: number, step: number): Uint8Array {
    const tick = this.resolve(number);
    this.goTo(tick, step);
    const { timeline } = this;
    const trees = timeline.trees();
    timeline.keepAside();
    const { witness } = recordStep(timeline.state, trees);
    timeline.abandon();
    return witness;
  }

  /** Registers and stack after `step` steps of the tick, and parts of memory. */
  look(number: number, step: number, ranges: readonly MemoryRange[]): StepState {
    const tick = this.resolve(number);
    this.goTo(tick, step);
    const { registers, stack, memory } = this.timeline.state;
    const parts = ranges.map(({ address, length }) => {
      if (address >= 0 && length >= 0 && address + length <= memory.length)
        return memory.slice(address, address + length);
      throw new AssayError("native/bad-position", `the memory has no ${length} bytes at ${address}`, {
        address,
        length,
      });
    });
    return { registers: registers.slice(), stack: stack.slice(), memory: parts };
  }

  private interpret(number: number): OpenedTick & { readonly endRoot: Root } {
    const tick = this.resolve(number);
    const known = this.opened.get(tick);
    if (known !== undefined) return known;
    const { timeline } = this;
    timeline.goTo(tick);
    const start = shownRegisters(timeline.trees());
    this.enter(tick);
    let spacing = firstSpacing;
    for (let taken = 1; timeline.state.registers[Register.status] === Status.running; taken++) {
      timeline.stepTo(timeline.step! + spacing);
      if (timeline.state.registers[Register.status] === Status.running) timeline.keepAside();
      if (taken % snapshotsBeforeDoubling === 0) spacing *= 2;
    }
    const steps = timeline.step!;
    const trees = timeline.trees();
    const [end, endRoot] = [shownRegisters(trees), trees.root()];
    const opened = { endRoot, steps, log2Steps: Math.ceil(Math.log2(Math.max(1, steps))), start, end };
    if (this.opened.size >= maxOpened) this.opened.delete(this.opened.keys().next().value!);
    this.opened.set(tick, opened);
    return opened;
  }

  /** Ticks beyond the end of the run are the last one: nothing happens in them. */
  private resolve(tick: number): number {
    if (!Number.isSafeInteger(tick) || tick < 0)
      throw new AssayError("native/bad-position", `there is no tick ${tick}`);
    if (this.timeline.endTick === undefined && !this.opened.has(tick)) this.timeline.goTo(tick);
    return Math.min(tick, this.timeline.endTick ?? tick);
  }

  private enter(tick: number): void {
    const { timeline } = this;
    timeline.goTo(tick);
    const last = timeline.hashed.lastSnapshot;
    if (last?.tick !== timeline.tick || last.step !== undefined) timeline.keepAside();
    timeline.enterTick(tick);
    timeline.keepAside();
  }

  private goTo(tick: number, step: number): void {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new AssayError("native/bad-position", `tick ${tick} has no step ${step}`, { tick, step });
    }
    const { timeline } = this;
    for (;;) {
      const nearest = timeline.side.beforeStep(tick, step);
      const at = timeline.step;
      const usable = at !== undefined && timeline.tick === tick && at <= step && !timeline.isLost;
      if (usable && (nearest === undefined || nearest.step! <= at)) break;
      if (nearest === undefined) this.enter(tick);
      else timeline.tryRestore(nearest);
    }
    timeline.stepTo(step);
  }
}

export function shownRegisters(trees: StateTree): ShownRegisters {
  const { registers, roots } = trees.header();
  return { registers: registers.slice(), stackRoot: toHex(roots.stack), rest: trees.rest() };
}
