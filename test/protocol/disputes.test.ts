import { describe, expect, it } from "vitest";
import { assessClaim } from "../../src/protocol/assessClaim.ts";
import { bookChallenger, challengerAdversaries, silentChallenger } from "../support/game/challengerStrategies.ts";
import { chanceOf, gameParameters, party } from "../support/game/gameParameters.ts";
import { brokenProperties } from "../support/game/gameProperties.ts";
import { invariantsOf } from "../support/game/invariants.ts";
import { ModelChain } from "../support/game/modelChain.ts";
import { playGame } from "../support/game/playGame.ts";
import type { ChallengeSeat, ClaimSeat, Scenario } from "../support/game/scenario.ts";
import { bookSolver, solverAdversaries } from "../support/game/solverStrategies.ts";
import { slowed } from "../support/game/strategies.ts";
import { toyModelMachine } from "../support/game/toyModelMachine.ts";
import { toyWorld } from "../support/game/toyTrace.ts";
import { fieldsOf, type GameTrace } from "../support/game/world.ts";

const world = toyWorld({ ticks: 13, maxSteps: 20, seed: 7 });
const { truth } = world;
const chance = chanceOf(7);
const log2Ticks = 4;
const log2CheckpointTicks = 2;

const places = [
  { tick: 0, step: 1 },
  { tick: 6, step: Math.ceil(truth.steps(6) / 2) },
  { tick: 12, step: truth.steps(12) },
];

function claim(number: number, trace: GameTrace, honest: boolean, strategy = bookSolver(trace)): ClaimSeat {
  const lengths = { log2Ticks, log2CheckpointTicks };
  return { party: party(number), honest, right: honest, trace, strategy, ...lengths, revealAfter: number };
}

function challenge(number: number, target: number, strategy: ChallengeSeat["strategy"], honest: boolean) {
  const start = { kind: "whole" } as const;
  return { party: party(number), honest, claim: target, strategy, after: 10 + number, start };
}

async function play(scenario: Scenario) {
  const chain = new ModelChain(gameParameters, toyModelMachine);
  const invariants = invariantsOf(chain);
  const report = await playGame(chain, scenario, (played) => expect(invariants(played)).toEqual([]));
  expect(brokenProperties(report, gameParameters)).toEqual([]);
  return report;
}

describe("an honest verifier", () => {
  for (const [i, place] of places.entries()) {
    const faulty = world.faulty(place);
    for (const strategy of solverAdversaries(faulty, chance)) {
      it(`refutes the ${strategy.name} at place ${i}`, async () => {
        const report = await play({
          claims: [claim(0, faulty, false, strategy), claim(1, truth, true)],
          challenges: [challenge(2, 0, slowed(bookChallenger(truth), 55), true)],
        });
        expect(report.claims.map(({ status }) => status)).toEqual(["refuted", "final"]);
        const stake = report.standing.get(party(2))!;
        expect(report.net.get(party(2))! + stake).toBe((gameParameters.solverBond * 400n) / 1000n);
      });
    }
  }

  it("refutes a wrong claim beside one who challenged first and loses on purpose", async () => {
    const faulty = world.faulty(places[1]!);
    const report = await play({
      claims: [claim(0, faulty, false)],
      challenges: [challenge(1, 0, silentChallenger(), false), challenge(2, 0, bookChallenger(truth), true)],
    });
    expect(report.claims[0]!.status).toBe("refuted");
  });

  it("starts between the checkpoints that part", async () => {
    const faulty = world.faulty(places[1]!);
    const fields = await fieldsOf(faulty, log2Ticks, log2CheckpointTicks);
    const roots = await faulty.tickRoots([4, 8, 12]);
    const assessment = await assessClaim(fields, truth, { roots });
    expect(assessment).toMatchObject({ verdict: "wrong", start: { kind: "checkpoints", index: 1 } });
    if (assessment.verdict === "right") return;
    const report = await play({
      claims: [claim(0, faulty, false)],
      challenges: [{ ...challenge(1, 0, bookChallenger(truth), true), start: assessment.start }],
    });
    expect(report.claims[0]!.status).toBe("refuted");
  });

  it("has no quarrel with the truth", async () => {
    expect(await assessClaim(await fieldsOf(truth, log2Ticks, log2CheckpointTicks), truth)).toEqual({
      verdict: "right",
    });
  });
});

describe("an honest solver", () => {
  for (const [i, place] of places.entries()) {
    const story = world.faulty(place);
    for (const strategy of challengerAdversaries(story, truth, chance)) {
      it(`outlives the ${strategy.name} at place ${i}`, async () => {
        const report = await play({
          claims: [claim(0, truth, true, slowed(bookSolver(truth), 55))],
          challenges: [challenge(1, 0, strategy, false)],
        });
        expect(report.net.get(party(0))).toBe((gameParameters.challengerBond * 400n) / 1000n);
      });
    }
  }

  it("outlives all of them at once", async () => {
    const all = places.flatMap((place) => challengerAdversaries(world.faulty(place), truth, chance));
    // It answers all that ask at once in one transaction; only one fits into a second here.
    const report = await play({
      claims: [claim(0, truth, true, slowed(bookSolver(truth), 45))],
      challenges: all.map((strategy, i) => challenge(i + 1, 0, strategy, false)),
    });
    expect(report.challenges.map(({ status }) => status)).toEqual(all.map(() => "lost"));
  });
});
