import { address } from "../../../src/emulator/addresses.ts";
import { boot, type Machine } from "./machines.ts";
import { base } from "./program.ts";

/** Offsets from `base`: where the instruction stands and where registers point, in 64 KiB of memory. */
export const codeAt = 0x4000;
export const dataAt = 0x8000;
const dataSize = 0x1000;

/** One instruction after another, each from the same state: machine mode without firmware, registers that point to data. */
export class Single {
  readonly machine: Machine = boot(new Uint8Array(0), {
    eventsPerTick: 1,
    memory: 1 << 16,
    firmware: false,
    privilege: 3,
  });
  private readonly registers = new Uint8Array(512);
  private readonly data = new Uint8Array(dataSize);

  constructor() {
    const view = new DataView(this.registers.buffer);
    for (let i = 1; i < 32; i++) view.setBigUint64(8 * i, BigInt(base + dataAt + 64 * i), true);
    for (let i = 0; i < 32; i++)
      view.setBigUint64(256 + 8 * i, 0x3ff0_0000_0000_0000n + BigInt(i) * 0x1_0203_0405n, true);
    for (let i = 0; i < dataSize; i++) this.data[i] = (i * 167 + (i >> 8)) & 255;
  }

  /** Executes the instruction, of 16 or 32 bits, at `codeAt`; `prepare` may change the state before. */
  execute(word: number, prepare?: (machine: Machine) => void): void {
    const { machine } = this;
    machine.memory.set(this.registers.subarray(0, 256), address.x);
    machine.memory.set(this.registers.subarray(256), address.f);
    machine.memory.set(this.data, address.guest + dataAt);
    machine.view.setUint32(address.guest + codeAt, word, true);
    machine.view.setUint32(address.privilege, 3, true);
    machine.set("pc", BigInt(base + codeAt));
    machine.set("mtvec", BigInt(base + 0x100));
    machine.set("mepc", BigInt(base + 0x200));
    machine.set("sepc", BigInt(base + 0x200));
    machine.set("mcause", 0n);
    machine.set("mtval", 0n);
    machine.set("mstatus", 0x6000n);
    machine.set("fcsr", 0n);
    machine.set("satp", 0n);
    prepare?.(machine);
    machine.tick();
  }

  /** Registers x and f, and data. */
  state(): Uint8Array {
    const { memory } = this.machine;
    return Buffer.concat([
      memory.subarray(address.x, address.x + 256),
      memory.subarray(address.f, address.f + 256),
      memory.subarray(address.guest + dataAt, address.guest + dataAt + dataSize),
    ]);
  }
}
