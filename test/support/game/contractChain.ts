import type { Interface, TransactionRequest } from "ethers";
import { network } from "hardhat";
import { abis } from "../../../src/chain/assay.ts";
import { assayCalls } from "../../../src/chain/claims.ts";
import { decodeRevert } from "../../../src/chain/errors.ts";
import { History } from "../../../src/chain/history.ts";
import { callOfMove } from "../../../src/chain/moves.ts";
import type { Hex, Root } from "../../../src/core/bytes.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { ClaimView, DisputeView } from "../../../src/protocol/views.ts";
import type { Assay, AssayLens } from "../../../src/types/index.js";
import { revertData } from "../matchers.ts";
import type { Call, Outcome, Party } from "./calls.ts";
import type { Observation, Scope } from "./observation.ts";

type Ethers = Awaited<ReturnType<typeof network.create>>["ethers"];

/** More than any call needs, so that nothing is estimated: an estimate would be made at another second than the call. */
const gasLimit = 12_000_000n;

/** The real contracts on a chain of their own; disputes are followed through events alone, as daemons follow them. */
export class ContractChain {
  private history = new History();
  private time = 0;
  private lastBalance = 0n;

  private constructor(
    readonly parameters: Parameters,
    readonly ethers: Ethers,
    readonly assay: Assay,
    readonly lens: AssayLens,
    readonly address: Hex,
    readonly parties: readonly Party[],
  ) {}

  /** @param parties number of accounts. */
  static async start(parameters: Parameters, parties: number): Promise<ContractChain> {
    const { ethers } = await network.create();
    const verifier = await ethers.deployContract("StepVerifier");
    const assay = await ethers.deployContract("Assay", [parameters, await verifier.getAddress()]);
    const lens = (await ethers.deployContract("AssayLens", [await assay.getAddress()])) as unknown as AssayLens;
    const signers = (await ethers.getSigners()).slice(1, parties + 1);
    const addresses = signers.map(({ address }) => address.toLowerCase() as Party);
    const address = (await assay.getAddress()).toLowerCase() as Hex;
    const chain = new ContractChain(parameters, ethers, assay as unknown as Assay, lens, address, addresses);
    await chain.readTime();
    return chain;
  }

  /** Remembers the state of the chain, on which no claim has been made; the function that it returns brings it back. */
  async snapshot(): Promise<() => Promise<void>> {
    const id = await this.ethers.provider.send("evm_snapshot", []);
    return async () => {
      await this.ethers.provider.send("evm_revert", [id]);
      this.history = new History();
      this.lastBalance = 0n;
      await this.readTime();
    };
  }

  private async readTime(): Promise<void> {
    this.time = (await this.ethers.provider.getBlock("latest"))!.timestamp;
  }

  now(): number {
    return this.time;
  }

  async send(from: Party, call: Call, at: number): Promise<Outcome> {
    await this.ethers.provider.send("evm_setNextBlockTimestamp", [at]);
    const signer = await this.ethers.getSigner(from);
    const { to, data, value = 0n } = this.transaction(from, call);
    const request: TransactionRequest = { to, data, value, gasLimit };
    this.time = at;
    try {
      const receipt = (await (await signer.sendTransaction(request)).wait())!;
      for (const log of receipt.logs) this.history.apply(log as never, at);
      const before = this.lastBalance;
      this.lastBalance = await this.ethers.provider.getBalance(this.address);
      return { ok: true, received: before + value - this.lastBalance };
    } catch (error) {
      const revert = revertData(error);
      if (revert === undefined) throw error;
      const { name, args } = decodeRevert(revert, abis);
      return { ok: false, error: name, args };
    }
  }

  private transaction(from: Party, call: Call): { to: string; data: string; value?: bigint } {
    const calls = assayCalls(this.address);
    switch (call.kind) {
      case "commit":
        return calls.commit(call.claimId, call.value);
      case "reveal":
        return calls.reveal(call.fields, call.salt, call.startProof, call.endProof);
      case "expireCommit":
        return calls.expireCommit(call.solver, call.claimId);
      case "returnCommit":
        return calls.returnCommit(call.claim);
      case "finalize":
        return calls.finalize(call.claim, call.details);
      case "challenge":
        return calls.challenge(call.claim, call.details, call.start, call.stakeNumber, call.value);
      case "move":
        return callOfMove(call.move, this.address);
      case "returnStake":
        return calls.returnStake(call.buildId, call.stakeNumber);
      case "request":
        return calls.request(call.buildId, call.expiry, call.number, "", call.value);
      case "refundRequest":
        return calls.refundRequest(call.request);
      case "payReward":
        return calls.payReward(call.buildId);
      case "withdraw":
        return calls.withdraw(from);
      case "multicall":
        return calls.multicall(call.calls.map((one) => ({ ...this.transaction(from, one), action: one.kind })));
    }
  }

  /** A challenge as its events tell it. */
  async dispute(challengeId: Root, at: number): Promise<DisputeView> {
    const found = this.history.challenges.get(challengeId)!;
    const { status, stakeNumber, roots } = found;
    return { now: at, claim: this.claim(found.claimId), challenge: { status, stakeNumber, at: found.at, roots } };
  }

  private claim(claimId: Root): ClaimView {
    const { status, reference, details } = this.history.claims.get(claimId)!;
    const { log2CheckpointTicks, checkpointRoot } = details;
    const { log2Arity, maxLog2Steps, minResponseSeconds } = this.parameters;
    const terms = { log2Arity, maxLog2Steps, minResponseSeconds };
    const solver = reference.solver.toLowerCase() as Party;
    return { ...reference, ...terms, claimId, status, log2CheckpointTicks, checkpointRoot, solver };
  }

  /** What the contract's views say, in one request. */
  async observe(scope: Scope): Promise<Observation> {
    const { parties, claims, builds, roots, stakes, challenges, requests } = scope;
    const asked = [
      ["parties", "owed", parties.map((party) => [party])],
      ["claims", "claimOf", claims.map(({ solver, id }) => [solver, id])],
      ["builds", "buildOf", builds.map((id) => [id])],
      ["results", "resultOf", builds.map((id) => [id])],
      ["rewards", "rewardOf", builds.map((id) => [id])],
      ["roots", "livingClaims", roots.map((pair) => [...pair])],
      ["stakes", "stakeOf", stakes.map((key) => [key])],
      ["challenges", "challengeOf", challenges.map((id) => [id])],
      ["requests", "requestOf", requests.map((id) => [id])],
    ] as const;
    const abi = this.assay.interface as unknown as Interface;
    const encoded = asked.flatMap(([, view, args]) => args.map((one) => abi.encodeFunctionData(view, one)));
    const answers = await this.assay.multicall.staticCall(encoded);
    let next = 0;
    const read = (view: string) => (abi.decodeFunctionResult(view, answers[next++]!).toArray(true) as unknown[]).flat();
    const groups = asked.map(([name, view, args]) => [name, args.map(() => read(view))]);
    const seen = Object.fromEntries(groups) as Observation;
    return { ...seen, claims: seen.claims.map((claim) => (claim[0] === 2n ? claim : claim.slice(0, 3))) };
  }

  async balance(): Promise<bigint> {
    return await this.ethers.provider.getBalance(this.address);
  }
}
