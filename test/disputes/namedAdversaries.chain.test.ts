import { describe, expect, it } from "vitest";
import { bookChallenger, challengerAdversaries } from "../support/game/challengerStrategies.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { bookSolver, solverAdversaries } from "../support/game/solverStrategies.ts";
import { slowed } from "../support/game/strategies.ts";
import { challengeOf, claimOf, rightClaimOf, useTwinGames } from "../support/game/twinGames.ts";

// The scenarios of test/protocol/disputes.test.ts on the real contracts and the real machine, with the model beside them.
const parameters = { ...gameParameters, maxLog2Steps: 8 };
const { party, play } = useTwinGames(parameters, 4);
const world = machineWorld(5, 1);
const { truth } = world;
const chance = chanceOf(7);
const places = [
  { tick: 0, step: 1 },
  { tick: 3, step: 20 },
  { tick: 4, step: truth.steps(4) },
];

describe("an honest verifier, on the contracts", () => {
  for (const [i, place] of places.entries()) {
    const faulty = world.faulty(place);
    for (const strategy of solverAdversaries(faulty, chance)) {
      it(`refutes the ${strategy.name} at place ${i}`, async () => {
        const report = await play({
          claims: [claimOf(party(0), faulty, { strategy }), rightClaimOf(party(1), truth, { revealAfter: 1 })],
          challenges: [challengeOf(party(2), slowed(bookChallenger(truth), 55), { honest: true })],
        });
        expect(report.claims.map(({ status }) => status)).toEqual(["refuted", "final"]);
        const { challengerBond, solverBond } = parameters;
        expect(report.standing.get(party(2))).toBe(challengerBond);
        expect(report.net.get(party(2))).toBe((solverBond * 400n) / 1000n - challengerBond);
      });
    }
  }
});

describe("an honest solver, on the contracts", () => {
  for (const [i, place] of places.entries()) {
    for (const strategy of challengerAdversaries(world.faulty(place), truth, chance)) {
      it(`outlives the ${strategy.name} at place ${i}`, async () => {
        const report = await play({
          claims: [rightClaimOf(party(0), truth, { strategy: slowed(bookSolver(truth), 55) })],
          challenges: [challengeOf(party(1), strategy)],
        });
        expect(report.net.get(party(0))).toBe((parameters.challengerBond * 400n) / 1000n);
      });
    }
  }
});
