import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAll } from "./actor.ts";
import { allFacts, bold, check, green, red } from "./screen.ts";

/**
 * Plays a demo in a folder of its own, which stays if a fact does not hold; ends all parties also when it is interrupted, and sets
 * the exit status.
 * @param stay what goes on, once all facts hold, until it is interrupted.
 */
export async function stage(
  play: (folder: string) => Promise<void>,
  stay?: (folder: string) => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "assay-demo-"));
  let interrupted = false;
  let isOver = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // It may come twice: from the terminal, and from the command that has started this one.
      if (interrupted) return;
      interrupted = true;
      void endAll()
        .then(async () => await rm(folder, { recursive: true, force: true }))
        .finally(() => process.exit(isOver ? 0 : 130));
    });
  }
  try {
    await play(folder);
  } catch (error) {
    check("the story came to its end", false, error instanceof Error ? error.message : String(error));
  } finally {
    if (stay === undefined) await endAll();
  }
  const failed = allFacts().filter(({ holds }) => !holds);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `\n${failed.length === 0 ? green(bold("All facts hold")) : red(bold(`${failed.length} facts do not hold`))}: ` +
      `${allFacts().length - failed.length} of ${allFacts().length} checked, ${seconds} s.`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
  if (stay !== undefined) {
    isOver = failed.length === 0;
    try {
      if (isOver) await stay(folder);
    } catch (error) {
      // What was about to be shown is interrupted as well.
      if (!interrupted) throw error;
    } finally {
      await endAll();
    }
  }
  if (failed.length === 0) await rm(folder, { recursive: true, force: true });
  else console.log(`\nLogs of all parties are in ${folder}.`);
}
