import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { claimWindowSeconds, disputeSeconds, splitBond } from "../../src/protocol/parameters.ts";
import type { Party } from "../support/game/calls.ts";
import { bookChallenger, leavingAtStep, silentChallenger } from "../support/game/challengerStrategies.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { playGame, type Report } from "../support/game/playGame.ts";
import { bookSolver, concedingSolver, silentSolver, solverAdversaries } from "../support/game/solverStrategies.ts";
import { asleep, type Strategy, slowed, stepwise } from "../support/game/strategies.ts";
import { challengeOf, claimOf, useTwinGames } from "../support/game/twinGames.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8 };
const { party, play, chain } = useTwinGames(parameters, 8);
const world = machineWorld(5, 3);
const { truth } = world;
const lie = world.liar({ tick: 3, step: 20 });
const window = claimWindowSeconds(parameters, 3);
const { solverBond } = parameters;
const { paid: reward, burned } = splitBond(solverBond, parameters.burnPermille);
const buildId = (await truth.tickRoots([0]))[0] as Root;

function statuses(report: Report): string[] {
  return report.claims.map(({ status }) => status);
}

function sum(report: Report, ...parties: Party[]): bigint {
  return parties.reduce((total, party) => total + report.net.get(party)!, 0n);
}

describe("claims of one build", () => {
  it("14: are not final while they contradict each other", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie), claimOf(party(1), truth, { honest: true })],
      challenges: [],
    });
    expect(statuses(report)).toEqual(["open", "open"]);
    const refused = report.calls.filter(({ call }) => call.kind === "finalize").map(({ outcome }) => outcome);
    expect(refused).toMatchObject([
      { ok: false, error: "ClaimsContradict" },
      { ok: false, error: "ClaimsContradict" },
    ]);
  });

  it("37: are each challengeable for a full window, also a clone revealed in the last second", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie), claimOf(party(1), lie, { commitAfter: 500, revealAfter: window - 1 })],
      challenges: [
        challengeOf(party(2), bookChallenger(truth), { honest: true }),
        challengeOf(party(3), bookChallenger(truth), { honest: true, claim: 1, after: window - 1 }),
      ],
    });
    expect(statuses(report)).toEqual(["refuted", "refuted"]);
  });

  it("54: stay open to challenge behind one contradiction, however many clones there are", async () => {
    const clones = [0, 1, 2, 3];
    // The verifier has one bond: it claims the truth itself and challenges the clones one after another.
    const report = await play({
      claims: [
        ...clones.map((number) => claimOf(party(number), lie)),
        claimOf(party(5), truth, { honest: true, revealAfter: 5 }),
      ],
      challenges: clones.map((claim) =>
        challengeOf(party(6), bookChallenger(truth), { honest: true, claim, after: 2_000 * (claim + 1) }),
      ),
    });
    expect(statuses(report)).toEqual(["refuted", "refuted", "refuted", "refuted", "final"]);
    expect(report.net.get(party(6))).toBe(4n * reward);
  });

  it("are final within window, reaction and 2 D after a late contradiction", async () => {
    const report = await play({
      claims: [
        claimOf(party(0), truth, { honest: true }),
        claimOf(party(1), lie, {
          commitAfter: 500,
          revealAfter: window - 1,
          strategy: slowed(bookSolver(lie), 60),
        }),
      ],
      challenges: [
        challengeOf(party(2), slowed(bookChallenger(truth), 60), { honest: true, claim: 1, after: window - 1 }),
      ],
    });
    const finalized = report.calls.find(({ call, outcome }) => call.kind === "finalize" && outcome.ok)!.at;
    const revealed = report.calls.find(({ call }) => call.kind === "reveal")!.at;
    const d = disputeSeconds(parameters, 3);
    expect(statuses(report)).toEqual(["final", "refuted"]);
    expect(finalized - revealed).toBeLessThanOrEqual(2 * window + parameters.reactionSeconds + 2 * d);
  });

  it("56: leave a final build final when another of them falls afterwards", async () => {
    const game = chain();
    const report = await playGame(game, {
      claims: [
        claimOf(party(0), truth, { honest: true, finalizeAfter: window }),
        claimOf(party(1), truth, { revealAfter: 800, strategy: silentSolver(truth, 0) }),
      ],
      challenges: [challengeOf(party(2), bookChallenger(lie), { claim: 1, after: 100 })],
    });
    expect(statuses(report)).toEqual(["final", "refuted"]);
    const fell = report.calls.findIndex(({ call }) => call.kind === "move" && call.move.kind === "timeoutSolver");
    const finalized = report.calls.findIndex(({ call, outcome }) => call.kind === "finalize" && outcome.ok);
    expect(finalized).toBeLessThan(fell);
    expect((await game.build(buildId)).status).toBe("final");
  });
});

