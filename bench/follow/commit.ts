import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { compilePackage } from "../../scripts/compiledPackage.ts";
import { finishLocalRun } from "../../src/build/node/finishedLocalRun.ts";
import { startLocalRun } from "../../src/build/node/localRun.ts";
import { type Figure, median } from "../figure.ts";
import { startAgent } from "./agent.ts";
import { createProject } from "./project.ts";

const rounds = 7;

/**
 * From the end of a commit's push to its signed result, with a look each second, without what the same build takes in the machine here.
 */
export async function commit(): Promise<Figure[]> {
  compilePackage();
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-commit-"));
  const { bare, push } = createProject(folder);
  push("data", randomBytes(500_000).toString("hex"));
  const repository = `git+file://${bare}`;
  const agent = startAgent(folder, [repository], ["--poll", "1"]);
  try {
    const isDone = ({ msg }: { msg: string }) => msg === "task succeeded";
    await agent.until(isDone);
    const seconds: number[] = [];
    const builds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const id = push("src/main.js", `console.log(${round});\n`);
      const from = performance.now();
      await agent.until((line) => isDone(line) && line.commit === id);
      seconds.push((performance.now() - from) / 1000);
      builds.push(await buildSeconds(repository, id));
    }
    const [whole, build] = [median(seconds), median(builds)];
    console.log(`commit to result: ${whole.toFixed(2)} s; the build alone: ${build.toFixed(2)} s`);
    const value = Math.max(0, whole - build);
    return [{ name: "follow.commitSeconds", value, unit: "s", target: 2, better: "lower" }];
  } finally {
    await agent.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildSeconds(source: string, revision: string): Promise<number> {
  const run = await startLocalRun({ source, revision, environment: "releaseTarball" });
  try {
    return (await finishLocalRun(run, () => {})).seconds;
  } finally {
    await run.session.close();
  }
}
