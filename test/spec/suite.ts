import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const beside = fileURLToPath(new URL("../../../shared/wasm-spec-tests", import.meta.url));
const own = fileURLToPath(new URL("scripts", import.meta.url));

export interface Script {
  readonly name: string;
  readonly read: () => Uint8Array;
}

/** The folder of `.wast` files: `WASM_SPEC_TESTS`, else the one that may lie beside the project; undefined if there is none. */
export function suiteFolder(): string | undefined {
  const folder = process.env.WASM_SPEC_TESTS ?? beside;
  return existsSync(folder) ? folder : undefined;
}

/** The scripts of a folder. */
export function scriptsIn(folder: string): Script[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".wast"))
    .sort()
    .map((name) => ({ name, read: () => readFileSync(join(folder, name)) }));
}

/** Scripts of this project, for what the suite's files leave out. */
export function ownScripts(): Script[] {
  return scriptsIn(own).map(({ name, read }) => ({ name: `scripts/${name}`, read }));
}

/** All scripts: those of the suite, if it is there, then our own. */
export function allScripts(): Script[] {
  const folder = suiteFolder();
  return [...(folder === undefined ? [] : scriptsIn(folder)), ...ownScripts()];
}
