import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bookChallenger, challengerAdversaries } from "../support/game/challengerStrategies.ts";
import { ContractChain } from "../support/game/contractChain.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { brokenProperties } from "../support/game/gameProperties.ts";
import { machineModel } from "../support/game/machineModel.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { type ChallengeSeat, type ClaimSeat, playGame, type Scenario } from "../support/game/playGame.ts";
import { bookSolver, solverAdversaries } from "../support/game/solverStrategies.ts";
import { slowed } from "../support/game/strategies.ts";
import { TwinChain } from "../support/game/twinChain.ts";
import type { GameTrace } from "../support/game/world.ts";

// The same scenarios as in memory, on the real contracts and the real machine, with the model beside them.
const parameters = { ...gameParameters, maxLog2Steps: 8 };
const world = machineWorld(5, 1);
const { truth } = world;
const chance = chanceOf(7);
const lie = world.liar({ tick: 3, step: 20 });

let contracts: ContractChain;
let restore: () => Promise<void>;
beforeAll(async () => {
  contracts = await ContractChain.start(parameters, 4);
});
beforeEach(async () => {
  restore = await contracts.snapshot();
});
afterEach(async () => {
  await restore();
});

function claim(number: number, trace: GameTrace, honest: boolean, strategy = bookSolver(trace)): ClaimSeat {
  const party = contracts.parties[number]!;
  return { party, honest, trace, strategy, log2Ticks: 3, log2CheckpointTicks: 2, revealAfter: number };
}

function challenge(number: number, target: number, strategy: ChallengeSeat["strategy"], honest: boolean) {
  const start = { kind: "whole" } as const;
  return { party: contracts.parties[number]!, honest, claim: target, strategy, after: 10 + number, start };
}

async function play(scenario: Scenario) {
  const report = await playGame(TwinChain.on(contracts, machineModel), scenario);
  expect(brokenProperties(report, parameters)).toEqual([]);
  return report;
}

describe("an honest verifier, on the contracts", () => {
  for (const strategy of solverAdversaries(lie, chance)) {
    it(`refutes the ${strategy.name}`, async () => {
      const report = await play({
        claims: [claim(0, lie, false, strategy), claim(1, truth, true)],
        challenges: [challenge(2, 0, slowed(bookChallenger(truth), 55), true)],
      });
      expect(report.claims.map(({ status }) => status)).toEqual(["refuted", "final"]);
      expect(report.net.get(contracts.parties[2]!)).toBe((parameters.solverBond * 400n) / 1000n);
    });
  }
});

describe("an honest solver, on the contracts", () => {
  for (const strategy of challengerAdversaries(lie, truth, chance)) {
    it(`outlives the ${strategy.name}`, async () => {
      const report = await play({
        claims: [claim(0, truth, true, slowed(bookSolver(truth), 55))],
        challenges: [challenge(1, 0, strategy, false)],
      });
      expect(report.net.get(contracts.parties[0]!)).toBe((parameters.challengerBond * 400n) / 1000n);
    });
  }
});
