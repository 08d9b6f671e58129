import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const beside = fileURLToPath(new URL("../../../shared/wasm-spec-tests", import.meta.url));

/** The folder of `.wast` files: `WASM_SPEC_TESTS`, else the one that may lie beside the project; undefined if there is none. */
export function suiteFolder(): string | undefined {
  const folder = process.env.WASM_SPEC_TESTS ?? beside;
  return existsSync(folder) ? folder : undefined;
}

export function scriptNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".wast"))
    .sort();
}

export function readScript(folder: string, name: string): Uint8Array {
  return readFileSync(join(folder, name));
}
