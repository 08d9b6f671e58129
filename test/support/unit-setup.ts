import { buildWasm } from "../../scripts/buildWasm.ts";
import { compilePackage } from "../../scripts/compiledPackage.ts";
import { seed } from "./seed.ts";

/**
 * Runs once in the vitest main process: bring the WebAssembly builds and the compiled command up to date (`npm test` has done so) and
 * say which seed the tests use.
 */
export default async function setup(): Promise<void> {
  if (process.env.ASSAY_BUILT !== "true") {
    await buildWasm();
    compilePackage();
  }
  console.log(`seed ${seed} (ASSAY_SEED changes it)`);
}
