import type { Result } from "ethers";
import { network } from "hardhat";
import type { Parameters } from "../../src/protocol/parameters.ts";
import type { Assay, StepVerifier } from "../../src/types/index.js";

/** Terms that are quick to play with: four children to a row, bonds of one ether, times in round numbers. */
export const testTerms: Parameters = {
  log2Arity: 2,
  maxLog2Steps: 32,
  burnPermille: 600,
  solverBond: 10n ** 18n,
  challengerBond: 5n * 10n ** 17n,
  solverBudgetSeconds: 1_000,
  challengerBudgetSeconds: 800,
  minResponseSeconds: 50,
  baseWindowSeconds: 5_000,
  tickAllowanceMicroseconds: 1_000_000,
  maxWindowSeconds: 100_000,
  minCommitAgeSeconds: 100,
  maxCommitAgeSeconds: 4_000,
  reactionSeconds: 700,
  stepsPerSecond: 50_000_000,
  gasPerMove: 150_000,
  gasPriceCeilingWei: 10n ** 9n,
};

export type Ethers = Awaited<ReturnType<typeof network.create>>["ethers"];
export type Signer = Awaited<ReturnType<Ethers["getSigners"]>>[number];

/** A fresh chain with the contracts on it, whose clock the test moves. */
export class AssayChain {
  private constructor(
    readonly ethers: Ethers,
    readonly assay: Assay,
    readonly verifier: StepVerifier,
    readonly accounts: readonly Signer[],
  ) {}

  /** @param stepVerifier address of another verifier than the real one. */
  static async start(
    terms: Partial<Parameters> = {},
    stepVerifier?: (ethers: Ethers) => Promise<string>,
  ): Promise<AssayChain> {
    const { ethers } = await network.create();
    const verifier = await ethers.deployContract("StepVerifier");
    const address = stepVerifier === undefined ? await verifier.getAddress() : await stepVerifier(ethers);
    const assay = await ethers.deployContract("Assay", [{ ...testTerms, ...terms }, address]);
    return new AssayChain(
      ethers,
      assay as unknown as Assay,
      verifier as unknown as StepVerifier,
      await ethers.getSigners(),
    );
  }

  /** What a client reads about a build, as a plain object. */
  async result(buildId: string): Promise<Record<string, unknown>> {
    return ((await this.assay.resultOf(buildId)) as unknown as Result).toObject();
  }

  /** The contract as this account calls it. */
  as(account: Signer): Assay {
    return this.assay.connect(account);
  }

  async now(): Promise<number> {
    return (await this.ethers.provider.getBlock("latest"))!.timestamp;
  }

  /** The next transaction is mined at this second. */
  async at(second: number | bigint): Promise<void> {
    await this.ethers.provider.send("evm_setNextBlockTimestamp", [Number(second)]);
  }

  /** The next transaction is mined this many seconds after the newest block. */
  async after(seconds: number): Promise<void> {
    await this.at((await this.now()) + seconds);
  }

  async balance(): Promise<bigint> {
    return await this.ethers.provider.getBalance(await this.assay.getAddress());
  }

  async owed(account: Signer): Promise<bigint> {
    return await this.assay.owed(account.address);
  }
}
