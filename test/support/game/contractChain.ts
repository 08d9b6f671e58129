import { AbiCoder, keccak256, type TransactionRequest } from "ethers";
import { network } from "hardhat";
import { abis } from "../../../src/chain/assay.ts";
import { assayCalls } from "../../../src/chain/claims.ts";
import { decodeRevert } from "../../../src/chain/errors.ts";
import { type Happening, History } from "../../../src/chain/history.ts";
import { callOfMove } from "../../../src/chain/moves.ts";
import { encodePosition } from "../../../src/chain/positions.ts";
import type { Hex, Root } from "../../../src/core/bytes.ts";
import type { ClaimFields } from "../../../src/protocol/claim.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { ChallengeId, ClaimView, DisputeView, Position } from "../../../src/protocol/views.ts";
import type { Assay } from "../../../src/types/Assay.ts";
import { revertData } from "../matchers.ts";
import type { BuildView, Call, GameChain, Outcome, Party } from "./calls.ts";

type Ethers = Awaited<ReturnType<typeof network.create>>["ethers"];

/** More than any call needs, so that nothing is estimated: an estimate would be made at another second than the call. */
const gasLimit = 12_000_000n;

/** The real contracts on a chain of their own, followed through their events alone, as daemons follow them. */
export class ContractChain implements GameChain {
  #history: History;
  #now = 0;

  private constructor(
    readonly parameters: Parameters,
    readonly ethers: Ethers,
    readonly assay: Assay,
    readonly address: Hex,
    readonly parties: readonly Party[],
  ) {
    this.#history = new History(parameters.log2Arity);
  }

  /** @param parties number of accounts. */
  static async start(parameters: Parameters, parties: number): Promise<ContractChain> {
    const { ethers } = await network.create();
    const verifier = await ethers.deployContract("StepVerifier");
    const assay = await ethers.deployContract("Assay", [parameters, await verifier.getAddress()]);
    const signers = (await ethers.getSigners()).slice(1, parties + 1);
    const addresses = signers.map(({ address }) => address.toLowerCase() as Party);
    const address = (await assay.getAddress()).toLowerCase() as Hex;
    const chain = new ContractChain(parameters, ethers, assay as unknown as Assay, address, addresses);
    await chain.#readTime();
    return chain;
  }

  /** Remembers the state of the chain; the function that it returns brings it back. */
  async snapshot(): Promise<() => Promise<void>> {
    const id = await this.ethers.provider.send("evm_snapshot", []);
    return async () => {
      await this.ethers.provider.send("evm_revert", [id]);
      this.#history = new History(this.parameters.log2Arity);
      await this.#readTime();
    };
  }

  async #readTime(): Promise<void> {
    this.#now = (await this.ethers.provider.getBlock("latest"))!.timestamp;
  }

  now(): number {
    return this.#now;
  }

  async send(from: Party, call: Call, at: number): Promise<Outcome> {
    await this.ethers.provider.send("evm_setNextBlockTimestamp", [at]);
    const signer = await this.ethers.getSigner(from);
    const request: TransactionRequest = { ...this.#transaction(from, call), gasLimit };
    this.#now = at;
    try {
      const receipt = (await (await signer.sendTransaction(request)).wait())!;
      const happened = receipt.logs.map((log) => this.#history.apply(log as never, at));
      return this.#outcome(happened.flatMap((one) => one ?? []));
    } catch (error) {
      const data = revertData(error);
      if (data === undefined) throw error;
      const { name, args } = decodeRevert(data, abis);
      return { ok: false, error: name, args };
    }
  }

  #outcome(happened: readonly Happening[]): Outcome {
    const idNames: Readonly<Record<string, string>> = {
      ClaimRevealed: "claimId",
      ChallengeOpened: "challengeId",
      BuildRequested: "requestId",
    };
    const made = happened.find(({ name }) => name in idNames);
    return made === undefined ? { ok: true } : { ok: true, id: made.args[idNames[made.name]!] as Root };
  }

  #transaction(from: Party, call: Call): { to: string; data: string; value?: bigint } {
    const calls = assayCalls(this.address);
    const { solverBond, challengerBond } = this.parameters;
    switch (call.kind) {
      case "commit":
        return calls.commit(call.claimId, solverBond);
      case "reveal":
        return calls.reveal(call.fields, call.salt, call.startProof, call.endProof);
      case "expireCommit":
        return calls.expireCommit(call.solver, call.claimId);
      case "finalize":
        return calls.finalize(call.claimId);
      case "challenge":
        return calls.challenge(call.claimId, call.start, challengerBond);
      case "move":
        return callOfMove(call.move, call.id, this.address);
      case "request":
        return calls.request(call.buildId, call.expiry, "", call.amount);
      case "refundRequest":
        return calls.refundRequest(call.requestId);
      case "payReward":
        return calls.payReward(call.buildId);
      case "withdraw":
        return calls.withdraw(from);
    }
  }

  async claimIdOf(solver: Party, salt: Root, fields: ClaimFields): Promise<Root> {
    return (await this.assay.claimIdOf(solver, salt, fields)) as Root;
  }

  async claim(claimId: Root) {
    const found = this.#history.claims.get(claimId);
    if (found === undefined) return undefined;
    const { solver, status, windowEnd, fields } = found;
    return { ...this.#terms(claimId), ...fields, status, windowEnd, solver: solver.toLowerCase() as Party };
  }

  #terms(claimId: Root): Pick<ClaimView, "claimId" | "log2Arity" | "maxLog2Steps" | "minResponseSeconds"> {
    const { log2Arity, maxLog2Steps, minResponseSeconds } = this.parameters;
    return { claimId, log2Arity, maxLog2Steps, minResponseSeconds };
  }

  async finalizableFrom(claimId: Root): Promise<number> {
    return Number(await this.assay.finalizableFrom(claimId));
  }

  async build(buildId: Root): Promise<BuildView> {
    const { status, finalRoot } = await this.assay.resultOf(buildId);
    const names = ["unknown", "open", "contradicted", "final"] as const;
    return {
      status: names[Number(status)]!,
      finalRoot: Number(status) === 3 ? (finalRoot as Root) : undefined,
      rewardDueFrom: Number(await this.assay.rewardDueFrom(buildId)),
    };
  }

  async dispute(id: ChallengeId, at: number): Promise<DisputeView> {
    const { claimId, status, position } = this.#history.challenges.get(id)!;
    return {
      now: at,
      claim: (await this.claim(claimId))!,
      challenge: { id, status, position },
      answerOf: (node) => this.#history.answerOf(node),
      firstDemanderOf: (node) => this.#history.firstDemanderOf(node),
    };
  }

  /** Whether the contract holds this position for the challenge; `undefined`: that it is not open. */
  async stands(id: ChallengeId, position: Position | undefined): Promise<boolean> {
    const stored = await this.assay.challengeOf(id);
    return BigInt(stored) === (position === undefined ? 0n : BigInt(positionHash(position)));
  }

  async owed(party: Party): Promise<bigint> {
    return await this.assay.owed(party);
  }

  async balance(): Promise<bigint> {
    return await this.ethers.provider.getBalance(this.address);
  }
}

function positionHash(position: Position): string {
  const { claimId, startRoot, endRoot, place, holder } = encodePosition(position);
  const words = [claimId, startRoot, endRoot, place, holder];
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32", "bytes32", "uint256", "bytes32"], words));
}
