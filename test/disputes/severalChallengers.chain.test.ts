import { describe, expect, it } from "vitest";
import { assessClaim, type Start } from "../../src/protocol/assessClaim.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import { solverDeadline } from "../../src/protocol/clock.ts";
import { nodeOf } from "../../src/protocol/node.ts";
import { disputeSeconds, splitBond } from "../../src/protocol/parameters.ts";
import { revealAt } from "../../src/protocol/reveal.ts";
import {
  bookChallenger,
  challengerAdversaries,
  leavingAtStep,
  silentChallenger,
} from "../support/game/challengerStrategies.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import type { Report } from "../support/game/playGame.ts";
import { bookSolver } from "../support/game/solverStrategies.ts";
import { asleep, lastSecond, type Strategy, slowed } from "../support/game/strategies.ts";
import { challengeOf, claimOf, useTwinGames } from "../support/game/twinGames.ts";
import { checkpointRoots, fieldsOf } from "../support/game/world.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8, challengerBudgetSeconds: 700 };
const { party, play } = useTwinGames(parameters, 8);
const world = machineWorld(5, 2);
const { truth } = world;
const lie = world.liar({ tick: 3, step: 20 });
const chance = chanceOf(11);
const { solverBond, challengerBond } = parameters;
const reward = splitBond(solverBond, parameters.burnPermille).paid;

function moves(report: Report, kind: string): number {
  return report.calls.filter(({ call, outcome }) => outcome.ok && call.kind === "move" && call.move.kind === kind)
    .length;
}

describe("several challengers of one claim", () => {
  it("are served by the same rows", async () => {
    const alone = await play({
      claims: [claimOf(party(0), lie)],
      challenges: [challengeOf(party(1), bookChallenger(truth), { honest: true })],
    });
    expect([moves(alone, "postRow"), moves(alone, "openTick")]).toEqual([4, 1]);
  });

  it("share nothing of the reward: it goes to the first at the step's parent row", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie)],
      challenges: [
        challengeOf(party(1), bookChallenger(truth), { honest: true, after: 11 }),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 10 }),
      ],
    });
    const nets = [1, 2].map((number) => report.net.get(party(number))!);
    expect(nets.sort((a, b) => Number(a - b))).toEqual([0n, reward]);
    expect(moves(report, "postRow")).toBe(4);
  });

  it("walk in one move through rows that are there already", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie)],
      challenges: [
        challengeOf(party(1), leavingAtStep(truth)),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 300 }),
      ],
    });
    const selects = report.calls.filter(({ call, from }) => call.kind === "move" && from === party(2));
    expect(selects.map(({ call }) => call.kind === "move" && call.move.kind)).toEqual(["select", "proveFault"]);
  });

  it("1: are not hindered by one who loses on purpose", async () => {
    const report = await play({
      claims: [claimOf(party(0), lie)],
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
      claims: [claimOf(party(0), truth, { honest: true })],
      challenges: Array.from({ length: 6 }, (_, i) =>
        challengeOf(party(i + 1), lastSecond(bookChallenger(lie)), { after: 160 * (i + 1) }),
      ),
    });
    const revealed = report.calls.find(({ call }) => call.kind === "reveal")!.at;
    const finalized = report.calls.find(({ call, outcome }) => call.kind === "finalize" && outcome.ok)!.at;
    const window = parameters.baseWindowSeconds + 4;
    expect(finalized - revealed).toBeLessThanOrEqual(window + disputeSeconds(parameters, 3) + 1);
  });

  it("3: pay an honest solver more than its answers cost, however many they are", async () => {
    const report = await play({
      claims: [claimOf(party(0), truth, { honest: true })],
      challenges: Array.from({ length: 7 }, (_, i) =>
        challengeOf(party(i + 1), bookChallenger(world.liar({ tick: i % 5, step: 3 + i })), { after: 10 + i }),
      ),
    });
    const answers = BigInt(moves(report, "postRow") + moves(report, "openTick") + moves(report, "timeoutChallenger"));
    const cost = answers * BigInt(parameters.gasPerMove) * parameters.gasPriceCeilingWei;
    expect(report.net.get(party(0))).toBe(7n * splitBond(challengerBond, parameters.burnPermille).paid);
    expect(report.net.get(party(0))! > cost).toBe(true);
  });

  it("52: on different ticks are all answered in time by an honest solver", async () => {
    const all = challengerAdversaries(world.liar({ tick: 2, step: 9 }), truth, chance);
    const report = await play({
      claims: [claimOf(party(0), truth, { honest: true, strategy: slowed(bookSolver(truth), 59) })],
      challenges: Array.from({ length: 14 }, (_, i) =>
        challengeOf(party(1 + (i % 7)), all[i % all.length]!, { after: 10 + 7 * i }),
      ),
    });
    expect(report.claims[0]!.status).toBe("final");
  });

  it("start between different checkpoints and meet at the same rows", async () => {
    const fields = await fieldsOf(lie, 3, 2);
    const assessment = await assessClaim(fields, truth, { roots: await checkpointRoots(lie, 3, 2) });
    if (assessment.verdict === "right") throw new Error("the lie must be seen");
    expect(assessment.start).toMatchObject({ kind: "checkpoints", index: 0 });
    const report = await play({
      claims: [claimOf(party(0), lie)],
      challenges: [
        challengeOf(party(1), bookChallenger(truth), { honest: true, start: assessment.start }),
        challengeOf(party(2), bookChallenger(truth), { honest: true, after: 40 }),
      ],
    });
    expect(report.claims[0]!.status).toBe("refuted");
  });
});

