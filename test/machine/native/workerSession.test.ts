import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { wrongResult } from "../../../src/machine/native/fault.ts";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import { WorkerSession, type WorkerSessionOptions } from "../../../src/machine/native/node/workerSession.ts";
import type { ClaimableProgram } from "../../../src/machine/program.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { traceOf } from "../../../src/trace/machineTrace.ts";
import { claimableText, countingProgram, drives, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

const sessions: WorkerSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

async function start(program: ClaimableProgram, options: Partial<WorkerSessionOptions> = {}): Promise<WorkerSession> {
  const session = await WorkerSession.start({ program: nativeProgramOf(program), drives, ...options });
  sessions.push(session);
  return session;
}

/** The tick after this many never ends. */
const endless = (ticks: number) =>
  countingProgram(1_000_000, `(loop $again (br_if $again (i64.gt_u (global.get $count) (i64.const ${ticks}))))`);
const slow = countingProgram(
  1_000_000,
  "(local $n i32) (loop $again (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000000))))",
);

describe("a session in a worker", () => {
  it("answers as one in the caller's thread", async () => {
    const program = claimableText(countingProgram(20));
    const here = testSession(kernel, program);
    const there = await start(program);
    const run = here.run(everyTicks(2));
    const progress: number[] = [];
    const remote = await there.run(everyTicks(2), ({ ticks }) => progress.push(ticks));
    expect({ ...remote, tickSeconds: 0, hashSeconds: 0 }).toEqual({ ...run, tickSeconds: 0, hashSeconds: 0 });
    expect(progress).toEqual([4, 8, 12, 16, 20]);
    expect(await there.startRoot()).toBe(run.startRoot);
    expect(await there.resultProofs()).toEqual(here.resultProofs());
    expect(await there.readFinalMemory(4096, 9)).toEqual(here.readFinalMemory(4096, 9));
    await there.spotCheck([3]);

    const trace = traceOf(async (ask) => await ask(there));
    expect(await trace.tickRoots([3, 99])).toEqual(here.tickRoots([3, 99]));
    const { steps, ...opening } = here.openTick(7);
    expect(await trace.openTick(7)).toMatchObject(opening);
    expect(await trace.stepRoots(7, [0, 5, steps])).toEqual(here.stepRoots(7, [0, 5, steps]));
    expect(await trace.stepWitness(7, 5)).toEqual(here.stepWitness(7, 5));
  });

  it("ends a tick that never ends, and says so", async () => {
    const session = await start(claimableText(endless(9)), { tickSeconds: 0.3 });
    await expect(session.run(everyTicks(1))).rejects.toMatchObject({
      code: "native/tick-timeout",
      details: { tickSeconds: 0.3 },
    });
    await expect(session.startRoot()).rejects.toMatchObject({ code: "native/tick-timeout" });
  });

  it("hashes and keeps a first state for longer than any tick may take", async () => {
    const log2Size = 28;
    const bytes = new Uint8Array(new SharedArrayBuffer(2 ** log2Size)).fill(1);
    const program = claimableText(countingProgram(1).replace("4 4)", "8192 8192)"));
    const snapshotDirectory = mkdtempSync(join(tmpdir(), "worker-"));
    try {
      const large = { drives: [{ address: 2 ** log2Size, log2Size, bytes }], snapshotDirectory, tickSeconds: 0.5 };
      const session = await start(program, large);
      await expect(session.startRoot()).resolves.toMatch(/^0x/);
    } finally {
      rmSync(snapshotDirectory, { recursive: true });
    }
  });

  it("is aborted between two ticks and stays usable", async () => {
    const program = claimableText(slow);
    const session = await start(program);
    const running = session.run({ ...everyTicks(2), checkpointSeconds: 0.01 }, () => session.abort());
    await expect(running).rejects.toMatchObject({ code: "native/aborted" });
    expect(await session.tickRoots([2])).toEqual(testSession(kernel, program).tickRoots([2]));
  });

  it("is closed in the middle of anything", async () => {
    const session = await start(claimableText(endless(0)));
    const running = expect(session.run(everyTicks(1))).rejects.toMatchObject({
      code: "native/aborted",
      message: "the session was closed",
    });
    await session.close();
    await running;
  });

  it("passes typed errors on", async () => {
    const session = await start(claimableText(countingProgram(5)));
    await expect(session.openTick(-1)).rejects.toMatchObject({ code: "native/bad-position" });
    const misplaced = [{ address: 5, log2Size: 12, bytes: new Uint8Array(1) }];
    const refused = await start(claimableText(countingProgram(5)), { drives: misplaced });
    await expect(refused.startRoot()).rejects.toMatchObject({ code: "machine/bad-input" });
  });

  it("gives the same wrong states after it was killed, from its directory", async () => {
    const directory = mkdtempSync(join(tmpdir(), "worker-"));
    try {
      const program = claimableText(countingProgram(30));
      const options = { snapshotDirectory: join(directory, "run"), fault: wrongResult };
      const first = await (await start(program, options)).run(everyTicks(2));
      expect(readdirSync(options.snapshotDirectory)).toHaveLength(9);
      await sessions[0]!.close();
      const second = await (await start(program, options)).run(everyTicks(2));
      expect(second.finalRoot).toBe(first.finalRoot);
      expect(second.finalRoot).not.toBe(testSession(kernel, program).run(everyTicks(2)).finalRoot);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
