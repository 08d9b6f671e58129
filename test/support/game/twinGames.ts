import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { Party } from "./calls.ts";
import { ContractChain } from "./contractChain.ts";
import { brokenProperties } from "./gameProperties.ts";
import { machineModel } from "./machineModel.ts";
import { playGame } from "./playGame.ts";
import type { ChallengeSeat, ClaimSeat, Report, Scenario } from "./scenario.ts";
import { bookSolver } from "./solverStrategies.ts";
import type { Strategy } from "./strategies.ts";
import { TwinChain } from "./twinChain.ts";
import type { GameTrace } from "./world.ts";

export interface TwinGames {
  /** Account number `number`. */
  party(number: number): Party;
  /** The pair of chains of this test. */
  chain(): TwinChain;
  play(scenario: Scenario): Promise<Report>;
}

/** Games on the contracts with the model beside them: one deployment for the file, fresh for each of its tests. */
export function useTwinGames(parameters: Parameters, parties: number): TwinGames {
  let contracts: ContractChain;
  let twin: TwinChain;
  let restore: () => Promise<void>;
  beforeAll(async () => {
    contracts = await ContractChain.start(parameters, parties);
  });
  beforeEach(async () => {
    restore = await contracts.snapshot();
    twin = new TwinChain(contracts, machineModel);
  });
  afterEach(async () => {
    await restore();
  });
  return {
    party: (number) => contracts.parties[number]!,
    chain: () => twin,
    async play(scenario) {
      const report = await playGame(twin, scenario);
      expect(brokenProperties(report, parameters)).toEqual([]);
      for (const { id, status } of report.claims) if (status !== "none") await twin.checkLens(id);
      return report;
    },
  };
}

/** A wrong claim over 2^3 ticks with a checkpoint every 2^2, revealed as soon as it can be. */
export function claimOf(party: Party, trace: GameTrace, seat: Partial<ClaimSeat> = {}): ClaimSeat {
  const terms = { log2Ticks: 3, log2CheckpointTicks: 2, revealAfter: 0 };
  return { party, honest: false, right: false, trace, strategy: bookSolver(trace), ...terms, ...seat };
}

/** The same of a right claim. */
export function rightClaimOf(party: Party, trace: GameTrace, seat: Partial<ClaimSeat> = {}): ClaimSeat {
  return claimOf(party, trace, { honest: true, right: true, ...seat });
}

const whole: Start = { kind: "whole" };

/** A challenge over the whole of a scenario's first claim, ten seconds after its reveal. */
export function challengeOf(party: Party, strategy: Strategy, seat: Partial<ChallengeSeat> = {}): ChallengeSeat {
  return { party, honest: false, claim: 0, strategy, after: 10, start: whole, ...seat };
}
