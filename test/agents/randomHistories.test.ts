import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrongRun } from "../support/fakeBuilds.ts";
import { FakeHistory, incidents, incidentsWithOutages } from "../support/fakeHistory.ts";
import { CallRefused, FakeWorld, type HandmadeClaim, stranger } from "../support/fakeWorld.ts";
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

/** What daemons submit that comes at the wrong time. */
function refusedForTime({ parties }: FakeHistory): readonly unknown[] {
  return parties.flatMap(({ sender }) => sender.refusals.filter(({ error }) => untimely.includes(error)));
}

describe("in any history", () => {
  it("daemons submit nothing that the contract refuses for its time, and lose no bond", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(incidents, { minLength: 10, maxLength: 40 }), async (events) => {
        const history = new FakeHistory();
        await history.play(events);
        expect(refusedForTime(history)).toEqual([]);
        for (const { log, duties, moves } of history.parties) {
          expect(log.of("warn").filter((message) => message !== "claim is wrong")).toEqual([]);
          expect(duties).toMatchObject({ missedDeadlines: 0, lostChallenges: 0, wrongFinals: 0 });
          for (const move of moves) seen.set(move, (seen.get(move) ?? 0) + 1);
        }
        expect(history.wrongFinals).toEqual([]);
        expect(history.ownRefuted).toEqual([]);
      }),
      { seed, numRuns: 50 },
    );
    // The histories reach what they are about.
    for (const move of ["commit", "reveal", "finalize", "challenge", "solver", "challenger", "reward"]) {
      expect(seen.get(move) ?? 0, move).toBeGreaterThan(5);
    }
  });

  it("daemons that were away submit nothing that the contract refuses for its time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(incidentsWithOutages, { minLength: 10, maxLength: 40 }), async (events) => {
        const history = new FakeHistory();
        await history.play(events);
        expect(refusedForTime(history)).toEqual([]);
      }),
      { seed, numRuns: 50 },
    );
  });
});

describe("a commitment", () => {
  it("is revealed, taken back or ended at a time when the contract allows it, whenever its solver looks", async () => {
    const ends = new Map<string, number>();
    const times = fc.record({
      /** When somebody else's round opens, and from then on the solver commits. */
      opens: fc.constantFrom("before", "after", "never"),
      commitAfter: fc.oneof(fc.integer({ min: 0, max: 910 }), fc.integer({ min: 880, max: 910 })),
      minedAfter: fc.integer({ min: 0, max: 120 }),
      awayFor: fc.integer({ min: 0, max: 1000 }),
      /** When the round ends by a refutation, if it does, after the solver has come back. */
      endsAfter: fc.option(fc.integer({ min: 0, max: 900 })),
    });
    await fc.assert(
      fc.asyncProperty(times, async ({ opens, commitAfter, minedAfter, awayFor, endsAfter }) => {
        const world = new FakeWorld();
        const { chain } = world;
        const solver = world.solver();
        await world.request(1);
        const open = async () => {
          const claim = await world.claim(stranger, wrongRun(1));
          await world.challenge(stranger, claim);
          return claim;
        };
        const before = opens === "before" ? await open() : undefined;
        chain.pass(commitAfter);
        await solver.look();
        chain.pass(minedAfter);
        await solver.sender.mine();
        const other = opens === "after" ? await open() : before;
        chain.pass(awayFor);
        for (let second = 0; second < 1000; second += 50) {
          if (second > (endsAfter ?? Infinity) && other !== undefined) await tryTimeout(world, other);
          await solver.act();
          chain.pass(50);
        }
        expect(solver.sender.refusals).toEqual([]);
        await solver.look();
        expect(solver.ledger.history.commitments.size).toBe(0);
        const end = solver.moves.filter((move) => ["reveal", "return", "expire"].includes(move)).join();
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }),
      { seed, numRuns: 100 },
    );
    // After one that has ended without a claim it may commit again, and reveal that.
    const first = new Set([...ends.keys()].map((moves) => moves.split(",")[0]));
    expect([...first].sort()).toEqual(["expire", "return", "reveal"]);
  });
});

/** Has the solver of a claim timed out, if that is allowed. */
async function tryTimeout(world: FakeWorld, claim: HandmadeClaim): Promise<void> {
  try {
    await world.end(stranger, "timeoutSolver", claim);
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
  }
}
