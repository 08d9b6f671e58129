import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { kindOf } from "../../src/protocol/challenge.ts";
import { selectionOf } from "../../src/protocol/challengerMove.ts";
import { claimWindowSeconds, disputeSeconds, splitBond } from "../../src/protocol/parameters.ts";
import type { Party } from "../support/game/calls.ts";
import { bookChallenger, leavingAtStep, silentChallenger } from "../support/game/challengerStrategies.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { movesIn, type Report } from "../support/game/scenario.ts";
import { bookSolver, concedingSolver, solverAdversaries } from "../support/game/solverStrategies.ts";
import { type Strategy, slowed, stepwise } from "../support/game/strategies.ts";
import { challengeOf, claimOf, rightClaimOf, useTwinGames } from "../support/game/twinGames.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8 };
const { party, play, chain } = useTwinGames(parameters, 8);
const world = machineWorld(5, 3);
const { truth } = world;
const faulty = world.faulty({ tick: 3, step: 20 });
const window = claimWindowSeconds(parameters, 3);
const { solverBond, challengerBond, baseWindowSeconds, burnPermille } = parameters;
const { paid: reward, burned } = splitBond(solverBond, burnPermille);
const buildId = (await truth.tickRoots([0]))[0] as Root;

function statuses(report: Report): string[] {
  return report.claims.map(({ status }) => status);
}

/** What some parties have won together, their stakes and bonds counted. */
function won({ net, standing }: Report, ...parties: Party[]): bigint {
  return parties.reduce((sum, party) => sum + (net.get(party) ?? 0n) + (standing.get(party) ?? 0n), 0n);
}

function refusals(report: Report, kind: string): unknown[] {
  return report.calls.flatMap(({ call, outcome }) => (call.kind === kind && !outcome.ok ? [outcome.error] : []));
}

describe("claims of one build", () => {
  it("are final within window, reaction and 2 D after a late contradiction", async () => {
    const slow = slowed(bookSolver(faulty), 60);
    const report = await play({
      claims: [
        rightClaimOf(party(0), truth),
        claimOf(party(1), faulty, { commitAfter: 500, revealAfter: baseWindowSeconds - 2, strategy: slow }),
      ],
      challenges: [
        challengeOf(party(2), slowed(bookChallenger(truth), 60), { honest: true, claim: 1, after: window - 10 }),
      ],
    });
    const { roundAt, finalAt } = report.claims[0]!;
    const d = disputeSeconds(parameters, 3);
    expect(statuses(report)).toEqual(["final", "refuted"]);
    expect(finalAt! - roundAt!).toBeGreaterThan(2 * window);
    expect(finalAt! - roundAt!).toBeLessThanOrEqual(baseWindowSeconds + window + parameters.reactionSeconds + 2 * d);
  });
});

describe("a reward on a build", () => {
  const amount = 10n ** 18n;

  it("43: waits for a senior claim that is under dispute, and not for one that has fallen", async () => {
    const stalled = slowed(bookSolver(truth), 59);
    const report = await play({
      claims: [
        rightClaimOf(party(0), truth, { strategy: stalled }),
        rightClaimOf(party(1), truth),
        claimOf(party(2), truth, { right: true, strategy: concedingSolver(500), revealAfter: 5 }),
      ],
      challenges: [
        challengeOf(party(3), bookChallenger(faulty), { after: window - 20 }),
        challengeOf(party(4), silentChallenger(), { claim: 2, after: window - 20 }),
      ],
      rewards: [{ party: party(7), buildId, amount, expiresAfter: 100_000 }],
    });
    expect(statuses(report)).toEqual(["final", "final", "refuted"]);
    expect(won(report, party(1))).toBe(0n);
    expect(won(report, party(0))).toBe(amount + splitBond(challengerBond, burnPermille).paid);
  });

  it("can be taken back when its time is over and no round is open, and not before", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [challengeOf(party(1), bookChallenger(truth), { honest: true, after: 900 })],
      rewards: [
        { party: party(6), buildId, amount, expiresAfter: 500 },
        { party: party(7), buildId, amount, expiresAfter: 2_000 },
      ],
    });
    expect(statuses(report)).toEqual(["refuted"]);
    expect(refusals(report, "refundRequest")).toEqual(["BuildNotRefundable"]);
    expect([won(report, party(6)), won(report, party(7))]).toEqual([-amount, 0n]);
  });
});

