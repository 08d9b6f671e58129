import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { challengerDeadline, clocksAfterSelect, isOver, solverDeadline } from "../../src/protocol/clock.ts";
import { seed } from "../support/seed.ts";

const clocks = fc.record({
  movedAt: fc.integer({ min: 1000, max: 10_000 }),
  solverLeft: fc.nat(2000),
  challengerLeft: fc.nat(2000),
});

describe("the clocks of a challenge", () => {
  it("6: give every move at least the minimum response, even when nothing is left", () => {
    const spent = { movedAt: 100, solverLeft: 0, challengerLeft: 0 };
    expect(solverDeadline(spent, 60)).toBe(160);
    expect(challengerDeadline(spent, 130, 60)).toBe(190);
  });

  it("6: count the second of the deadline to the one who moves", () => {
    expect([isOver(160, 159), isOver(160, 160), isOver(160, 161)]).toEqual([false, false, true]);
  });

  it("never leave less than nothing, and never give time back", () => {
    fc.assert(
      fc.property(clocks, fc.nat(3000), fc.nat(3000), (before, thinking, choosing) => {
        const postedAt = before.movedAt + thinking;
        const after = clocksAfterSelect(before, postedAt, postedAt + choosing);
        expect(after.movedAt).toBe(postedAt + choosing);
        expect(after.solverLeft).toBe(Math.max(0, before.solverLeft - thinking));
        expect(after.challengerLeft).toBe(Math.max(0, before.challengerLeft - choosing));
      }),
      { seed },
    );
  });

  it("charge nothing to the solver for a row that was there before", () => {
    const before = { movedAt: 500, solverLeft: 300, challengerLeft: 200 };
    expect(clocksAfterSelect(before, 100, 510)).toEqual({ movedAt: 510, solverLeft: 300, challengerLeft: 190 });
  });
});
