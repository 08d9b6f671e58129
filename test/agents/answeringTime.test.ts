import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestTickSeconds, type TickMeasure, tooSlowToAnswer } from "../../src/agents/answeringTime.ts";
import { seed } from "../support/seed.ts";

const idle: TickMeasure = { reachSeconds: 0.5, interpretSeconds: 1.5, processorSeconds: 2.1, steps: 2 ** 24 };

describe("the time to answer challenges", () => {
  it("grows with the longest tick, not with how long it takes to get to one", () => {
    expect(longestTickSeconds(idle, 24)).toBe(2);
    expect(longestTickSeconds(idle, 28)).toBe(0.5 + 16 * 1.5);
  });

  it("is enough exactly when all challenges fit into half the response time", () => {
    const seconds = fc.double({ min: 0.001, max: 100, noNaN: true });
    const measures = fc.record({
      reachSeconds: seconds,
      interpretSeconds: seconds,
      processorSeconds: seconds,
      steps: fc.integer({ min: 0, max: 2 ** 30 }),
    });
    fc.assert(
      fc.property(
        measures,
        fc.nat(36),
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(10 ** 7),
        (measure, log2, most, budget) => {
          const build = { measure, maxLog2Steps: log2 };
          const slow = tooSlowToAnswer(build, most, budget);
          expect(slow !== undefined).toBe(most * longestTickSeconds(measure, log2) > budget / 2);
          // What it advises is enough, and no more would be.
          const advised = Number(/parallelChallenges to (\d+)/.exec(slow?.why ?? "")?.[1] ?? 0);
          if (advised > 0) expect(tooSlowToAnswer(build, advised, budget)).toBeUndefined();
          if (slow !== undefined) expect(tooSlowToAnswer(build, advised + 1, budget)).toBeDefined();
        },
      ),
      { seed, numRuns: 500 },
    );
  });

  it("is explained: what was measured, what it comes to, what is allowed, what to do", () => {
    const slow = tooSlowToAnswer({ measure: idle, maxLog2Steps: 28 }, 64, 3000);
    expect(slow!.why).toBe(
      "its disputes could not be answered in half the response time: a look into a tick of 16777216 steps took 2 s by the clock " +
        "and 2.1 s of processor time, which makes 24.5 s for one of 2^28 steps and 1570 s for 64 challenges at once; allowed are " +
        "1500 s. Use a faster machine and start the solver again, or set limits.parallelChallenges to 61 and risk losing the bond " +
        "to more challenges",
    );
    expect(slow!.facts).toEqual({ ...idle, tickSeconds: 24.5, parallelChallenges: 64, needed: 1568, half: 1500 });
  });

  it("tells a busy machine from a slow one, and gives no advice that does not help", () => {
    const busy = { ...idle, processorSeconds: 0.2 };
    const { why } = tooSlowToAnswer({ measure: busy, maxLog2Steps: 28 }, 64, 10)!;
    expect(why).toContain("0.2 s of processor time");
    expect(why).toMatch(/Other programs had the processors: free this machine and start the solver again$/);
  });
});