describe("a bond", () => {
  for (const strategy of solverAdversaries(faulty, chanceOf(3))) {
    it(`4: cannot be moved to a second account without burning: ${strategy.name}`, async () => {
      const report = await play({
        claims: [claimOf(party(0), faulty, { strategy })],
        challenges: [challengeOf(party(1), bookChallenger(truth))],
      });
      expect(won(report, party(0), party(1))).toBe(-burned);
    });
  }

  it("4: is lost in part by a pair that stages a challenge against a right claim", async () => {
    const report = await play({
      claims: [claimOf(party(0), truth, { right: true })],
      challenges: [challengeOf(party(1), silentChallenger())],
    });
    expect(won(report, party(0), party(1))).toBe(-splitBond(challengerBond, burnPermille).burned);
  });

  it("45: is burned in part when a commitment is never revealed", async () => {
    const game = chain();
    const claimId = `0x${"77".repeat(32)}` as Root;
    const at = game.now() + 1;
    await game.send(party(0), { kind: "commit", claimId, value: solverBond }, at);
    const call = { kind: "expireCommit", solver: party(0), claimId } as const;
    const until = at + parameters.maxCommitAgeSeconds;
    expect(await game.send(party(1), call, until)).toMatchObject({ error: "CommitNotExpired" });
    expect(await game.send(party(1), call, until + 1)).toEqual({ ok: true, received: 0n });
    // Of what an account is credited 1 wei stays behind.
    expect(game.owed(party(0))).toBe(reward - 1n);
    expect(await game.send(party(1), call, until + 2)).toMatchObject({ error: "NotCommitted" });
  });
});

describe("the reward for a refutation", () => {
  it("44: goes to the challenger whose fault proof somebody else sends", async () => {
    const inner = stepwise(bookChallenger(truth));
    const robbed: Strategy = {
      name: "challenger whose proof is copied",
      async next(view) {
        const decision = await inner.next(view);
        const copied = decision !== undefined && "move" in decision && decision.move.kind === "proveFault";
        return copied ? { ...decision, as: party(7) } : decision;
      },
    };
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [challengeOf(party(1), robbed, { honest: true }), challengeOf(party(7), silentChallenger())],
    });
    const proof = report.calls.find(({ call }) => call.kind === "move" && call.move.kind === "proveFault")!;
    expect(proof.from).toBe(party(7));
    expect(won(report, party(1))).toBe(reward);
  });

  it("55: goes to the solver's own accomplice if it gives up to it first; the honest challenger loses nothing", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty, { strategy: concedingTo(party(1), bookSolver(faulty)) })],
      challenges: [
        challengeOf(party(2), slowed(bookChallenger(truth), 30), { honest: true, after: 10 }),
        challengeOf(party(1), silentChallenger(), { after: 100 }),
      ],
    });
    expect(movesIn(report).map(({ kind }) => kind)).toContain("concede");
    expect(won(report, party(2))).toBe(0n);
    expect(won(report, party(0), party(1))).toBe(-burned);
  });

  it("65: can be taken by a copycat who repeats public moves; the claim falls, the honest challenger loses nothing", async () => {
    const { watched, copycat } = copied(slowed(stepwise(bookChallenger(truth)), 20));
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [
        challengeOf(party(1), watched, { honest: true, after: 10 }),
        challengeOf(party(2), copycat, { after: 11 }),
      ],
    });
    expect(statuses(report)).toEqual(["refuted"]);
    expect(won(report, party(1))).toBe(0n);
    expect(won(report, party(2))).toBe(reward);
  });

  it("is the prover's, not that of one who came first and left at the last step", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [
        challengeOf(party(1), leavingAtStep(truth), { after: 1 }),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 30 }),
      ],
    });
    expect(won(report, party(2))).toBe(reward);
    expect(won(report, party(1))).toBe(0n);
  });
});

/** Answers by the book, but gives the claim up to one challenger when it is asked by it. */
function concedingTo(accomplice: Party, inner: Strategy): Strategy {
  const gives = concedingSolver(0);
  return {
    name: "solver with an accomplice",
    next: (view) => (view.challenge.at.challenger === accomplice ? gives : inner).next(view),
  };
}

/** A challenger whose moves are read before they are executed, and one who computes nothing and repeats them elsewhere. */
function copied(inner: Strategy): { readonly watched: Strategy; readonly copycat: Strategy } {
  const children = new Map<Root, number>();
  const witnesses = new Map<Root, Uint8Array>();
  const watched: Strategy = {
    name: "challenger whose moves are read",
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      const { move } = decision;
      if (move.kind === "select") children.set(move.shown.row, move.selection.child);
      if (move.kind === "proveFault") witnesses.set(move.shown.startRoot, move.witness);
      return decision;
    },
  };
  const copycat: Strategy = {
    name: "copycat",
    async next({ now, claim, challenge }) {
      const { at: shown, stakeNumber, status } = challenge;
      if (claim.status !== "open" || status !== "open") return undefined;
      const [child, witness] = [children.get(shown.row), witnesses.get(shown.startRoot)];
      if (child !== undefined)
        return { move: { kind: "select", shown, selection: selectionOf(challenge, child) }, at: now };
      if (witness === undefined || kindOf(shown) !== "prove") return undefined;
      return { move: { kind: "proveFault", shown, claim, stakeNumber, witness }, at: now };
    },
  };
  return { watched, copycat };
}
