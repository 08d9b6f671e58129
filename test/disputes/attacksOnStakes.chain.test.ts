import { describe, expect, it } from "vitest";
import { claimIdOf, detailsOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import { claimWindowSeconds, splitBond } from "../../src/protocol/parameters.ts";
import { isReturnable } from "../../src/protocol/rounds.ts";
import type { Party } from "../support/game/calls.ts";
import { bookChallenger, silentChallenger } from "../support/game/challengerStrategies.ts";
import { gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import type { Report } from "../support/game/scenario.ts";
import { bookSolver, silentSolver } from "../support/game/solverStrategies.ts";
import { slowed } from "../support/game/strategies.ts";
import { challengeOf, claimOf, rightClaimOf, useTwinGames } from "../support/game/twinGames.ts";
import { fieldsOf, type GameTrace } from "../support/game/world.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8 };
const { party, play, chain } = useTwinGames(parameters, 10);
const world = machineWorld(5, 3);
const { truth } = world;
const faulty = world.faulty({ tick: 3, step: 20 });
const { solverBond, challengerBond, burnPermille, minCommitAgeSeconds, baseWindowSeconds } = parameters;
const { paid: reward } = splitBond(solverBond, burnPermille);
const window = claimWindowSeconds(parameters, 3);

function won({ net, standing }: Report, ...parties: Party[]): bigint {
  return parties.reduce((sum, party) => sum + (net.get(party) ?? 0n) + (standing.get(party) ?? 0n), 0n);
}

/** A claim on the chain of this test, to be committed to and revealed move by move. */
async function claimBy(by: Party, trace: GameTrace = truth, salt = hashWords(1)) {
  const game = chain();
  const fields = await fieldsOf(trace, 3, 2);
  const reference = referenceOf(by, salt, fields);
  const claimId = claimIdOf(game.chainId, game.address, reference);
  const proofs = { startProof: trace.startProof(), endProof: trace.endProof() };
  return {
    reference,
    details: detailsOf(fields, salt),
    commit: (at: number) => game.send(by, { kind: "commit", claimId, value: solverBond }, at),
    reveal: (at: number) => game.send(by, { kind: "reveal", fields, salt, ...proofs }, at),
    takeBack: (at: number, from = by) => game.send(from, { kind: "returnCommit", claim: reference }, at),
  };
}

describe("a stake", () => {
  it("69: that its owner loses to its own puppet first burns whole, and pays nobody twice", async () => {
    const report = await play({
      claims: [
        claimOf(party(0), truth, { right: true, strategy: bookSolver(truth) }),
        rightClaimOf(party(1), truth, { strategy: slowed(bookSolver(truth), 50) }),
      ],
      challenges: [
        challengeOf(party(2), bookChallenger(faulty), { after: 10 }),
        challengeOf(party(2), slowed(bookChallenger(faulty), 20), { claim: 1, after: 12 }),
      ],
    });
    expect(report.challenges.map(({ status, several }) => [status, several])).toEqual([
      ["lost", true],
      ["lost", true],
    ]);
    expect(report.challenges[0]!.endedAt).toBeLessThan(report.challenges[1]!.endedAt);
    expect(won(report, party(0), party(2))).toBe(-challengerBond);
    expect(won(report, party(1))).toBe(0n);
  });

  it("74: that is lost leaves its other challenges to be won, and its owner comes back with another", async () => {
    // It sleeps when it should select in one challenge, and wakes up in time in the other, where the solver is slow.
    const long = { log2Ticks: 12, log2CheckpointTicks: 2 };
    const truths = [truth];
    const report = await play({
      claims: [
        claimOf(party(0), faulty, { ...long, strategy: slowed(bookSolver(faulty), 20) }),
        claimOf(party(1), faulty, { ...long, strategy: slowed(bookSolver(faulty), 590) }),
      ],
      challenges: [],
      verifiers: [{ party: party(9), funds: 2n * challengerBond, truths, lag: 1, asleep: [[10, 560]] }],
    });
    expect(report.claims.map(({ status }) => status)).toEqual(["refuted", "refuted"]);
    const [first, second, again] = report.challenges;
    expect([first, second, again].map((one) => [one!.claim, one!.status, one!.stakeNumber])).toEqual([
      [0, "lost", 0n],
      [1, "closed", 0n],
      [0, "closed", 1n],
    ]);
    expect(second!.stakeLost && second!.endedAt > first!.endedAt).toBe(true);
    // One stake is lost, in full: it had covered two claims.
    expect(won(report, party(9))).toBe(2n * reward - challengerBond);
  });

  it("1: lost on purpose hinders nobody who stakes on the same build", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty, { strategy: silentSolver(faulty, 3) })],
      challenges: [challengeOf(party(1), silentChallenger(), { after: 2 })],
      verifiers: [{ party: party(9), funds: challengerBond, truths: [truth], lag: 30, asleep: [] }],
    });
    expect(report.claims[0]!.status).toBe("refuted");
  });
});

