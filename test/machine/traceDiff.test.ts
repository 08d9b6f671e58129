import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { findParting, type RootsOfTrace } from "../../src/machine/traceDiff.ts";
import { seed } from "../support/seed.ts";

/** A trace whose roots tell ticks and steps, and from (tick, step) on also that they are wrong. */
function toyTrace(wrongFrom?: { tick: number; step: number }): RootsOfTrace {
  const root = (tick: number, step: number, wrong: boolean) => `0x${tick}/${step}${wrong ? "!" : ""}` as Root;
  return {
    tickRoots: async (ticks) => ticks.map((tick) => root(tick, 0, wrongFrom !== undefined && tick > wrongFrom.tick)),
    stepRoots: async (tick, steps) =>
      steps.map((step) =>
        root(tick, step, wrongFrom !== undefined && tick === wrongFrom.tick && step > wrongFrom.step),
      ),
  };
}

describe("findParting", () => {
  it("names the step from which on two traces differ", async () => {
    const wrongFrom = fc.record({ tick: fc.nat(2 ** 40 - 1), step: fc.nat(2 ** 32 - 1) });
    const property = fc.asyncProperty(wrongFrom, async (at) => {
      expect(await findParting(toyTrace(), toyTrace(at))).toEqual(at);
    });
    await fc.assert(property, { seed, numRuns: 50 });
  });

  it("finds nothing between equal traces", async () => {
    expect(await findParting(toyTrace(), toyTrace(), 7)).toBeUndefined();
  });

  it("says when the traces are of different builds", async () => {
    expect(await findParting(toyTrace(), toyTrace({ tick: -1, step: 0 }))).toBe("start");
  });
});
