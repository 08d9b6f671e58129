import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assessClaim } from "../../src/protocol/assessClaim.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import { hashWords, zeroRoot } from "../../src/protocol/hash.ts";
import type { Trace } from "../../src/protocol/trace.ts";
import { toyWorld } from "../support/game/toyTrace.ts";
import { checkpointRoots, fieldsOf } from "../support/game/world.ts";
import { seed } from "../support/seed.ts";

const world = toyWorld({ ticks: 30, maxSteps: 8, seed: 3 });
const { truth } = world;

describe("assessing a claim", () => {
  it("finds neighbouring checkpoints around the place where the claim leaves the truth", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(29), fc.constantFrom(0, 2, 4), async (tick, log2CheckpointTicks) => {
        const faulty = world.faulty({ tick, step: 1 });
        const fields = await fieldsOf(faulty, 5, log2CheckpointTicks);
        const roots = await checkpointRoots(faulty, 5, log2CheckpointTicks);
        const found = await assessClaim(fields, truth, { roots });
        expect(found).toMatchObject({
          verdict: "wrong",
          start: { kind: "checkpoints", index: Math.floor(tick / 2 ** log2CheckpointTicks) },
        });
      }),
      { seed },
    );
  });

  it("challenges the whole range when the list is missing, another one, or too short", async () => {
    const faulty = world.faulty({ tick: 9, step: 1 });
    const fields = await fieldsOf(faulty, 5, 2);
    const roots = await checkpointRoots(faulty, 5, 2);
    for (const list of [undefined, { roots: roots.slice(1) }, { roots: [...roots].reverse() }]) {
      expect(await assessClaim(fields, truth, list)).toEqual({ verdict: "wrong", start: { kind: "whole" } });
    }
  });

  it("does not mind a bad checkpoint list under the right root", async () => {
    const roots = Array.from({ length: 7 }, (_, i) => hashWords(i));
    const fields = { ...(await fieldsOf(truth, 5, 2)), checkpointRoot: new CheckpointTree({ roots }).root };
    expect(await assessClaim(fields, truth, { roots })).toEqual({ verdict: "right" });
  });

  it("19: calls a claim wrong that stops before the run has halted, and right one that goes on after it", async () => {
    const early = { ...(await fieldsOf(truth, 5, 2)), log2Ticks: 4 };
    expect((await assessClaim(early, truth)).verdict).toBe("wrong");
    expect((await assessClaim(await fieldsOf(truth, 9, 2), truth)).verdict).toBe("right");
  });

  it("takes a state that is never reached for no root at all, also not for the zero root", async () => {
    const endless: Trace = { ...truth, tickRoots: async (ticks) => ticks.map(() => zeroRoot) };
    const fields = { ...(await fieldsOf(truth, 5, 2)), finalRoot: zeroRoot };
    expect((await assessClaim(fields, endless)).verdict).toBe("wrong");
  });
});
