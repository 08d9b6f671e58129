import { describe, expect, it } from "vitest";
import { buildIdOf } from "../../src/environment/environment.ts";
import { environmentOfManifest, inputDriveOf, makeManifest, startDrives } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { WorkerSession } from "../../src/machine/native/node/workerSession.ts";
import type { CompletedRun } from "../../src/machine/native/session.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { resultRecordSize } from "../../src/programs/program.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";
import { encodeBuild, loadEnvironment, pinnedImageFiles, runInput } from "../support/guestRun.ts";

const files = { "hello.c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' };
const input = encodeBuild(files, { command: "tcc -o hello hello.c && ./hello >out" });

describe.runIf(pinnedImageFiles())("a build in a guest as a run of the machine", () => {
  it("starts at the id the client computes and ends, whatever the checkpoints, where a bare run ends", async () => {
    const { settings, images, binary } = loadEnvironment("small");
    const program = loadClaimable(binary);
    const drives = [...startDrives(settings, images), { ...inputDriveOf(settings), bytes: input }];
    const bare = runInput(input);
    const runs: CompletedRun[] = [];
    for (const log2CheckpointTicks of [2, 4]) {
      const session = await WorkerSession.start({ program: nativeProgramOf(program), drives });
      try {
        const run = await session.run({ log2Arity: 4, checkpointSeconds: 1, log2CheckpointTicks });
        runs.push(run);
        const record = readResultRecord(await session.readFinalMemory(0, resultRecordSize));
        expect(record).toMatchObject({ exitCode: 0, artifactSize: 6n, artifactSha256: bare.artifactSha256 });
        expect(run.ticks).toBe(bare.ticks);
      } finally {
        await session.close();
      }
    }
    const manifest = makeManifest(settings, program, images, await loadKeccakKernel());
    expect(runs[0]!.startRoot).toBe(buildIdOf(environmentOfManifest(manifest), input, await loadKeccakKernel()));
    expect(runs[1]!.finalRoot).toBe(runs[0]!.finalRoot);
    expect(runs[1]!.checkpoints).toEqual(runs[0]!.checkpoints.filter((_, i) => i % 4 === 3));
  });
});
