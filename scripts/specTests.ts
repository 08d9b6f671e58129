import { runScript } from "../test/spec/runScript.ts";
import { allScripts, suiteFolder } from "../test/spec/suite.ts";
import { type Tally, table } from "../test/spec/tally.ts";

/** Plays the WebAssembly test suite and the scripts beside it, or those named on the command line, and prints a table. */
const wanted = process.argv.slice(2);
const tallies = new Map<string, Tally>();
for (const { name, read } of allScripts()) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  tallies.set(name, runScript(read()).tally);
}
console.log(table(tallies));
for (const [name, { failures }] of tallies) {
  for (const failure of failures) console.log(`${name} ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}
if (suiteFolder() === undefined) {
  console.log("1 skipped: the WebAssembly test suite is not there (WASM_SPEC_TESTS=<folder of .wast files> names it)");
}
