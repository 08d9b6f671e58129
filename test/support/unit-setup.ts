import { buildWasm } from "../../scripts/buildWasm.ts";
import { seed } from "./seed.ts";

/** Runs once in the vitest main process: bring the WebAssembly builds up to date and say which seed the tests use. */
export default async function setup(): Promise<void> {
  await buildWasm();
  console.log(`seed ${seed} (ASSAY_SEED changes it)`);
}