describe("a commitment", () => {
  it("71: that cannot be revealed in time comes back whole, at once, and one that can does not", async () => {
    const game = chain();
    const [opener, late, inTime] = await Promise.all([0, 1, 2].map((number) => claimBy(party(number))));
    await opener!.commit(game.now() + 1);
    await opener!.reveal(game.now() + minCommitAgeSeconds);
    const joinDeadline = game.now() + baseWindowSeconds;
    const last = joinDeadline - minCommitAgeSeconds;
    await inTime!.commit(last - 1);
    await late!.commit(last);
    expect(await inTime!.takeBack(last + 1)).toMatchObject({
      error: "CommitRevealable",
      args: [BigInt(last - 1 + minCommitAgeSeconds), BigInt(joinDeadline)],
    });
    // Clients see it as the contract does.
    const build = game.build(opener!.reference.buildId);
    const returnable = [last - 1, last].map((committedAt) => isReturnable(committedAt, build, minCommitAgeSeconds));
    expect(returnable).toEqual([false, true]);
    expect(await inTime!.reveal(joinDeadline - 1)).toMatchObject({ ok: true });
    expect(await late!.reveal(joinDeadline)).toMatchObject({ error: "RoundIsClosed" });
    expect(await late!.takeBack(joinDeadline + 1)).toEqual({ ok: true, received: solverBond });
    expect(await late!.takeBack(joinDeadline + 2)).toMatchObject({ error: "NotCommitted" });
    // Nobody reveals it afterwards, in a new round.
    expect(await late!.reveal(joinDeadline + 3)).toMatchObject({ error: "NotCommitted" });
  });
});

describe("a result", () => {
  it("73: is that of the final state, no matter who finalizes and what they show", async () => {
    const game = chain();
    const one = await claimBy(party(0));
    await one.commit(game.now() + 1);
    await one.reveal(game.now() + minCommitAgeSeconds);
    const { reference: claim, details } = one;
    const { outcome } = details;
    const forged = [
      { ...outcome, artifactSha256: hashWords(9) },
      { ...outcome, code: 1 },
      { ...outcome, artifactSize: outcome.artifactSize + 1n },
      { ...outcome, endStatus: 3 },
      { ...outcome, recordVersion: 2 },
    ];
    await game.send(party(9), { kind: "withdraw" }, game.now() + window);
    for (const other of forged) {
      const call = { kind: "finalize", claim, details: { ...details, outcome: other } } as const;
      expect(await game.send(party(5), call, game.now() + 1)).toMatchObject({ error: "DetailsMismatch" });
    }
    expect(await game.send(party(5), { kind: "finalize", claim, details }, game.now() + 1)).toMatchObject({ ok: true });
    const [result] = (await game.contracts.observe({ ...nothing, builds: [claim.buildId] })).results;
    expect(result!.slice(2)).toEqual([2n, 0n, 1n, 0n, outcome.artifactSize, outcome.artifactSha256]);
  });
});

const nothing = { parties: [], claims: [], builds: [], roots: [], stakes: [], challenges: [], requests: [] };
