import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  challengerDeadline,
  clocksAfterChallenger,
  clocksAfterSolver,
  isOver,
  solverDeadline,
} from "../../src/protocol/clock.ts";
import { seed } from "../support/seed.ts";

const clocks = fc.record({
  since: fc.integer({ min: 1000, max: 10_000 }),
  solverLeft: fc.nat(2000),
  challengerLeft: fc.nat(2000),
});

describe("the clocks of a challenge", () => {
  it("6: give every move at least the minimum response, even when nothing is left", () => {
    const spent = { since: 100, solverLeft: 0, challengerLeft: 0 };
    expect([solverDeadline(spent, 60), challengerDeadline(spent, 60)]).toEqual([160, 160]);
    const rich = { since: 100, solverLeft: 300, challengerLeft: 200 };
    expect([solverDeadline(rich, 60), challengerDeadline(rich, 60)]).toEqual([400, 300]);
  });

  it("6: count the second of the deadline to the one who moves", () => {
    expect([isOver(160, 159), isOver(160, 160), isOver(160, 161)]).toEqual([false, false, true]);
  });

  it("charge each side for its own turn, never leave less than nothing, and never give time back", () => {
    fc.assert(
      fc.property(clocks, fc.nat(3000), (before, thinking) => {
        const now = before.since + thinking;
        const { solverLeft, challengerLeft } = before;
        const less = (left: number) => Math.max(0, left - thinking);
        expect(clocksAfterSolver(before, now)).toEqual({ since: now, solverLeft: less(solverLeft), challengerLeft });
        expect(clocksAfterChallenger(before, now)).toEqual({
          since: now,
          solverLeft,
          challengerLeft: less(challengerLeft),
        });
      }),
      { seed },
    );
  });
});
