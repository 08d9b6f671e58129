import { beforeAll, describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { inputDriveOf, startDrives } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import type { Fault } from "../../src/machine/native/fault.ts";
import type { CompletedRun } from "../../src/machine/native/session.ts";
import { sessionInThread } from "../../src/machine/native/sessionClient.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { assessClaim } from "../../src/protocol/assessClaim.ts";
import { encodeBuild, loadEnvironment, pinnedImageFiles } from "../support/guestRun.ts";
import { testSession } from "../support/testSession.ts";

const [early, middle] = [1, 12];
const tickEnd = Number.MAX_SAFE_INTEGER;
const mutations = {
  global: { kind: "global", index: 1, xor: 1 },
  deadSlot: { kind: "stack", slot: 8000, xor: 1 },
  record: { kind: "memory", address: 24, xor: 1 },
} as const;

describe.runIf(pinnedImageFiles())("a fault in a Linux build that heals", async () => {
  const kernel = await loadKeccakKernel();
  const input = encodeBuild({}, { command: "echo hello >out" });
  let honest: Awaited<ReturnType<typeof rootsOf>>;
  beforeAll(async () => {
    honest = await rootsOf();
  });

  /** A whole run: its claim's fields, its trace, and the roots after each tick. */
  async function rootsOf(fault?: Fault) {
    const { settings, images, binary } = loadEnvironment("small");
    const drives = [...startDrives(settings, images), { ...inputDriveOf(settings), bytes: input }];
    const session = testSession(kernel, loadClaimable(binary), { drives, ...(fault && { fault }) });
    const run = session.run({ log2Arity: 4, checkpointSeconds: 0, log2CheckpointTicks: 0 });
    const roots = session.tickRoots(Array.from({ length: run.ticks + 1 }, (_, tick) => tick));
    return { run, roots, trace: sessionInThread(session) };
  }

  /** What a verifier says of a claim of this run; guests have their checkpoints further apart than its ticks. */
  async function verdictOn({ startRoot, finalRoot, log2Ticks }: CompletedRun): Promise<string> {
    const checkpointRoot: Root = `0x${"00".repeat(32)}`;
    const claim = { buildId: startRoot, finalRoot, log2Ticks, log2CheckpointTicks: 8, checkpointRoot };
    return (await assessClaim(claim, honest.trace)).verdict;
  }

  /** Numbers of ticks after which the states differ. */
  const differing = (roots: readonly Root[]) =>
    roots.flatMap((root, tick) => (root === honest.roots[tick] ? [] : [tick]));

  it.each([
    ["in a global inside a tick, cleared at its end", mutations.global, early, 1000, () => []],
    ["in a slot of the stack that nothing uses, cleared at its end", mutations.deadSlot, middle, 1000, () => []],
    ["in a global at a tick's end, cleared at the next", mutations.global, middle, tickEnd, () => [middle + 1]],
    ["in the result record, until it is written", mutations.record, early, 1000, untilTheRecord],
    ["in the result record later, until it is written", mutations.record, middle, 1000, untilTheRecord],
  ] as const)(
    "%s, leaves a claim that is right",
    async (_, mutation, tick, step, expected) => {
      const { run, roots } = await rootsOf({ at: { tick, step }, mutation });
      expect(differing(roots)).toEqual(expected(tick, run.ticks));
      expect(run.finalRoot).toBe(honest.run.finalRoot);
      expect(await verdictOn(run)).toBe("right");
    },
    300_000,
  );

  it("does not heal at the end of the last tick: nothing clears the global any more", async () => {
    const { run, roots } = await rootsOf({
      at: { tick: honest.run.ticks - 1, step: tickEnd },
      mutation: mutations.global,
    });
    expect(differing(roots)).toEqual([run.ticks]);
    expect(await verdictOn(run)).toBe("wrong");
  });
});

/** The record is written in the last tick. */
function untilTheRecord(tick: number, ticks: number): number[] {
  return Array.from({ length: ticks - 1 - tick }, (_, i) => tick + 1 + i);
}
