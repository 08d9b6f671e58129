import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildIdOf } from "../../src/environment/environment.ts";
import { type NativeProgram, nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { WorkerSession } from "../../src/machine/native/node/workerSession.ts";
import type { DriveImage } from "../../src/machine/program.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { resultRecordSize } from "../../src/programs/program.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";
import { guestOf, makeGuestCache } from "../support/guestCache.ts";
import { encodeBuild, pinnedImageFiles } from "../support/guestRun.ts";

const source = { "a.c": "int twice(int n) { return 2 * n; }\n" };
const input = encodeBuild(source, { command: "cc -O2 -c a.c -o out", outputs: ["out"], tickLimit: 5000n });
const timeout = 600_000;

describe.runIf(pinnedImageFiles("c"))("a build with gcc is the same", () => {
  let folder: string;
  let guest: ReturnType<typeof guestOf>;
  let program: NativeProgram;
  let drives: readonly DriveImage[];
  let reference: Awaited<ReturnType<typeof outcome>>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "assay-gcc-"));
    guest = guestOf(await makeGuestCache(folder, "c"));
    const opened = await guest.open();
    program = nativeProgramOf(opened.program);
    drives = [...opened.drives, { ...guest.drive, bytes: input }];
    // From the first tick; leaves the shared beginning for the others.
    reference = await outcome(8, "first");
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a run comes to, with the roots at all multiples of 16 ticks, whatever its checkpoints. */
  async function outcome(log2CheckpointTicks: number, snapshots: string) {
    const session = await WorkerSession.start({
      program,
      drives,
      snapshotDirectory: join(folder, snapshots),
      prefix: guest.sharedPrefix!(input),
      report: (complaint) => expect.unreachable(complaint),
    });
    try {
      const options = { log2Arity: 4, checkpointSeconds: 0, log2CheckpointTicks };
      const { ticks, startRoot, finalRoot } = await session.run(options);
      const sixteenths = Array.from({ length: Math.floor(ticks / 16) }, (_, i) => 16 * (i + 1));
      const roots = await session.tickRoots(sixteenths);
      await session.rerunPrefix();
      const record = readResultRecord(await session.readFinalMemory(0, resultRecordSize));
      return { ticks, startRoot, finalRoot, roots, exitCode: record.exitCode, sha256: record.artifactSha256 };
    } finally {
      await session.close();
    }
  }

  it("and is what its input and environment say", async () => {
    expect(reference.startRoot).toBe(buildIdOf(guest, input, await loadKeccakKernel()));
    expect(reference.exitCode).toBe(0);
    expect(new Set(reference.roots).size).toBe(reference.roots.length);
  });

  it(
    "from the shared boot state, with checkpoints at other distances",
    async () => {
      expect(await outcome(4, "second")).toEqual(reference);
    },
    timeout,
  );

  it(
    "when it is taken up from its snapshots",
    async () => {
      expect(await outcome(4, "second")).toEqual(reference);
    },
    timeout,
  );
});
