import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAll } from "../actor.ts";
import { allFacts, bold, check, green, red } from "../screen.ts";
import { play } from "./story.ts";

const seed = Number(process.env.ASSAY_SEED ?? Math.floor(Math.random() * 1e6));
const started = performance.now();
const folder = await mkdtemp(join(tmpdir(), "assay-hostile-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(130)));
}
console.log(`seed ${seed} (ASSAY_SEED changes it)`);
try {
  await play(folder, seed);
} catch (error) {
  check("the story came to its end", false, error instanceof Error ? error.message : String(error));
} finally {
  await endAll();
}
const failed = allFacts().filter(({ holds }) => !holds);
if (failed.length === 0) await rm(folder, { recursive: true, force: true });
else console.log(`\nLogs of all parties are in ${folder}.`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
const verdict = failed.length === 0 ? green(bold("All facts hold")) : red(bold(`${failed.length} facts do not hold`));
console.log(`\n${verdict}: ${allFacts().length - failed.length} of ${allFacts().length} checked, ${seconds} s.`);
process.exitCode = failed.length === 0 ? 0 : 1;
