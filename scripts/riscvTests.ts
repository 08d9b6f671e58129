import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runElf } from "../src/emulator/runElf.ts";

/**
 * Runs every ELF file of the folder that RISCV_TESTS names (riscv-tests after `make isa`: `isa/`) in the emulator and
 * prints a table. A test passes when it stores 1 to `tohost`; tests of what this hart does not have are named as skipped.
 */
const folder = process.env.RISCV_TESTS;
const counts = { passed: 0, failed: 0, skipped: 0 };

if (folder === undefined) {
  console.log("RISCV_TESTS=<folder of ELF files> names the tests to run; there is none");
  counts.skipped = 1;
} else if (!existsSync(folder) || elfFilesIn(folder).length === 0) {
  console.log(`no ELF files in ${folder}`);
  counts.failed = 1;
} else {
  const binary = readFileSync(new URL("../build/wasm/emulator.wasm", import.meta.url));
  const module = new WebAssembly.Module(new Uint8Array(binary));
  for (const file of elfFilesIn(folder)) {
    const lacking = lackedBy(file);
    const outcome = lacking === undefined ? outcomeOf(module, join(folder, file)) : `skipped: ${lacking}`;
    counts[outcome.split(":")[0] as keyof typeof counts]++;
    console.log(`${file.padEnd(32)} ${outcome}`);
  }
}
const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
if (counts.failed > 0) process.exitCode = 1;

/** What a test of riscv-tests needs that this hart lacks, by the test's name. */
function lackedBy(name: string): string | undefined {
  if (name.startsWith("hypervisor-")) return "the hypervisor";
  const [, width, family, test] = /^rv(32|64)([a-z]+)-[a-z]+-(.*)$/.exec(name) ?? [];
  if (width === undefined) return undefined;
  if (width === "32") return "RV32";
  if (!["ui", "um", "ua", "uf", "ud", "uc", "si", "mi"].includes(family!)) return `the extension of rv64${family}`;
  const lacked = [
    [/^[ms]i-s?pmp/, "PMP"],
    [/^ua-amocas_/, "Zacas"],
    [/^ua-amo[a-z]+_[bh]$/, "Zabha"],
    [/^ua-zalasr$/, "Zalasr"],
  ] as const;
  return lacked.find(([pattern]) => pattern.test(`${family}-${test}`))?.[1];
}

function outcomeOf(module: WebAssembly.Module, file: string): string {
  try {
    const { exitCode } = runElf(module, new Uint8Array(readFileSync(file)));
    return exitCode === 0n ? "passed" : `failed: case ${exitCode}`;
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  }
}

function elfFilesIn(path: string): string[] {
  return readdirSync(path)
    .filter((name) => statSync(join(path, name)).isFile() && isElf(join(path, name)))
    .sort();
}

function isElf(file: string): boolean {
  return readFileSync(file).subarray(0, 4).toString("latin1") === "\x7fELF";
}
