import { runScript } from "../test/spec/runScript.ts";
import { readScript, scriptNames, suiteFolder } from "../test/spec/suite.ts";
import { type Tally, table } from "../test/spec/tally.ts";

/** Plays the WebAssembly test suite, or the files named on the command line, and prints a table. */
const folder = suiteFolder();
if (folder === undefined) {
  console.log("1 skipped: no folder of .wast files (WASM_SPEC_TESTS=<folder> names one)");
} else {
  const wanted = process.argv.slice(2);
  const tallies = new Map<string, Tally>();
  for (const name of scriptNames(folder)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    tallies.set(name, runScript(readScript(folder, name)).tally);
  }
  console.log(table(tallies));
  for (const [name, { failures }] of tallies) {
    for (const failure of failures) console.log(`${name} ${failure}`);
    if (failures.length > 0) process.exitCode = 1;
  }
}
