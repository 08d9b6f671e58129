/** How soon a build's command runs in an environment that has been booted before; prints JSON. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finishLocalRun } from "../src/build/node/finishedLocalRun.ts";
import { startLocalRun } from "../src/build/node/localRun.ts";
import { MachineThreads } from "../src/machine/native/node/machineThreads.ts";
import type { RingContent } from "../src/machine/native/ringBuffer.ts";

const [environment = "small"] = process.argv.slice(2);
const builds = 6;
const folder = await mkdtemp(join(tmpdir(), "assay-start-"));
const threads = new MachineThreads();
const seconds: number[] = [];
try {
  for (let i = 0; i < builds; i++) {
    // Each is another build: what is shared is the environment's beginning.
    await writeFile(join(folder, "input"), String(i));
    const command = { command: "echo reached; cp input out", outputs: ["out"] };
    let reached = 0;
    let started = 0;
    let said = "";
    const { session, build } = await startLocalRun({ source: folder, environment, command }, (identified) => {
      started = performance.now();
      const onOutput = ({ bytes }: RingContent) => {
        said += Buffer.from(bytes).toString("latin1");
        if (reached === 0 && said.includes("reached")) reached = performance.now();
      };
      const ring = identified.environment.console;
      return { threads, ...(ring !== undefined && { console: { ring, onOutput } }) };
    });
    try {
      await finishLocalRun({ session, build }, () => {});
    } finally {
      await session.close();
    }
    seconds.push((reached - started) / 1000);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(JSON.stringify({ first: seconds[0], later: seconds.slice(1) }));
process.exit(0);
