import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { type Parameters, splitBond, validateParameters } from "../../src/protocol/parameters.ts";
import { AssayChain, type Hardfork, newChain, testTerms } from "../support/assayChain.ts";

/** The paid share of a bond, by the contract's rule. */
const paid = (bond: bigint) => splitBond(bond, testTerms.burnPermille).paid;
const u24 = 2 ** 24 - 1;

/** For each rule: terms that break it, and what the error says. */
const broken: [Partial<Parameters>, string, number | bigint, number | bigint, number | bigint][] = [
  [{ log2Arity: 0 }, "log2Arity", 1, 6, 0],
  [{ log2Arity: 7 }, "log2Arity", 1, 6, 7],
  [{ maxLog2Steps: 33 }, "maxLog2Steps", 0, 32, 33],
  [{ burnPermille: 499 }, "burnPermille", 500, 999, 499],
  [{ burnPermille: 1000 }, "burnPermille", 500, 999, 1000],
  [{ minResponseSeconds: 0 }, "minResponseSeconds", 1, u24, 0],
  [{ stepsPerSecond: 0 }, "stepsPerSecond", 1, 2 ** 40 - 1, 0],
  [{ solverBudgetSeconds: 85 }, "solverBudgetSeconds", 86, u24, 85],
  [{ challengerBudgetSeconds: 85 }, "challengerBudgetSeconds", 86, u24, 85],
  [{ solverBudgetSeconds: 90, minResponseSeconds: 100 }, "solverBudgetSeconds", 100, u24, 90],
  [{ challengerBudgetSeconds: 90, minResponseSeconds: 100 }, "challengerBudgetSeconds", 100, u24, 90],
  [{ reactionSeconds: 49 }, "reactionSeconds", 50, u24, 49],
  [{ maxCommitAgeSeconds: 0 }, "maxCommitAgeSeconds", 1, u24, 0],
  [{ minCommitAgeSeconds: 0 }, "minCommitAgeSeconds", 1, 3_999, 0],
  [{ minCommitAgeSeconds: 4_000 }, "minCommitAgeSeconds", 1, 3_999, 4_000],
  [{ maxCommitAgeSeconds: 5_001 }, "baseWindowSeconds", 5_001, u24, 5_000],
  [{ baseWindowSeconds: 49, maxCommitAgeSeconds: 40, minCommitAgeSeconds: 1 }, "baseWindowSeconds", 50, u24, 49],
  [{ maxWindowSeconds: 5_000 }, "maxWindowSeconds", 5_001, 2 ** 32 - 1, 5_000],
  [{ solverDisputeGas: 0 }, "solverDisputeGas", 1, 2 ** 32 - 1, 0],
  [{ challengerDisputeGas: 0 }, "challengerDisputeGas", 1, 2 ** 32 - 1, 0],
  [{ gasPriceCeilingWei: 0n }, "gasPriceCeilingWei", 1, 2n ** 64n - 1n, 0],
  [
    { solverBond: 4_999_999_999_999_999n },
    "paid share of solverBond",
    2_000_000n * 10n ** 9n,
    2n ** 80n - 1n,
    paid(4_999_999_999_999_999n),
  ],
  [
    { challengerBond: 4_999_999_999_999_999n },
    "paid share of challengerBond",
    2_000_000n * 10n ** 9n,
    2n ** 80n - 1n,
    paid(4_999_999_999_999_999n),
  ],
  [{ solverBond: 0n }, "paid share of solverBond", 2_000_000n * 10n ** 9n, 2n ** 80n - 1n, 0],
  [{ challengerBond: 0n }, "paid share of challengerBond", 2_000_000n * 10n ** 9n, 2n ** 80n - 1n, 0],
];

/** Terms at the very edge of their rules. */
const edges: Partial<Parameters>[] = [
  { log2Arity: 1 },
  { log2Arity: 6, burnPermille: 500 },
  { maxLog2Steps: 0, solverBudgetSeconds: 50, challengerBudgetSeconds: 50 },
  { burnPermille: 999, solverBond: 10n ** 19n, challengerBond: 10n ** 19n },
  { solverBudgetSeconds: 86, challengerBudgetSeconds: 86 },
  { reactionSeconds: 50 },
  { minCommitAgeSeconds: 3_999 },
  { maxCommitAgeSeconds: 5_000 },
  { maxWindowSeconds: 5_001 },
  { tickAllowanceMicroseconds: 0 },
  { solverBond: 5_000_000_000_000_000n, challengerBond: 5_000_000_000_000_000n },
];

