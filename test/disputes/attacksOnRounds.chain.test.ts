import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { claimWindowSeconds, disputeSeconds, splitBond } from "../../src/protocol/parameters.ts";
import { bookChallenger, silentChallenger } from "../support/game/challengerStrategies.ts";
import { gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import type { Report, VerifierSeat } from "../support/game/scenario.ts";
import { bookSolver, concedingSolver, silentSolver } from "../support/game/solverStrategies.ts";
import { lastSecond } from "../support/game/strategies.ts";
import { challengeOf, claimOf, rightClaimOf, useTwinGames } from "../support/game/twinGames.ts";

// A stalled challenge takes longer than a window, so that a stake that comes back is too late for another claim.
const parameters = { ...gameParameters, maxLog2Steps: 8, solverBudgetSeconds: 1_500, challengerBudgetSeconds: 1_500 };
const { party, play, chain } = useTwinGames(parameters, 16);
const world = machineWorld(5, 3);
const { truth } = world;
const faulty = world.faulty({ tick: 3, step: 20 });
const junk = machineWorld(3, 8);
const { solverBond, challengerBond, baseWindowSeconds, reactionSeconds, minCommitAgeSeconds } = parameters;
const { paid: reward, burned } = splitBond(solverBond, parameters.burnPermille);
const window = claimWindowSeconds(parameters, 3);
const buildId = (await truth.tickRoots([0]))[0] as Root;
const silent = silentSolver(faulty, 0);

/** A verifier of both builds that never sleeps, with money for some of them. */
function verifier(number: number, builds: bigint): VerifierSeat {
  const truths = [truth, junk.truth];
  return { party: party(number), funds: builds * challengerBond, truths, lag: 3, asleep: [] };
}

function statuses(report: Report): string[] {
  return report.claims.map(({ status }) => status);
}

/** Clones revealed so late that nobody can commit to a contradiction any more. */
function lateClones(first: number, count: number) {
  const revealAfter = baseWindowSeconds - minCommitAgeSeconds + 10;
  return Array.from({ length: count }, (_, i) =>
    claimOf(party(first + i), faulty, { commitAfter: 300, revealAfter, strategy: silent }),
  );
}

describe("a wrong result", () => {
  it("66: is not final through clones revealed too late to be contradicted, against a verifier with one stake", async () => {
    const report = await play({
      claims: [
        claimOf(party(0), faulty, { strategy: silent }),
        claimOf(party(1), faulty, { revealAfter: 700, strategy: silent }),
        ...lateClones(2, 6),
      ],
      challenges: [],
      verifiers: [verifier(9, 1n)],
    });
    expect(statuses(report)).toEqual(report.claims.map(() => "refuted"));
    expect(report.net.get(party(9))).toBe(8n * reward);
    expect(chain().build(buildId)).toMatchObject({ openRoots: 0, finalizedAt: 0 });
    // All are over within D after the last window.
    const last = Math.max(...report.challenges.map(({ endedAt }) => endedAt));
    expect(last - report.claims[0]!.roundAt!).toBeLessThan(baseWindowSeconds + window + disputeSeconds(parameters, 3));
  });

  it("66: is final through the same clones if nobody has a stake for the build: the game can be lost", async () => {
    const claims = [claimOf(party(0), faulty, { strategy: silent }), ...lateClones(1, 2)];
    const report = await play({ claims, challenges: [], verifiers: [verifier(9, 0n)] });
    expect(statuses(report)).toEqual(["final", "final", "final"]);
    expect(report.verifiers[0]!.exposed.size).toBe(3);
  });

  it("67: is not final when a puppet gives up the only right claim after the join deadline", async () => {
    const concede = concedingSolver(0);
    const report = await play({
      claims: [
        claimOf(party(0), truth, { right: true, strategy: concede }),
        ...[1, 2, 3].map((number) => claimOf(party(number), faulty, { revealAfter: 5, strategy: silent })),
      ],
      challenges: [challengeOf(party(8), silentChallenger(), { after: window - 1 })],
      verifiers: [verifier(9, 1n)],
    });
    expect(statuses(report)).toEqual(["refuted", "refuted", "refuted", "refuted"]);
    expect(chain().build(buildId)).toMatchObject({ openRoots: 0, finalizedAt: 0 });
    expect(report.net.get(party(9))).toBe(3n * reward);
  });

  it("68: is not final on a build whose verifier has its first stake tied up on another one", async () => {
    const [one, two] = [junk.faulty({ tick: 1, step: 4 }), junk.faulty({ tick: 2, step: 3 })];
    const stalling = { log2Ticks: 2, log2CheckpointTicks: 2 };
    const report = await play({
      claims: [
        claimOf(party(0), one, { ...stalling, strategy: lastSecond(bookSolver(one)) }),
        claimOf(party(1), two, { ...stalling, strategy: lastSecond(bookSolver(two)) }),
        claimOf(party(2), faulty, { revealAfter: 400 }),
      ],
      challenges: [],
      verifiers: [verifier(9, 2n)],
    });
    expect(statuses(report)).toEqual(["refuted", "refuted", "refuted"]);
    const [real, ...tied] = [2, 0, 1].map((claim) => report.challenges.find((one) => one.claim === claim)!);
    expect(real!.endedAt).toBeLessThan(Math.max(...tied.map(({ endedAt }) => endedAt)));
  });

  it("68: on a later build is beyond a verifier with one stake, which says so and keeps the earlier build", async () => {
    const other = junk.faulty({ tick: 1, step: 4 });
    const report = await play({
      claims: [
        claimOf(party(0), faulty, { strategy: silent }),
        claimOf(party(1), other, { log2Ticks: 2, revealAfter: 100 }),
      ],
      challenges: [],
      verifiers: [verifier(9, 1n)],
    });
    expect(statuses(report)).toEqual(["refuted", "final"]);
    expect([...report.verifiers[0]!.exposed]).toEqual([report.claims[1]!.id]);
  });
});

describe("a right result", () => {
  const short = { log2Ticks: 3, log2CheckpointTicks: 2 };
  const long = { log2Ticks: 11, log2CheckpointTicks: 10 };

  it("70: does not wait for a right claim padded to a long window and given up at its end", async () => {
    const report = await play({
      claims: [
        claimOf(party(0), truth, { right: true, ...long, strategy: concedingSolver(1_400) }),
        rightClaimOf(party(1), truth, { ...short, revealAfter: 10 }),
      ],
      challenges: [challengeOf(party(2), silentChallenger(), { after: claimWindowSeconds(parameters, 11) - 1 })],
      verifiers: [verifier(9, 1n)],
    });
    expect(statuses(report)).toEqual(["refuted", "final"]);
    const { revealedAt, finalAt } = report.claims[1]!;
    expect(finalAt! - revealedAt!).toBe(window);
  });

  it("70: is put off by a whole round and no more when the only right claim was the attacker's, for a burned bond", async () => {
    const report = await play({
      claims: [
        claimOf(party(0), truth, { right: true, ...long, strategy: concedingSolver(1_400) }),
        rightClaimOf(party(1), truth, { ...short, commitAfter: 3_200, revealAfter: 4_000 }),
      ],
      challenges: [challengeOf(party(2), silentChallenger(), { after: claimWindowSeconds(parameters, 11) - 1 })],
    });
    expect(statuses(report)).toEqual(["refuted", "final"]);
    const [first, second] = report.claims;
    expect(second!.roundAt).toBe(second!.revealedAt);
    expect(second!.roundAt!).toBeGreaterThan(first!.roundAt!);
    expect(second!.finalAt! - second!.revealedAt!).toBe(window);
    const pair = [0, 2].map((number) => report.net.get(party(number))! + (report.standing.get(party(number)) ?? 0n));
    expect(pair[0]! + pair[1]!).toBe(-burned);
  });

  it("72: does not wait for the window of a wrong long claim that opened its round", async () => {
    const report = await play({
      claims: [
        claimOf(party(0), faulty, { ...long, strategy: bookSolver(faulty) }),
        rightClaimOf(party(1), truth, { ...short, revealAfter: 1 }),
      ],
      challenges: [],
      verifiers: [verifier(9, 1n)],
    });
    expect(statuses(report)).toEqual(["refuted", "final"]);
    const [wrong, right] = report.claims;
    const { joinDeadline } = chain().build(buildId);
    expect(joinDeadline).toBe(wrong!.revealedAt! + baseWindowSeconds);
    const fell = report.challenges[0]!.endedAt;
    expect(right!.finalAt!).toBeLessThanOrEqual(Math.max(right!.revealedAt! + window, fell + reactionSeconds));
    expect(right!.finalAt!).toBeLessThan(wrong!.revealedAt! + claimWindowSeconds(parameters, 11));
  });

  it("2: waits for no more than the bound, whatever contradicts it in the last second, and stalls", async () => {
    const strategy = lastSecond(bookSolver(faulty));
    const revealAfter = baseWindowSeconds - 3;
    const report = await play({
      claims: [
        rightClaimOf(party(0), truth, short),
        claimOf(party(1), faulty, { commitAfter: 500, revealAfter, strategy }),
        claimOf(party(2), faulty, { commitAfter: 500, revealAfter, strategy }),
      ],
      challenges: [challengeOf(party(3), lastSecond(bookChallenger(faulty)), { after: window - 1 })],
      verifiers: [verifier(9, 1n)],
    });
    expect(statuses(report)).toEqual(["final", "refuted", "refuted"]);
  });
});
