import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeHistory, incidents } from "../support/fakeHistory.ts";
import { seed } from "../support/seed.ts";

/** How the contract refuses what comes too early, too late, or at the wrong moment of a round. */
const untimely = [
  "BuildNotReady",
  "ChallengesStillOpen",
  "ClaimsContradict",
  "CommitNotExpired",
  "CommitRevealable",
  "CommitTooOld",
  "CommitTooYoung",
  "DeadlineNotPassed",
  "DeadlinePassed",
  "NotYetFinalizable",
  "RewardNotDue",
  "RoundIsClosed",
  "StakeInUse",
  "WindowIsOver",
  "WrongBond",
];

describe("in any history", () => {
  it("daemons submit nothing that the contract refuses for its time, and lose no bond", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(incidents, { minLength: 10, maxLength: 40 }), async (happenings) => {
        const history = new FakeHistory();
        await history.play(happenings);
        for (const party of history.parties) {
          expect(party.sender.refusals.filter(({ error }) => untimely.includes(error))).toEqual([]);
          expect(party.log.of("warn").filter((message) => message !== "claim is wrong")).toEqual([]);
          expect(party.duties).toMatchObject({ missedDeadlines: 0, lostChallenges: 0, wrongFinals: 0 });
          for (const move of party.moves) seen.set(move, (seen.get(move) ?? 0) + 1);
        }
        expect(history.wrongFinals).toEqual([]);
        expect(history.ownRefuted).toEqual([]);
      }),
      { seed, numRuns: 60 },
    );
    // The histories reach what they are about.
    for (const move of ["commit", "reveal", "finalize", "stake", "challenge", "solver", "challenger", "reward"]) {
      expect(seen.get(move) ?? 0, move).toBeGreaterThan(5);
    }
  });
});
