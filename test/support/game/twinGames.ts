import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { Party } from "./calls.ts";
import { ContractChain } from "./contractChain.ts";
import { brokenProperties } from "./gameProperties.ts";
import { machineModel } from "./machineModel.ts";
import { type ChallengeSeat, type ClaimSeat, playGame, type Report, type Scenario } from "./playGame.ts";
import { bookSolver } from "./solverStrategies.ts";
import type { Strategy } from "./strategies.ts";
import { TwinChain } from "./twinChain.ts";
import type { GameTrace } from "./world.ts";

export interface TwinGames {
  /** Account number `number`. */
  party(number: number): Party;
  /** A fresh pair of chains for this test. */
  chain(): TwinChain;
  play(scenario: Scenario): Promise<Report>;
}

/** Games on the contracts with the model beside them: one deployment for the file, fresh for each of its tests. */
export function useTwinGames(parameters: Parameters, parties: number): TwinGames {
  let contracts: ContractChain;
  let restore: () => Promise<void>;
  beforeAll(async () => {
    contracts = await ContractChain.start(parameters, parties);
  });
  beforeEach(async () => {
    restore = await contracts.snapshot();
  });
  afterEach(async () => {
    await restore();
  });
  const chain = () => TwinChain.on(contracts, machineModel);
  return {
    party: (number) => contracts.parties[number]!,
    chain,
    async play(scenario) {
      const report = await playGame(chain(), scenario);
      expect(brokenProperties(report, parameters)).toEqual([]);
      return report;
    },
  };
}

/** A claim over 2^3 ticks with a checkpoint every 2^2, revealed as soon as it can be. */
export function claimOf(party: Party, trace: GameTrace, seat: Partial<ClaimSeat> = {}): ClaimSeat {
  const terms = { log2Ticks: 3, log2CheckpointTicks: 2, revealAfter: 0 };
  return { party, honest: false, trace, strategy: bookSolver(trace), ...terms, ...seat };
}

const whole: Start = { kind: "whole" };

/** A challenge over the whole of a scenario's first claim, ten seconds after its reveal. */
export function challengeOf(party: Party, strategy: Strategy, seat: Partial<ChallengeSeat> = {}): ChallengeSeat {
  return { party, honest: false, claim: 0, strategy, after: 10, start: whole, ...seat };
}
