import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gameParameters, party } from "../support/game/gameParameters.ts";
import { brokenProperties } from "../support/game/gameProperties.ts";
import { invariantsOf } from "../support/game/invariants.ts";
import { ModelChain } from "../support/game/modelChain.ts";
import { playGame } from "../support/game/playGame.ts";
import { build, drafts } from "../support/game/randomScenario.ts";
import { toyModelMachine } from "../support/game/toyModelMachine.ts";
import { toyWorld } from "../support/game/toyTrace.ts";
import { seed } from "../support/seed.ts";

const programs = fc.record({
  ticks: fc.integer({ min: 1, max: 12 }),
  maxSteps: fc.integer({ min: 1, max: 24 }),
  seed: fc.nat(1000),
});
const terms = fc.record({
  log2Arity: fc.integer({ min: 1, max: 4 }),
  solverBudgetSeconds: fc.integer({ min: 60, max: 900 }),
  challengerBudgetSeconds: fc.integer({ min: 60, max: 900 }),
  burnPermille: fc.integer({ min: 500, max: 999 }),
  reactionSeconds: fc.integer({ min: 60, max: 900 }),
});

describe("random games", () => {
  it("never break a property of the protocol, whatever is played", async () => {
    await fc.assert(
      fc.asyncProperty(programs, terms, drafts(5, 6), async (program, some, draft) => {
        const parameters = { ...gameParameters, ...some };
        const chain = new ModelChain(parameters, toyModelMachine);
        const worlds = [toyWorld(program), toyWorld({ ...program, seed: program.seed + 1 })];
        const scenario = await build(draft, { worlds, parameters, party });
        const invariants = invariantsOf(chain);
        const report = await playGame(chain, scenario, (played) => expect(invariants(played)).toEqual([]));
        expect(brokenProperties(report, parameters)).toEqual([]);
      }),
      { seed, numRuns: 400 },
    );
  });
});
