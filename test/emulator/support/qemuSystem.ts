import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toElf } from "./program.ts";

/** True where Debian's `qemu-system-misc` is installed. */
export const haveSystemQemu = spawnSync("qemu-system-riscv64", ["--version"]).status === 0;

/** Boots a program in machine mode on the `virt` machine with 64 MiB; `size` bytes that it writes to the serial port. */
export function runInSystemQemu(bytes: Uint8Array, size: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "assay-qemu-"));
  try {
    const [program, output] = [join(folder, "program"), join(folder, "serial")];
    writeFileSync(program, toElf({ bytes }));
    const options = ["-M", "virt", "-m", "64M", "-bios", "none", "-kernel", program, "-display", "none"];
    const devices = ["-monitor", "none", "-serial", `file:${output}`];
    const { status, stderr } = spawnSync("qemu-system-riscv64", [...options, ...devices], { timeout: 500_000 });
    if (status !== 0) throw new Error(`qemu-system-riscv64 ended with ${status}: ${stderr}`);
    return new Uint8Array(readFileSync(output)).subarray(0, size);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
