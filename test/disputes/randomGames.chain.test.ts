import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { chaotic } from "../support/game/chaosChain.ts";
import { ContractChain } from "../support/game/contractChain.ts";
import { chanceOf, gameParameters } from "../support/game/gameParameters.ts";
import { brokenProperties } from "../support/game/gameProperties.ts";
import { machineModel } from "../support/game/machineModel.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { playGame } from "../support/game/playGame.ts";
import { build, drafts, partiesOf } from "../support/game/randomScenario.ts";
import { TwinChain } from "../support/game/twinChain.ts";
import { seed } from "../support/seed.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8 };
const other = machineWorld(2, 9);
const pairs = [1, 3, 6].map((ticks) => [machineWorld(ticks, ticks), other]);
const worlds = fc.constantFrom(...pairs);

describe("model and contracts", () => {
  let contracts: ContractChain;
  const party = (number: number) => contracts.parties[number]!;

  /** Undoes on the chain whatever `game` does, also when it fails. */
  async function undone<T>(game: () => Promise<T>): Promise<T> {
    const restore = await contracts.snapshot();
    try {
      return await game();
    } finally {
      await restore();
    }
  }

  beforeAll(async () => {
    contracts = await ContractChain.start(parameters, partiesOf(4));
  });

  it("agree on every random game, and neither breaks a property", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, drafts(4, 5), async (worlds, draft) => {
        const scenario = await build(draft, { worlds, parameters, party });
        await undone(async () => {
          const twin = new TwinChain(contracts, machineModel);
          const report = await playGame(twin, scenario);
          expect(brokenProperties(report, parameters)).toEqual([]);
          for (const { id, status } of report.claims) if (status !== "none") await twin.checkLens(id);
        });
      }),
      { seed, numRuns: 50, endOnFailure: true },
    );
  });

  it("agree on calls that are wrong, early, late, or somebody else's", async () => {
    const refusals = new Set<string>();
    await fc.assert(
      fc.asyncProperty(worlds, drafts(3, 4), fc.nat(), async (worlds, draft, number) => {
        const scenario = await build(draft, { worlds, parameters, party });
        await undone(async () => {
          const twin = new TwinChain(contracts, machineModel);
          await playGame(chaotic(twin, contracts.parties, chanceOf(number), 3), scenario);
          for (const refusal of twin.refusals) refusals.add(refusal);
        });
      }),
      { seed, numRuns: 50, endOnFailure: true },
    );
    // Otherwise the calls were not wrong in enough ways to compare anything.
    expect(refusals.size).toBeGreaterThan(45);
  });
});
