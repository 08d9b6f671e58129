import { describe, expect, it } from "vitest";
import { assessClaim, type Start } from "../../src/protocol/assessClaim.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import { disputeSeconds, splitBond } from "../../src/protocol/parameters.ts";
import { bookChallenger, challengerAdversaries, silentChallenger } from "../support/game/challengerStrategies.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { movesIn, type Report } from "../support/game/scenario.ts";
import { bookSolver } from "../support/game/solverStrategies.ts";
import { lastSecond, type Strategy, slowed } from "../support/game/strategies.ts";
import { challengeOf, claimOf, rightClaimOf, useTwinGames } from "../support/game/twinGames.ts";
import { checkpointRoots, fieldsOf } from "../support/game/world.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8, challengerBudgetSeconds: 700 };
const { party, play } = useTwinGames(parameters, 8);
const world = machineWorld(5, 2);
const { truth } = world;
const faulty = world.faulty({ tick: 3, step: 20 });
const chance = chanceOf(11);
const { solverBond, challengerBond } = parameters;
const reward = splitBond(solverBond, parameters.burnPermille).paid;

/** What a party has won, its stakes and bonds counted. */
function won({ net, standing }: Report, number: number): bigint {
  return (net.get(party(number)) ?? 0n) + (standing.get(party(number)) ?? 0n);
}

/** Answers only at full minutes, so that many answers are ready at once. */
function oncePerMinute(inner: Strategy): Strategy {
  return {
    name: `${inner.name}, once per minute`,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      return { ...decision, at: 60 * Math.ceil(decision.at / 60) };
    },
  };
}

