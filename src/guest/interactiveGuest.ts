/**
 * A guest that somebody types to. Its states are those of no build: what was typed, and when, is in no build id. So nothing
 * of it can be claimed, and nothing of it is hashed or kept.
 */
import { address } from "../emulator/addresses.ts";
import { consoleCount, putConsoleInput, readConsole } from "../emulator/console.ts";
import { resultRecordSize } from "../programs/program.ts";
import { readResultRecord } from "../programs/resultRecord.ts";
import { timebaseFrequency } from "./deviceTree.ts";
import type { GuestSettings, Images } from "./manifest.ts";
import { environmentBinary, inputDriveOf, startDrives } from "./startMemory.ts";

export class InteractiveGuest {
  private readonly memory: Uint8Array;
  private readonly view: DataView;
  private readonly tick: () => number;
  private shown = 0;
  private hasEnded = false;

  /** @param input content of the input drive. */
  constructor(emulator: Uint8Array, settings: GuestSettings, images: Images, input: Uint8Array) {
    const binary = new Uint8Array(environmentBinary(emulator, settings));
    const exports = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as unknown as {
      memory: WebAssembly.Memory;
      tick: () => number;
    };
    this.memory = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
    this.tick = exports.tick;
    for (const { address: at, bytes } of startDrives(settings, images)) this.memory.set(bytes, at);
    this.memory.set(input, inputDriveOf(settings).address);
  }

  get ended(): boolean {
    return this.hasEnded;
  }

  /** Exit code of the guest once it has ended (`result.ts`). */
  get exitCode(): number {
    return readResultRecord(this.memory.subarray(0, resultRecordSize)).exitCode;
  }

  /** Seconds on the guest's clock since it was switched on. */
  get seconds(): number {
    const retired = this.view.getBigUint64(address.retired, true);
    const divider = BigInt(this.view.getUint32(address.timeDivider, true));
    const units = retired / divider + this.view.getBigUint64(address.timeOffset, true);
    return Number(units) / timebaseFrequency;
  }

  /** Whether something typed has not been read yet. */
  get hasInput(): boolean {
    return this.view.getUint32(address.consoleInputRead, true) < this.view.getUint32(address.consoleInputCount, true);
  }

  /** Runs so many events: 1 to 2^20. */
  run(events: number): void {
    this.view.setUint32(address.eventsPerTick, events, true);
    if (!this.hasEnded) this.hasEnded = this.tick() !== 0;
  }

  /** What was written to the console since the last call, the last MiB of it. */
  output(): Uint8Array {
    const count = consoleCount(this.memory);
    if (count === this.shown) return new Uint8Array(0);
    const bytes = readConsole(this.memory, this.shown);
    this.shown = count;
    return bytes;
  }

  /** Types bytes; returns how many of them were taken, 0 while the guest has not read those before. */
  type(bytes: Uint8Array): number {
    return putConsoleInput(this.memory, bytes);
  }
}