describe("a row", () => {
  it("39: told at one start state says nothing at another", async () => {
    // The list tells the truth at tick 4, the rows tell the lie: the accomplice comes to ticks 0..3 by the list.
    const other = world.liar({ tick: 1, step: 5 });
    const fields = await fieldsOf(other, 3, 2);
    const [checkpoint] = await checkpointRoots(truth, 3, 2);
    const tree = new CheckpointTree({ roots: [checkpoint!] });
    const start: Start = {
      kind: "checkpoints",
      index: 0,
      startRoot: fields.buildId,
      endRoot: checkpoint!,
      startProof: tree.proof(0),
      endProof: tree.proof(1),
    };
    // The solver answers the accomplice with the truth and everybody else with its lie.
    const strategy: Strategy = {
      name: "solver with two stories",
      next: (view) => bookSolver(view.challenge.id.startsWith(party(1)) ? truth : other).next(view),
    };
    const report = await play({
      claims: [claimOf(party(0), other, { strategy, checkpoints: [checkpoint!] })],
      challenges: [
        challengeOf(party(1), bookChallenger(other), { after: 5, start }),
        challengeOf(party(2), slowed(bookChallenger(truth), 5), { honest: true, after: 6 }),
      ],
    });
    const answered = report.calls.flatMap(({ call, outcome }) =>
      outcome.ok && call.kind === "move" && call.move.kind === "postRow" ? [call.move] : [],
    );
    const sameTicks = answered.filter(({ position: { cursor } }) => cursor.from === 0 && cursor.log2Length === 2);
    expect(new Set(sameTicks.map(({ position }) => nodeOf(position.cursor))).size).toBe(2);
    expect(new Set(sameTicks.map(({ roots }) => roots[2])).size).toBe(2);
    expect(report.claims[0]!.status).toBe("refuted");
  });

  it("40: posted for one challenge is no time-out in another that comes later", async () => {
    const report = await play({
      claims: [claimOf(party(0), truth, { honest: true })],
      challenges: [
        challengeOf(party(1), bookChallenger(lie), { after: 10 }),
        challengeOf(party(2), timingOut(), { after: 700 }),
      ],
    });
    const refused = report.calls.filter(({ from }) => from === party(2)).map(({ outcome }) => outcome);
    expect(refused).toMatchObject([{ ok: true }, { ok: false, error: "NotSolversTurn" }]);
    expect(report.claims[0]!.status).toBe("final");
  });

  it("58: posted late for one challenge, though in time for another, still loses the first", async () => {
    const strategy: Strategy = {
      name: "solver who answers only the second challenge",
      next: async (view) => (view.challenge.id.startsWith(party(1)) ? undefined : bookSolver(lie).next(view)),
    };
    const report = await play({
      claims: [claimOf(party(0), lie, { strategy })],
      challenges: [
        challengeOf(party(1), asleep(bookChallenger(truth), 640), { honest: true, after: 1 }),
        challengeOf(party(2), lastSecond(bookChallenger(lie)), { after: 610 }),
      ],
    });
    const [timeout] = report.calls.flatMap(({ call }) =>
      call.kind === "move" && call.move.kind === "timeoutSolver" ? [call.move] : [],
    );
    expect(timeout!.shown.postedAt).toBeGreaterThan(timeout!.position.movedAt + parameters.solverBudgetSeconds);
    expect(report.claims[0]!.status).toBe("refuted");
  });
});

/** Opens a challenge and calls the solver's time-out when the solver's time would be over, row or no row. */
function timingOut(): Strategy {
  return {
    name: "challenger that calls the time-out",
    async next(view) {
      const { position, status } = view.challenge;
      if (status !== "open" || view.claim.status !== "open") return undefined;
      const at = solverDeadline(position, view.claim.minResponseSeconds) + 1;
      const shown = revealAt(view, position.cursor);
      return { move: { kind: "timeoutSolver", position, shown }, at: Math.max(view.now, at) };
    },
  };
}
