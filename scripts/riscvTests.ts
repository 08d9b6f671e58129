import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runElf } from "../src/emulator/runElf.ts";

/**
 * Runs every ELF file of the folder that RISCV_TESTS names (riscv-tests after `make isa`: `isa/`) in the emulator and
 * prints a table. A test passes when it stores 1 to `tohost`.
 */
const folder = process.env.RISCV_TESTS;
const files = folder === undefined ? [] : elfFilesIn(folder);
const module = new WebAssembly.Module(
  new Uint8Array(readFileSync(new URL("../build/wasm/emulator.wasm", import.meta.url))),
);
let failed = 0;
for (const file of files) {
  const outcome = outcomeOf(join(folder!, file));
  if (outcome !== "passed") failed++;
  console.log(`${file.padEnd(32)} ${outcome}`);
}
if (folder === undefined) console.log("RISCV_TESTS=<folder of ELF files> names the tests to run; there is none");
else if (files.length === 0) console.log(`no ELF files in ${folder}`);
const skipped = files.length === 0 ? ", 1 skipped" : "";
console.log(`${files.length - failed} passed, ${failed} failed${skipped}`);
if (failed > 0) process.exitCode = 1;

function outcomeOf(file: string): string {
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