describe("a reward on a build", () => {
  it("43: goes to the first to commit, not to the first to be final", async () => {
    const game = chain();
    const amount = 10n ** 18n;
    const expiry = game.now() + 10_000;
    await game.send(party(7), { kind: "request", buildId, expiry, amount }, game.now() + 1);
    const report = await playGame(game, {
      claims: [
        claimOf(party(0), truth, { honest: true, revealAfter: 600 }),
        claimOf(party(1), truth, { finalizeAfter: window }),
      ],
      challenges: [],
    });
    expect(statuses(report)).toEqual(["final", "final"]);
    const due = (await game.build(buildId)).rewardDueFrom;
    expect(await game.send(party(7), { kind: "payReward", buildId }, due - 1)).toMatchObject({ error: "RewardNotDue" });
    expect(await game.send(party(7), { kind: "payReward", buildId }, due)).toEqual({ ok: true });
    expect(await game.owed(party(0))).toBe(solverBond + amount);
    expect(await game.owed(party(1))).toBe(solverBond);
  });
});

describe("a bond", () => {
  for (const strategy of solverAdversaries(lie, chanceOf(3))) {
    it(`4: cannot be moved to a second account without burning: ${strategy.name}`, async () => {
      const report = await play({
        claims: [claimOf(party(0), lie, { strategy })],
        challenges: [challengeOf(party(1), bookChallenger(truth))],
      });
      expect(sum(report, party(0), party(1))).toBe(-burned);
    });
  }

  it("4: is lost in part by a pair that stages a challenge against a right claim", async () => {
    const report = await play({
      claims: [claimOf(party(0), truth)],
      challenges: [challengeOf(party(1), silentChallenger())],
    });
    const { burned: fire } = splitBond(parameters.challengerBond, parameters.burnPermille);
    expect(sum(report, party(0), party(1))).toBe(-fire);
  });

  it("45: is burned in part when a commitment is never revealed", async () => {
    const game = chain();
    const claimId = `0x${"77".repeat(32)}` as Root;
    const at = game.now() + 1;
    await game.send(party(0), { kind: "commit", claimId }, at);
    const call = { kind: "expireCommit", solver: party(0), claimId } as const;
    const until = at + parameters.maxCommitAgeSeconds;
    expect(await game.send(party(1), call, until)).toMatchObject({ error: "CommitNotExpired" });
    expect(await game.send(party(1), call, until + 1)).toEqual({ ok: true });
    expect(await game.owed(party(0))).toBe(reward);
    expect(await game.send(party(1), call, until + 2)).toMatchObject({ error: "NotCommitted" });
  });

  it("55: does not come back by a concession", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie, { strategy: concedingSolver() })],
      challenges: [challengeOf(party(1), bookChallenger(truth), { honest: true })],
    });
    expect(report.net.get(party(0))).toBe(-solverBond);
    expect(report.net.get(party(1))).toBe(reward);
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
      claims: [claimOf(party(0), lie)],
      challenges: [challengeOf(party(1), robbed, { honest: true }), challengeOf(party(7), silentChallenger())],
    });
    expect(report.calls.find(({ call }) => call.kind === "move" && call.move.kind === "proveFault")!.from).toBe(
      party(7),
    );
    expect(report.net.get(party(1))).toBe(reward);
  });

  it("57: is not collected by an accomplice who came first and has lost", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie)],
      challenges: [
        challengeOf(party(1), leavingAtStep(truth), { after: 1 }),
        challengeOf(party(2), asleep(bookChallenger(truth), 100), { honest: true, after: 800 }),
      ],
    });
    expect(report.challenges.map(({ status }) => status)).toEqual(["lost", "closed"]);
    expect(report.net.get(party(2))).toBe(reward);
  });

  it("is collected by whoever came first while its challenge is open; the prover loses nothing", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie)],
      challenges: [
        challengeOf(party(1), leavingAtStep(truth), { after: 1 }),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 30 }),
      ],
    });
    expect(report.net.get(party(2))).toBe(0n);
    expect(sum(report, party(0), party(1))).toBe(-burned - parameters.challengerBond);
  });
});
