import { describe, expect, it } from "vitest";
import { disputeSeconds } from "../../src/protocol/parameters.ts";
import { challengeableUntil, finalizableFrom, isReturnable, rewardDueFrom } from "../../src/protocol/rounds.ts";
import { gameParameters } from "../support/game/gameParameters.ts";

const calm = { openRoots: 1, contradictionEndedAt: 0, joinDeadline: 500, finalizedAt: 0 };
const reaction = 100;

describe("a claim's round", () => {
  it("leaves it open to challenge and not final in its own window, and no longer, if nothing contradicts it", () => {
    expect(challengeableUntil(1000, calm, reaction)).toBe(1000);
    expect(finalizableFrom(1000, calm, reaction)).toBe(1000);
  });

  it("leaves it open to challenge without end while claims contradict each other", () => {
    expect(challengeableUntil(1000, { ...calm, openRoots: 2 }, reaction)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [850, 1000],
    [900, 1000],
    [901, 1001],
    [2000, 2100],
  ])("adds the reaction time to the fall of a contradiction at %i: until %i", (contradictionEndedAt, end) => {
    expect(challengeableUntil(1000, { ...calm, contradictionEndedAt }, reaction)).toBe(end);
    expect(finalizableFrom(1000, { ...calm, contradictionEndedAt }, reaction)).toBe(end);
  });

  it("means nothing for it any more when the build is final: its own window counts", () => {
    const final = { ...calm, openRoots: 2, contradictionEndedAt: 2000, finalizedAt: 2200 };
    expect(challengeableUntil(3000, final, reaction)).toBe(3000);
    expect(finalizableFrom(3000, final, reaction)).toBe(3000);
  });
});

describe("a reward", () => {
  const latest = disputeSeconds(gameParameters) + gameParameters.minResponseSeconds;

  it("is due with finality when no claim of the build is open", () => {
    expect(rewardDueFrom({ ...calm, finalizedAt: 700 }, 0, gameParameters)).toBe(700);
  });

  it("waits for open claims, at most as long as any of the round can need", () => {
    const { maxWindowSeconds } = gameParameters;
    expect(rewardDueFrom({ ...calm, finalizedAt: 700 }, 1, gameParameters)).toBe(500 + maxWindowSeconds + latest);
    const late = 500 + maxWindowSeconds + 1;
    expect(rewardDueFrom({ ...calm, finalizedAt: late }, 1, gameParameters)).toBe(late + latest);
  });
});

describe("a commitment", () => {
  it("can be taken back from the second on at which its first reveal would be too late", () => {
    expect(isReturnable(399, calm, 100)).toBe(false);
    expect(isReturnable(400, calm, 100)).toBe(true);
    expect(isReturnable(401, { ...calm, openRoots: 3 }, 100)).toBe(true);
  });

  it("can be taken back after finality, and not while no round is open", () => {
    expect(isReturnable(400, { ...calm, openRoots: 0, finalizedAt: 600 }, 100)).toBe(true);
    expect(isReturnable(400, { ...calm, openRoots: 0 }, 100)).toBe(false);
  });
});
