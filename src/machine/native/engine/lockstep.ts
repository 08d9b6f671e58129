/** Runs one program in two engines, tick by tick, and names the first thing in which their states differ. */
import { DirtyPages } from "../../../merkle/dirtyPages.ts";
import { pageBytes } from "../../../merkle/hasher.ts";
import type { KeccakKernel } from "../../../merkle/keccakKernel.ts";
import { globalSlots, memoryPageBytes } from "../../layout.ts";
import { checkDrives, type DriveImage } from "../../program.ts";
import type { NativeProgram } from "../nativeProgram.ts";
import type { Engine, EngineStatus } from "./engine.ts";

/** One program, its drives, and the two engines that run it. */
export interface LockstepOptions {
  readonly program: NativeProgram;
  readonly drives: readonly DriveImage[];
  readonly kernel: KeccakKernel;
  readonly engines: readonly [Engine, Engine];
}

/** How a tick has ended in one engine: `thrown` is what it threw, which is a hint that the interpreter would have to follow up. */
export type TickEnd = { readonly status: EngineStatus } | { readonly thrown: string };

/** The first difference between two engines, after so many ticks (the last of which they ran differently). */
export type Difference = { readonly ticks: number } & (
  | { readonly kind: "ending"; readonly first: TickEnd; readonly second: TickEnd }
  /** Mutable global of this number, its values as hexadecimal numbers. */
  | { readonly kind: "global"; readonly index: number; readonly first: string; readonly second: string }
  /** First differing byte of the first differing page of 4 KiB, and how many pages differ. */
  | {
      readonly kind: "memory";
      readonly page: number;
      readonly address: number;
      readonly pages: number;
      readonly first: number;
      readonly second: number;
    }
);

/** How far two engines have come side by side. */
export interface LockstepResult {
  /** Ticks that both have run, the differing one included. */
  readonly ticks: number;
  readonly difference: Difference | undefined;
  /** Whether the program has ended in both. */
  readonly ended: boolean;
}

/** Two engines at the same tick of the same program. */
export class Lockstep {
  private readonly sides: readonly [Side, Side];
  private ticks = 0;

  /** Places the drives in both memories. @throws AssayError `machine/bad-input` for a drive that does not fit */
  constructor({ program, drives, kernel, engines }: LockstepOptions) {
    checkDrives(program.program, drives);
    const globals = new Int32Array(2 * globalSlots);
    globals.set(program.program.globals);
    const open = (engine: Engine) => new Side(engine, kernel, program, drives, globals);
    this.sides = [open(engines[0]), open(engines[1])];
  }

  /**
   * Goes on until a difference, the program's end, or this many ticks in all.
   * @param ticked called after each tick that was compared; what it returns is waited for.
   */
  async run(most: number, ticked: (ticks: number) => Promise<void> | void = () => {}): Promise<LockstepResult> {
    const [first, second] = this.sides;
    while (this.ticks < most) {
      const ends = [first.tick(), second.tick()] as const;
      this.ticks++;
      const difference = this.differenceAfter(ends);
      const ended = difference === undefined && !isYielded(ends[0]);
      if (difference !== undefined || ended) return { ticks: this.ticks, difference, ended };
      await ticked(this.ticks);
    }
    return { ticks: this.ticks, difference: undefined, ended: false };
  }

  private differenceAfter([ours, theirs]: readonly [TickEnd, TickEnd]): Difference | undefined {
    const [first, second] = this.sides;
    const ticks = this.ticks;
    // Memory holds a part of a tick where an engine threw: what it threw is all that can be compared.
    if ("thrown" in ours && "thrown" in theirs) return undefined;
    if ("thrown" in ours || "thrown" in theirs || ours.status !== theirs.status) {
      return { ticks, kind: "ending", first: ours, second: theirs };
    }
    const memory = differingByte(first, second);
    if (memory !== undefined) return { ticks, kind: "memory", ...memory };
    const global = differingGlobal(first.globals(), second.globals());
    return global && { ticks, kind: "global", ...global };
  }
}

class Side {
  readonly memory: () => Uint8Array;
  readonly written: DirtyPages;
  private readonly engine: Engine;
  /** Those that are not mutable keep their first values. */
  private readonly slots: Int32Array;

  constructor(
    engine: Engine,
    kernel: KeccakKernel,
    { program }: NativeProgram,
    drives: readonly DriveImage[],
    globals: Int32Array,
  ) {
    this.engine = engine;
    const length = program.memoryPages * memoryPageBytes;
    this.memory = () => new Uint8Array(engine.memory.buffer, 0, length);
    for (const { address, bytes } of drives) this.memory().set(bytes, address);
    this.written = new DirtyPages(kernel, engine.memory, length);
    this.slots = globals.slice();
    engine.resume(globals);
  }

  tick(): TickEnd {
    try {
      return { status: this.engine.run(1, () => {}) };
    } catch (error) {
      return { thrown: error instanceof Error ? error.message : String(error) };
    }
  }

  globals(): Int32Array {
    this.engine.readGlobals(this.slots);
    return this.slots;
  }
}

function isYielded(end: TickEnd): boolean {
  return "status" in end && end.status === "yielded";
}

/** Pages that neither has written since the last comparison are equal: they were compared then. */
function differingByte(first: Side, second: Side) {
  const written = new Set([...first.written.find(), ...second.written.find()]);
  const [ours, theirs] = [first.memory(), second.memory()];
  let address: number | undefined;
  let pages = 0;
  for (const page of [...written].sort((a, b) => a - b)) {
    const from = page * pageBytes;
    const at = ours.subarray(from, from + pageBytes).findIndex((byte, i) => byte !== theirs[from + i]);
    if (at < 0) continue;
    pages++;
    address ??= from + at;
  }
  if (address === undefined) return undefined;
  const page = Math.floor(address / pageBytes);
  return { page, address, pages, first: ours[address]!, second: theirs[address]! };
}

function differingGlobal(ours: Int32Array, theirs: Int32Array) {
  const at = ours.findIndex((word, i) => word !== theirs[i]);
  if (at < 0) return undefined;
  const index = at >> 1;
  return { index, first: hexadecimal(ours, index), second: hexadecimal(theirs, index) };
}

function hexadecimal(slots: Int32Array, index: number): string {
  const value = (BigInt(slots[2 * index + 1]! >>> 0) << 32n) | BigInt(slots[2 * index]! >>> 0);
  return `0x${value.toString(16)}`;
}
