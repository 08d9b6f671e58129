import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inputDriveOf, startDrives } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { headerBytes } from "../../src/machine/layout.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { WorkerSession } from "../../src/machine/native/node/workerSession.ts";
import { opcodeOf } from "../../src/machine/opcodes.ts";
import { encodeBuild, enterTick, loadEnvironment, pinnedImageFiles, runInput } from "../support/guestRun.ts";
import { Random } from "../support/random.ts";
import { chooseSteps } from "../support/sampledRun.ts";
import { seed } from "../support/seed.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

/** Touches pages of fresh memory and gives them back, again and again; or computes with doubles. */
const workC = `#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
int main(int n, char **a) {
  if (a[1][0] == 'f') {
    for (int i = 0; i < 60; i++) {
      char *p = mmap(0, 1 << 19, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      for (int at = 0; at < 1 << 19; at += 4096) p[at] = at >> 12;
      munmap(p, 1 << 19);
    }
    return 0;
  }
  double x = 1, y = 0;
  for (int i = 1; i < 300000; i++) { y += x / i; x = -x * 1.0000001; }
  float z = y;
  printf("%.9f %.3f\\n", y, z);
  return 0;
}
`;
const command = [
  "echo @compile; tcc -o work work.c",
  "echo @idle; sleep 40",
  "echo @faults; ./work faults",
  "echo @forks; i=0; while [ $i -lt 60 ]; do (:); i=$((i+1)); done",
  "echo @float; ./work numbers",
  "echo @console; seq 1 12000",
  "echo @end",
].join("; ");
const phases = ["boot", "compile", "idle", "faults", "forks", "float", "console"] as const;
const ticksPerPhase = 1;
/** The steps of a tick from which those for the contract are chosen: one of each instruction that occurs there. */
const [perInstruction, sampledSteps] = [1, 2 ** 22];

describe.runIf(pinnedImageFiles())("ticks of a Linux guest", async () => {
  const input = encodeBuild({ "work.c": workC }, { command });
  let session: WorkerSession;
  let sample: { phase: string; tick: number }[];
  beforeAll(async () => {
    const { settings, images, binary } = loadEnvironment("small");
    const random = new Random(seed);
    const ticks = new Map<string, number[]>(phases.map((phase) => [phase, []]));
    let phase = "boot";
    runInput(input, "small", (tick, printed) => {
      const now = [...printed().matchAll(/^@(\w+)$/gm)].at(-1)?.[1] ?? "boot";
      // A tick belongs to a phase when it neither began nor ended in another; the first is none, its start is not shown.
      if (now === phase && tick > 1) ticks.get(phase)?.push(tick - 1);
      phase = now;
    });
    sample = phases.flatMap((name) =>
      Array.from({ length: ticksPerPhase }, () => ({ phase: name, tick: random.pick(ticks.get(name)!) })),
    );
    session = await WorkerSession.start({
      program: nativeProgramOf(loadClaimable(binary)),
      drives: [...startDrives(settings, images), { ...inputDriveOf(settings), bytes: input }],
    });
  });
  afterAll(async () => await session?.close());

  it("has ticks of every phase in the sample", () => {
    console.log(sample.map(({ phase, tick }) => `${phase} ${tick}`).join(", "));
    expect(sample.filter(({ tick }) => tick === undefined)).toEqual([]);
  });

  it("are the same in the engine and in the interpreter, and below the bound on their steps", async () => {
    await session.spotCheck(sample.map(({ tick }) => tick));
    for (const { phase, tick } of sample) {
      const { steps } = await session.openTick(tick);
      expect(steps, phase).toBeGreaterThan(2 ** 20);
      expect(steps, phase).toBeLessThan(2 ** 32);
    }
  }, 900_000);

  it("have steps that the contract executes as the interpreter does", async () => {
    const { runAll } = await deployStepVerifier();
    const random = new Random(seed + 1);
    const chosen = new Map<number, number[]>();
    runInput(input, "small", (tick, _, memory) => {
      if (!sample.some((one) => one.tick === tick)) return;
      chosen.set(tick, chooseSteps(enterTick(memory), random, perInstruction, sampledSteps).chosen);
    });
    const names = new Map<string, number>();
    let count = 0;
    for (const { phase, tick } of sample) {
      const replayed: { root: string; witness: Uint8Array }[] = [];
      const after: string[] = [];
      const steps = chosen.get(tick)!;
      for (const step of steps) {
        const [root, postRoot] = await session.stepRoots(tick, [step, step + 1]);
        const witness = await session.stepWitness(tick, step);
        replayed.push({ root: root!, witness });
        after.push(postRoot!);
        const name = instructionOf(witness);
        names.set(name, (names.get(name) ?? 0) + 1);
      }
      expect(await runAll(replayed), phase).toEqual(after);
      count += steps.length;
    }
    console.log(`${count} steps of ${names.size} instructions`);
    expect(count).toBeGreaterThanOrEqual(300);
    expect(names.size).toBeGreaterThan(60);
    expect([...names.keys()]).toEqual(expect.arrayContaining(["i64.extend32_s", "i64.mul"]));
  }, 900_000);
});

/** The instruction that the step of a running state fetches: its code leaf is the first that a witness shows. */
function instructionOf(witness: Uint8Array): string {
  return opcodeOf[witness[headerBytes + 8 * (witness[0]! & 15)]!]!.name;
}
