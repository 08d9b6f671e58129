import type { ContractTransactionResponse, Result } from "ethers";
import { network } from "hardhat";
import type { Address } from "../../src/protocol/claim.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";
import type { Assay, AssayLens, StepVerifier } from "../../src/types/index.js";

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
  solverDisputeGas: 2_000_000,
  challengerDisputeGas: 2_000_000,
  gasPriceCeilingWei: 10n ** 9n,
};

export type Ethers = Awaited<ReturnType<typeof network.create>>["ethers"];
export type Signer = Awaited<ReturnType<Ethers["getSigners"]>>[number];

export type Hardfork = "merge" | "shanghai" | "cancun" | "prague" | "osaka" | "amsterdam";

/** What a chain can be started with; terms that are not given are `testTerms`. */
export interface ChainOptions {
  readonly terms?: Partial<Parameters> | undefined;
  /** Rules of the chain; those of `hardhat.config.ts` if not given. */
  readonly hardfork?: Hardfork | undefined;
  /** Address of another step verifier than the real one. */
  readonly stepVerifier?: ((ethers: Ethers) => Promise<string>) | undefined;
}

/** A chain of its own under these rules. */
export async function newChain(hardfork?: Hardfork): Promise<Ethers> {
  if (hardfork === undefined) return (await network.create()).ethers;
  // Under Amsterdam's rules the limit for a transaction is one on computation; Hardhat's counts what its state costs, too, and
  // no contract of ours could be deployed.
  return (await network.create({ network: "default", override: { hardfork, transactionGasCap: false } })).ethers;
}

/** A fresh chain with the contracts on it, whose clock the test moves. */
export class AssayChain {
  private constructor(
    readonly ethers: Ethers,
    readonly terms: Parameters,
    readonly address: Address,
    readonly assay: Assay,
    readonly lens: AssayLens,
    readonly verifier: StepVerifier,
    readonly accounts: readonly Signer[],
  ) {}

  static async start({ terms, hardfork, stepVerifier }: ChainOptions = {}): Promise<AssayChain> {
    const ethers = await newChain(hardfork);
    const verifier = await ethers.deployContract("StepVerifier");
    const machine = stepVerifier === undefined ? await verifier.getAddress() : await stepVerifier(ethers);
    const given = { ...testTerms, ...terms };
    const assay = await ethers.deployContract("Assay", [given, machine]);
    const address = (await assay.getAddress()).toLowerCase() as Address;
    const lens = await ethers.deployContract("AssayLens", [address]);
    return new AssayChain(
      ethers,
      given,
      address,
      assay as unknown as Assay,
      lens as unknown as AssayLens,
      verifier as unknown as StepVerifier,
      await ethers.getSigners(),
    );
  }

  /** What a client reads about a build, as a plain object. */
  async result(buildId: string): Promise<Record<string, unknown>> {
    return ((await this.assay.resultOf(buildId)) as unknown as Result).toObject();
  }

  /** What is stored of a build. */
  async build(buildId: string): Promise<Record<string, bigint>> {
    const { build } = await this.assay.buildOf(buildId);
    return (build as unknown as Result).toObject();
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

  /** Wei that the contract holds, or an account. */
  async balance(of: string = this.address): Promise<bigint> {
    return await this.ethers.provider.getBalance(of);
  }

  async owed(account: Signer): Promise<bigint> {
    return await this.assay.owed(account.address);
  }

  /** What a call sends to an account, gas aside, if the account is its sender. */
  async receivedBy(account: Signer, sending: Promise<ContractTransactionResponse>): Promise<bigint> {
    const receipt = (await (await sending).wait())!;
    const [before, after] = await Promise.all(
      [receipt.blockNumber - 1, receipt.blockNumber].map((block) =>
        this.ethers.provider.getBalance(account.address, block),
      ),
    );
    return after! - before! + (receipt.from === account.address ? receipt.fee : 0n);
  }

  /** Does something and takes it back: what it gives, on a chain that has not seen it. */
  async undone<T>(what: () => Promise<T>): Promise<T> {
    const snapshot = await this.ethers.provider.send("evm_snapshot", []);
    try {
      return await what();
    } finally {
      await this.ethers.provider.send("evm_revert", [snapshot]);
    }
  }
}