describe("several challengers of one claim", () => {
  it("are answered each on its own, one alone in five rounds", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [challengeOf(party(1), bookChallenger(truth), { honest: true })],
    });
    expect(movesIn(report).map(({ kind }) => kind)).toEqual([
      ...["postRow", "select", "postRow", "select", "openTick", "select", "postRow", "select"],
      ...["postRow", "selectFault"],
    ]);
  });

  it("share nothing of the reward: it goes to the one in whose challenge the claim falls", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [
        challengeOf(party(1), slowed(bookChallenger(truth), 5), { honest: true, after: 10 }),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 15 }),
      ],
    });
    expect([1, 2].map((number) => won(report, number))).toEqual([0n, reward]);
    expect(report.challenges.map(({ status }) => status)).toEqual(["closed", "closed"]);
  });

  it("1: are not hindered by one who loses on purpose", async () => {
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [
        challengeOf(party(1), silentChallenger(), { after: 5 }),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 900 }),
      ],
    });
    expect(report.challenges.map(({ status }) => status)).toEqual(["lost", "closed"]);
    expect(report.claims[0]!.status).toBe("refuted");
  });

  it("2: one after the other do not hold finality up for longer than window and D", async () => {
    const report = await play({
      claims: [rightClaimOf(party(0), truth)],
      challenges: Array.from({ length: 6 }, (_, i) =>
        challengeOf(party(i + 1), lastSecond(bookChallenger(faulty)), { after: 160 * (i + 1) }),
      ),
    });
    const { revealedAt, finalAt } = report.claims[0]!;
    const window = parameters.baseWindowSeconds + 4;
    expect(finalAt! - revealedAt!).toBeLessThanOrEqual(window + disputeSeconds(parameters, 3) + 1);
  });

  it("3: pay an honest solver more than its answers cost, however many they are", async () => {
    const report = await play({
      claims: [rightClaimOf(party(0), truth)],
      challenges: Array.from({ length: 7 }, (_, i) =>
        challengeOf(party(i + 1), bookChallenger(world.faulty({ tick: i % 5, step: 3 + i })), { after: 10 + i }),
      ),
    });
    expect(report.challenges.every(({ status }) => status === "lost")).toBe(true);
    expect(won(report, 0)).toBe(7n * splitBond(challengerBond, parameters.burnPermille).paid);
    const cost = 7n * BigInt(parameters.solverDisputeGas) * parameters.gasPriceCeilingWei;
    expect(won(report, 0) >= cost).toBe(true);
  });

  it("52: on different ticks are all answered in time by an honest solver, several at once", async () => {
    const all = challengerAdversaries(world.faulty({ tick: 2, step: 9 }), truth, chance);
    const report = await play({
      claims: [rightClaimOf(party(0), truth, { strategy: oncePerMinute(bookSolver(truth)) })],
      challenges: Array.from({ length: 14 }, (_, i) =>
        challengeOf(party(1 + (i % 7)), all[i % all.length]!, { after: 10 + 7 * i, stakeNumber: BigInt(i) }),
      ),
    });
    expect(report.claims[0]!.status).toBe("final");
    expect(report.calls.some(({ call, outcome }) => call.kind === "multicall" && outcome.ok)).toBe(true);
  });

  it("start between different checkpoints and come to the same step", async () => {
    const fields = await fieldsOf(faulty, 3, 2);
    const assessment = await assessClaim(fields, truth, { roots: await checkpointRoots(faulty, 3, 2) });
    if (assessment.verdict === "right") throw new Error("the fault must be seen");
    expect(assessment.start).toMatchObject({ kind: "checkpoints", index: 0 });
    const report = await play({
      claims: [claimOf(party(0), faulty)],
      challenges: [
        challengeOf(party(1), slowed(bookChallenger(truth), 9), { honest: true, start: assessment.start }),
        challengeOf(party(2), slowed(bookChallenger(truth), 9), { honest: true, after: 40 }),
      ],
    });
    expect(report.claims[0]!.status).toBe("refuted");
    expect(movesIn(report).filter(({ kind }) => kind === "selectFault")).toHaveLength(1);
  });

  it("hear different stories from one solver, and each that knows the truth finds a fault in its own", async () => {
    // The list tells the truth at tick 4, the rows do not: the accomplice comes to ticks 0..3 by the list.
    const other = world.faulty({ tick: 1, step: 5 });
    const fields = await fieldsOf(other, 3, 2);
    const [checkpoint] = await checkpointRoots(truth, 3, 2);
    const tree = new CheckpointTree({ roots: [checkpoint!] });
    const roots = { startRoot: fields.buildId, endRoot: checkpoint! };
    const start: Start = {
      kind: "checkpoints",
      index: 0,
      ...roots,
      startProof: tree.proof(0),
      endProof: tree.proof(1),
    };
    // The solver answers the accomplice with the truth and everybody else with its own rows.
    const strategy: Strategy = {
      name: "solver with two stories",
      next: (view) => bookSolver(view.challenge.at.challenger === party(1) ? truth : other).next(view),
    };
    const report = await play({
      claims: [claimOf(party(0), other, { strategy, checkpoints: [checkpoint!] })],
      challenges: [
        challengeOf(party(1), bookChallenger(other), { after: 5, start }),
        challengeOf(party(2), slowed(bookChallenger(truth), 5), { honest: true, after: 6 }),
      ],
    });
    const rows = movesIn(report).flatMap((move) => (move.kind === "postRow" ? [move] : []));
    const sameTicks = rows.filter(({ shown: { range } }) => range.from === 0 && range.log2Length === 2);
    expect(new Set(sameTicks.map(({ roots }) => roots[2])).size).toBe(2);
    expect(report.claims[0]!.status).toBe("refuted");
  });
});

describe("one stake", () => {
  it("54: covers a challenge to each wrong claim of a build, however many there are", async () => {
    const clones = [0, 1, 2, 3];
    const report = await play({
      claims: [
        ...clones.map((number) => claimOf(party(number), faulty)),
        rightClaimOf(party(5), truth, { revealAfter: 5 }),
      ],
      challenges: [],
      verifiers: [{ party: party(6), funds: challengerBond, truths: [truth], lag: 1, asleep: [] }],
    });
    expect(report.claims.map(({ status }) => status)).toEqual(["refuted", "refuted", "refuted", "refuted", "final"]);
    // It has taken its stake back.
    expect(report.net.get(party(6))).toBe(4n * reward);
  });
});