describe("the constructor", async () => {
  const { ethers, assay, verifier } = await AssayChain.start();
  const machine = await verifier.getAddress();
  const deploy = (terms: Partial<Parameters>) => ethers.deployContract("Assay", [{ ...testTerms, ...terms }, machine]);

  it.each(broken)("refuses %o", async (terms, name, least, most, given) => {
    const args = [name, BigInt(least), BigInt(most), BigInt(given)];
    await expect(deploy(terms)).toRevertWith(assay, "ParameterOutOfRange", args);
    const [least_, most_, given_] = args.slice(1);
    const rule = { name, least: least_, most: most_, given: given_ };
    expect(refusalOf({ ...testTerms, ...terms })).toEqual(rule);
  });

  it("takes terms at the edge of every rule, as the client's own check does", async () => {
    for (const terms of edges) {
      await deploy(terms);
      expect(refusalOf({ ...testTerms, ...terms })).toBeUndefined();
    }
  });

  it("refuses values that do not fit", async () => {
    for (const [name, value] of [
      ["solverBond", 2n ** 80n],
      ["reactionSeconds", 2n ** 24n],
      ["stepsPerSecond", 2n ** 40n],
      ["gasPriceCeilingWei", 2n ** 64n],
    ] as const) {
      await expect(deploy({ [name]: value })).rejects.toThrow(/out-of-bounds/);
    }
  });

  it("16. refuses an address without code for the step verifier", async () => {
    const [account] = await ethers.getSigners();
    const deployed = ethers.deployContract("Assay", [testTerms, account!.address]);
    await expect(deployed).toRevertWith(assay, "StepVerifierMissing", [account!.address]);
    // A contract that is no step verifier has no version of a machine.
    const wallet = await (await ethers.deployContract("Wallet")).getAddress();
    await expect(ethers.deployContract("Assay", [testTerms, wallet])).rejects.toThrow(/revert/);
  });

  it("keeps what it was given", async () => {
    const { assay: own } = await AssayChain.start();
    const { solverBond, ...rest } = testTerms;
    const numbers = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, BigInt(value)]));
    expect((await own.parameters()).solverBond).toBe(solverBond);
    expect(((await own.parameters()) as never as { toObject(): object }).toObject()).toEqual({
      solverBond,
      ...numbers,
    });
  });
});

describe("a chain whose EVM lacks what the contracts need", () => {
  /**
   * Creation code of a verifier in instructions that every EVM has, whose calls all return 0: the constructor asks nothing of it
   * but its code and its version.
   */
  const verifierCode = "0x600a600c600039600a6000f3" + "60206080" + "f3" + "0000000000";

  async function deployOn(hardfork: Hardfork) {
    const ethers = await newChain(hardfork);
    const [account] = await ethers.getSigners();
    const verifier = await (await account!.sendTransaction({ data: verifierCode })).wait();
    const factory = await ethers.getContractFactory("Assay");
    const { data } = await factory.getDeployTransaction(testTerms, verifier!.contractAddress!);
    return { factory, deployed: ethers.provider.call({ from: account!.address, data, gasLimit: 15_000_000 }) };
  }

  it("shanghai: is refused by the name of the instruction", async () => {
    const { factory, deployed } = await deployOn("shanghai");
    await expect(deployed).toRevertWith(factory as never, "EvmLacks", ["MCOPY (EIP-5656)"]);
  });

  it("merge: is refused without a name, by the constructor's first instruction", async () => {
    const { deployed } = await deployOn("merge");
    await expect(deployed).rejects.toThrow(/reverted and Hardhat couldn't infer the reason/);
  });

  it("has MCOPY and no transient storage: is refused by its name", async () => {
    // No EVM is like this: the probe's own instruction is made an unknown one. The compiler writes its constant 60005c5000 as
    // 060005c5, shifted.
    const ethers = await newChain();
    const verifier = await (await ethers.deployContract("StepVerifier")).getAddress();
    const factory = await ethers.getContractFactory("Assay");
    const { data } = await factory.getDeployTransaction(testTerms, verifier);
    const probe = "060005c5";
    expect(data.split(probe)).toHaveLength(2);
    const without = ethers.provider.call({ data: data.replace(probe, "060000c5"), gasLimit: 15_000_000 });
    await expect(without).toRevertWith(factory as never, "EvmLacks", ["transient storage (EIP-1153)"]);
  });

  it.each(["cancun", "prague", "osaka", "amsterdam"] as const)("%s: is none of them", async (hardfork) => {
    const { assay, terms } = await AssayChain.start({ hardfork });
    expect((await assay.parameters()).solverBond).toBe(terms.solverBond);
  });
});

/** The first rule that the client's own check finds broken. */
function refusalOf(terms: Parameters): unknown {
  try {
    validateParameters(terms);
    return undefined;
  } catch (error) {
    if (!isAssayError(error, "protocol/bad-parameter")) throw error;
    return error.details;
  }
}
