import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type NativeProgram, nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import { MachineThreads } from "../../../src/machine/native/node/machineThreads.ts";
import { WorkerSession, type WorkerSessionOptions } from "../../../src/machine/native/node/workerSession.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram, drives, everyTicks, testSession } from "../../support/testSession.ts";

const kernel = await loadKeccakKernel();
const text = claimableText(countingProgram(20));
const program = nativeProgramOf(text);
const other = nativeProgramOf(claimableText(countingProgram(21)));
const endless = nativeProgramOf(
  claimableText(
    countingProgram(1_000_000, "(loop $again (br_if $again (i64.gt_u (global.get $count) (i64.const 5))))"),
  ),
);

let threads: MachineThreads;
let folder: string;
beforeEach(() => {
  threads = new MachineThreads();
  folder = mkdtempSync(join(tmpdir(), "threads-"));
});
afterEach(async () => {
  await threads.close();
  rmSync(folder, { recursive: true });
});

async function start(of: NativeProgram, options: Partial<WorkerSessionOptions> = {}): Promise<WorkerSession> {
  return await WorkerSession.start({ program: of, drives, threads, ...options });
}

/** Runs a build to its end. @returns its roots */
async function build(of: NativeProgram, options: Partial<WorkerSessionOptions> = {}) {
  const session = await start(of, options);
  const { startRoot, finalRoot, checkpoints } = await session.run(everyTicks(2));
  await session.spotCheck([3]);
  await session.close();
  return { startRoot, finalRoot, checkpoints };
}

/** Number of the thread that is kept for this program. */
async function kept(of: NativeProgram): Promise<number | undefined> {
  const worker = threads.take(of);
  if (worker !== undefined) await threads.give(worker, of);
  return worker?.threadId;
}

describe("the thread of a session that was closed", () => {
  it("is the next one's, which has the states that a new one has", async () => {
    const numbers: (number | undefined)[] = [];
    for (const byte of [1, 2, 3]) {
      const other = [{ ...drives[0]!, bytes: new Uint8Array(byte * 500).fill(byte) }];
      const snapshotDirectory = join(folder, String(byte));
      const here = testSession(kernel, text, { drives: other }).run(everyTicks(2));
      expect(await build(program, { drives: other, snapshotDirectory })).toEqual({
        startRoot: here.startRoot,
        finalRoot: here.finalRoot,
        checkpoints: here.checkpoints,
      });
      numbers.push(await kept(program));
    }
    expect(numbers[0]).toBeDefined();
    expect(new Set(numbers).size).toBe(1);
  });

  it("answers the next session alone", async () => {
    const first = await start(program);
    await first.startRoot();
    await first.close();
    const second = await start(program);
    await expect(first.startRoot()).rejects.toMatchObject({ code: "native/aborted" });
    expect(await second.startRoot()).toBe(testSession(kernel, text).startRoot());
    await second.close();
  });

  it("is ended for one of another program", async () => {
    await build(program);
    const worker = threads.take(program)!;
    await threads.give(worker, program);
    const session = await start(other);
    await once(worker, "exit");
    await session.close();
    expect(await kept(program)).toBeUndefined();
  });

  it("is not kept when something was under way", async () => {
    const session = await start(endless);
    const running = session.run(everyTicks(2));
    const failure = expect(running).rejects.toMatchObject({ code: "native/aborted" });
    await session.close();
    await failure;
    expect(await kept(endless)).toBeUndefined();
  });

  it("is not kept when it has failed", async () => {
    const session = await start(endless, { tickSeconds: 0.5 });
    await expect(session.run(everyTicks(2))).rejects.toMatchObject({ code: "native/tick-timeout" });
    await session.close();
    expect(await kept(endless)).toBeUndefined();
  });

  it("is gone when it has died, or was taken", async () => {
    await build(program);
    const worker = threads.take(program)!;
    expect(threads.take(program)).toBeUndefined();
    await threads.give(worker, program);
    await worker.terminate();
    expect(threads.take(program)).toBeUndefined();
  });

  it("is ended with those who keep it, whenever it comes", async () => {
    const session = await start(program);
    await session.startRoot();
    await threads.close();
    await session.close();
    await expect(session.startRoot()).rejects.toMatchObject({ code: "native/aborted" });
    expect(threads.take(program)).toBeUndefined();
  });
});
