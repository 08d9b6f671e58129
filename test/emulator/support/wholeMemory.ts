import { readFileSync } from "node:fs";
import { address, guestBase } from "../../../src/emulator/addresses.ts";
import { maxGuestSize, type Start, writeStart } from "../../../src/emulator/boot.ts";
import { loadClaimable } from "../../../src/machine/claimable.ts";
import { run } from "../../../src/machine/interpreter.ts";
import { emptyState, startRegisters } from "../../../src/machine/program.ts";
import { Register, Status } from "../../../src/machine/registers.ts";
import { resume } from "../../../src/machine/step/ending.ts";
import { decodeModule } from "../../../src/wasm/decodeModule.ts";
import { setMemoryPages } from "../../../src/wasm/setMemoryPages.ts";

/** The end of guest-physical memory of 4 GiB of linear memory. */
export const physicalEnd = guestBase + maxGuestSize;

/** Bytes of guest memory, at both of its ends, that a test uses: the rest stays untouched and takes no memory of the host. */
export const windowSize = 1 << 20;
const windows = [
  [0, address.guest + windowSize],
  [2 ** 32 - windowSize, 2 ** 32],
] as const;

/** The emulator with 65,536 pages of memory, natively and interpreted. */
export class WholeMemory {
  readonly memory: Uint8Array;
  readonly view: DataView;
  private readonly nativeTick: () => number;
  private readonly interpreted: ReturnType<typeof emptyState>;
  private readonly program: ReturnType<typeof loadClaimable>;

  constructor() {
    const binary = new Uint8Array(readFileSync(new URL("../../../build/wasm/emulator.wasm", import.meta.url)));
    const whole = setMemoryPages(decodeModule(binary), 65_536);
    this.program = loadClaimable(whole);
    const module = new WebAssembly.Module(whole as Uint8Array<ArrayBuffer>);
    const exports = new WebAssembly.Instance(module).exports as { memory: WebAssembly.Memory; tick(): number };
    this.memory = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
    this.nativeTick = exports.tick;
    this.interpreted = emptyState(this.program);
  }

  /** Clears guest memory and starts anew, in supervisor mode where nothing else is said. */
  start(start: Partial<Start> & { readonly pc: bigint }): void {
    for (const [from, to] of windows) this.memory.fill(0, Math.max(from, address.guest), to);
    const fixed = { timeDivider: 100, firmware: true, privilege: 1, mstatus: 0x6000n, eventsPerTick: 100 };
    writeStart(this.memory, { ...fixed, guestSize: maxGuestSize, ...start });
  }

  /** Writes bytes at a guest-physical address. */
  put(physical: number, bytes: Uint8Array): void {
    this.memory.set(bytes, this.linear(physical));
  }

  linear(physical: number): number {
    return physical - guestBase + address.guest;
  }

  x(register: number): bigint {
    return this.view.getBigUint64(address.x + 8 * register, true);
  }

  get(field: keyof typeof address): bigint {
    return this.view.getBigUint64(address[field], true);
  }

  /** Runs a tick natively and interpreted; whether both leave the same. */
  tick(): boolean {
    const { interpreted, memory } = this;
    for (const [from, to] of windows) interpreted.memory.set(memory.subarray(from, to), from);
    interpreted.stack.fill(0);
    interpreted.registers.set(startRegisters(this.program));
    resume(interpreted.registers);
    run(interpreted, 2 ** 32);
    const ended = this.nativeTick() === 0 ? Status.yielded : Status.halted;
    if (interpreted.registers[Register.status] !== ended) return false;
    return windows.every(
      ([from, to]) => Buffer.compare(interpreted.memory.subarray(from, to), memory.subarray(from, to)) === 0,
    );
  }
}
