import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { compilePackage } from "../../scripts/compiledPackage.ts";
import type { Figure } from "../figure.ts";
import { startAgent } from "./agent.ts";
import { createProject } from "./project.ts";

const repositories = 200;
/** Two polls of the default length. */
const watchedSeconds = 120;

/** What an agent and the processes of git that it starts use of a core, at the default poll, once it has seen what there is. */
export async function idle(): Promise<Figure[]> {
  compilePackage();
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-idle-"));
  const { bare, remove } = createProject(folder);
  // Nothing is built: this is about looking.
  remove(".assay/tasks.yaml");
  const copies = Array.from({ length: repositories }, (_, i) => join(folder, `copy-${i}.git`));
  for (const copy of copies) await cp(bare, copy, { recursive: true });
  // What has been written in the last two seconds is read by git at the second look too.
  await pause(2000);
  const agent = startAgent(
    folder,
    copies.map((copy) => `git+file://${copy}`),
    [],
  );
  try {
    await agent.until(({ msg }) => msg === "a commit is seen", repositories);
    const [from, used] = [performance.now(), cpuSeconds(agent.processId)];
    await pause(watchedSeconds * 1000);
    const seconds = (performance.now() - from) / 1000;
    const value = (100 * (cpuSeconds(agent.processId) - used)) / seconds;
    return [{ name: "follow.idleCpu", value, unit: "% of a core", target: 1, better: "lower" }];
  } finally {
    await agent.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of a process and its children that have ended, by Linux's `/proc`. */
function cpuSeconds(processId: number): number {
  const fields = readFileSync(`/proc/${processId}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "latin1" }));
}
