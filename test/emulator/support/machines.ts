import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { address } from "../../../src/emulator/addresses.ts";
import { writeStart } from "../../../src/emulator/boot.ts";
import { base, type TestProgram, toElf } from "./program.ts";

/** True where Debian's `qemu-user` is installed. */
export const haveQemu = spawnSync("qemu-riscv64", ["--version"]).status === 0;

/** What `qemu-riscv64` writes: the program's result region. */
export function runInQemu(program: TestProgram): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "assay-qemu-"));
  try {
    const file = join(folder, "program");
    writeFileSync(file, toElf(program), { mode: 0o755 });
    const output = execFileSync("qemu-riscv64", [file], { maxBuffer: 1 << 30, timeout: 500_000 });
    return new Uint8Array(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const binary = new URL("../../../build/wasm/emulator.wasm", import.meta.url);
let module: WebAssembly.Module | undefined;

/** The emulator, compiled once. */
export function emulatorModule(): WebAssembly.Module {
  module ??= new WebAssembly.Module(readFileSync(binary));
  return module;
}

export interface Machine {
  readonly view: DataView;
  readonly memory: Uint8Array;
  readonly tick: () => number;
  readonly pc: () => bigint;
  /** A 64-bit field of the state. */
  readonly get: (field: keyof typeof address) => bigint;
  readonly set: (field: keyof typeof address, value: bigint) => void;
  readonly x: (number: number) => bigint;
}

interface BootOptions {
  readonly memory?: number;
  readonly eventsPerTick?: number;
  readonly firmware?: boolean;
  readonly privilege?: number;
  readonly x?: Readonly<Record<number, bigint>>;
}

/** An instance of the emulator with a program in its memory: S mode, floating point on, built-in firmware by default. */
export function boot(bytes: Uint8Array, options: BootOptions = {}): Machine {
  const { memory: guestSize = 32 << 20, eventsPerTick = 1 << 20, firmware = true, privilege = 1, x = {} } = options;
  const exports = new WebAssembly.Instance(emulatorModule()).exports as {
    memory: WebAssembly.Memory;
    tick(): number;
  };
  const view = new DataView(exports.memory.buffer);
  const memory = new Uint8Array(exports.memory.buffer);
  memory.set(bytes, address.guest);
  const fixed = { timeDivider: 100, mstatus: 0x6000n, mcounteren: 7 };
  writeStart(memory, { ...fixed, guestSize, eventsPerTick, firmware, privilege, x, pc: BigInt(base) });
  return {
    view,
    memory,
    tick: exports.tick,
    pc: () => view.getBigUint64(address.pc, true),
    get: (field) => view.getBigUint64(address[field], true),
    set: (field, value) => view.setBigUint64(address[field], value, true),
    x: (number) => view.getBigUint64(address.x + 8 * number, true),
  };
}

/** The bytes of 32-bit instructions. */
export function codeBytes(words: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** Runs a program until it waits in its endless loop; its result region. */
export function runInEmulator(program: TestProgram): Uint8Array {
  const { view, tick, pc } = boot(program.bytes, { memory: 128 << 20 });
  for (let last = -1n; pc() !== last; ) {
    last = pc();
    if (tick() !== 0) throw new Error("the guest stopped");
  }
  return new Uint8Array(view.buffer, address.guest + program.results - base, program.resultsSize).slice();
}
