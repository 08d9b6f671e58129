import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, type TestProgram, toElf } from "./program.ts";

/** True where Debian's `qemu-user` is installed. */
export const haveQemu = spawnSync("qemu-riscv64", ["--version"]).status === 0;

/** What `qemu-riscv64` writes: the program's result region. */
export function runInQemu(program: TestProgram): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "assay-qemu-"));
  try {
    const file = join(folder, "program");
    writeFileSync(file, toElf(program), { mode: 0o755 });
    const output = execFileSync("qemu-riscv64", [file], { maxBuffer: 1 << 30, timeout: 120_000 });
    return new Uint8Array(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const guest = 0x2000000;
const binary = new URL("../../../build/wasm/emulator.wasm", import.meta.url);

/** An instance of the emulator with a program in its memory, in S mode, floating point on, built-in firmware. */
export function boot(
  bytes: Uint8Array,
  { memory = 32 << 20, eventsPerTick = 1 << 20, firmware = 1, privilege = 1 } = {},
) {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(binary)), {});
  const exports = instance.exports as { memory: WebAssembly.Memory; tick(): number };
  const view = new DataView(exports.memory.buffer);
  new Uint8Array(exports.memory.buffer).set(bytes, guest);
  view.setUint32(0x1800, memory, true);
  view.setUint32(0x1804, eventsPerTick, true);
  view.setUint32(0x1808, 100, true);
  view.setUint32(0x180c, firmware, true);
  view.setBigUint64(0x1300, BigInt(base), true);
  view.setUint32(0x1308, privilege, true);
  view.setBigUint64(0x1320, 0xffff_ffff_ffff_ffffn, true);
  view.setBigUint64(0x1340, 0x6000n, true);
  view.setUint32(0x1390, 7, true);
  return { view, tick: exports.tick, pc: () => view.getBigUint64(0x1300, true) };
}

/** Runs a program until it waits in its endless loop; its result region. */
export function runInEmulator(program: TestProgram): Uint8Array {
  const { view, tick, pc } = boot(program.bytes, { memory: 128 << 20 });
  for (let last = -1n; pc() !== last; ) {
    last = pc();
    if (tick() !== 0) throw new Error("the guest stopped");
  }
  return new Uint8Array(view.buffer, guest + program.results - base, program.resultsSize).slice();
}
