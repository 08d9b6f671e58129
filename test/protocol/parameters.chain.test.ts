import fc from "fast-check";
import { network } from "hardhat";
import { beforeAll, describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import {
  claimWindowSeconds,
  disputeSeconds,
  type ParameterRule,
  type Parameters,
  validateParameters,
} from "../../src/protocol/parameters.ts";
import type { AssayLens } from "../../src/types/AssayLens.ts";
import { gameParameters } from "../support/game/gameParameters.ts";
import { revertData } from "../support/matchers.ts";
import { seed } from "../support/seed.ts";

const around = (...values: number[]) => fc.constantFrom(...values.flatMap((value) => [value - 1, value, value + 1]));
const changes: fc.Arbitrary<Partial<Parameters>> = fc.record(
  {
    log2Arity: around(1, 6),
    maxLog2Steps: fc.constantFrom(0, 6, 15, 16, 20, 32, 33),
    burnPermille: around(500, 999),
    solverBond: fc.constantFrom(0n, 10n ** 13n, 10n ** 16n),
    challengerBond: fc.constantFrom(0n, 10n ** 13n, 10n ** 16n),
    solverBudgetSeconds: fc.constantFrom(1, 59, 60, 61, 66, 2 ** 24 - 1),
    challengerBudgetSeconds: fc.constantFrom(1, 59, 60, 65, 66, 2 ** 24 - 1),
    minResponseSeconds: fc.constantFrom(0, 1, 60, 2000),
    baseWindowSeconds: fc.constantFrom(0, 59, 60, 100_000),
    maxWindowSeconds: around(1001),
    minCommitAgeSeconds: fc.constantFrom(0, 1, 899, 900),
    maxCommitAgeSeconds: fc.constantFrom(0, 1, 2, 900),
    reactionSeconds: fc.constantFrom(0, 59, 60),
    stepsPerSecond: fc.constantFrom(0, 1, 1000),
    solverDisputeGas: fc.constantFrom(0, 1, 1_500_000, 2 ** 32 - 1),
    challengerDisputeGas: fc.constantFrom(0, 1, 1_500_000, 2 ** 32 - 1),
    gasPriceCeilingWei: fc.constantFrom(0n, 10n ** 9n, 10n ** 12n),
  },
  { requiredKeys: [] },
);

describe("parameters", () => {
  let ethers: Awaited<ReturnType<typeof network.create>>["ethers"];
  let verifier: string;
  beforeAll(async () => {
    ({ ethers } = await network.create());
    verifier = await (await ethers.deployContract("StepVerifier")).getAddress();
  });

  /** The rule that the constructor names, or the lens on the deployed contract. */
  async function deploy(parameters: Parameters): Promise<ParameterRule | AssayLens> {
    try {
      const assay = await ethers.deployContract("Assay", [parameters, verifier]);
      return (await ethers.deployContract("AssayLens", [await assay.getAddress()])) as unknown as AssayLens;
    } catch (error) {
      const data = revertData(error);
      if (data === undefined) throw error;
      const { args } = (await ethers.getContractFactory("Assay")).interface.parseError(data)!;
      const [name, least, most, given] = args as unknown as [string, bigint, bigint, bigint];
      return { name, least, most, given };
    }
  }

  function ownVerdict(parameters: Parameters): ParameterRule | undefined {
    try {
      validateParameters(parameters);
      return undefined;
    } catch (error) {
      if (!isAssayError(error, "protocol/bad-parameter") || !("least" in error.details)) throw error;
      return error.details;
    }
  }

  it("are refused by the constructor and by clients for the same reason, and give the same durations", async () => {
    const refused = new Set<string>();
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(40), async (change, log2Ticks) => {
        const parameters = { ...gameParameters, ...change };
        const own = ownVerdict(parameters);
        const deployed = await deploy(parameters);
        if (own !== undefined) {
          refused.add(own.name);
          expect(deployed).toEqual(own);
          return;
        }
        const lens = deployed as AssayLens;
        expect(Number(await lens.disputeSeconds(log2Ticks))).toBe(disputeSeconds(parameters, log2Ticks));
        expect(Number(await lens.windowSeconds(log2Ticks))).toBe(claimWindowSeconds(parameters, log2Ticks));
      }),
      { seed, numRuns: 150 },
    );
    expect(refused.size).toBeGreaterThan(8);
  });
});
