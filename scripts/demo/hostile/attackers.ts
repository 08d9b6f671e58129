import { Interface, Wallet } from "ethers";
import { createAssaySender } from "../../../src/chain/assay.ts";
import { assayCalls } from "../../../src/chain/claims.ts";
import { revertOf } from "../../../src/chain/errors.ts";
import { callOfMove } from "../../../src/chain/moves.ts";
import { type Call, defaultFeePolicy } from "../../../src/chain/outbox/call.ts";
import type { ClaimRecord } from "../../../src/chain/records.ts";
import type { Root } from "../../../src/core/bytes.ts";
import type { Watch } from "../../../src/demo/watch.ts";
import { type Address, claimIdOf, referenceOf } from "../../../src/protocol/claim.ts";
import { hashText } from "../../../src/protocol/hash.ts";
import { IAssay__factory } from "../../../src/types/factories/interfaces/IAssay__factory.ts";

const abi = new Interface(IAssay__factory.abi);

interface ClonePlan {
  readonly claimId: Root;
  readonly reveal: Call;
}

/** Somebody whose moves the demo decides, not a daemon. */
export class Attacker {
  private plan: ClonePlan | undefined;

  private constructor(
    readonly address: Address,
    private readonly watch: Watch,
    private readonly sendCall: (call: Call) => Promise<unknown>,
  ) {}

  static async enter(watch: Watch, key: string): Promise<Attacker> {
    const sender = await createAssaySender(watch.chain, new Wallet(key), { ...defaultFeePolicy, stuckSeconds: 5 });
    return new Attacker(sender.address as Address, watch, async (call) => await sender.send(call));
  }

  /** Claims what another has claimed, with the proofs from its reveal: nothing has to be run for that. */
  async clone(claim: ClaimRecord): Promise<Root> {
    this.plan ??= await this.planClone(claim);
    const { claimId, reveal } = this.plan;
    const { assay } = this.watch.chain.deployment;
    const { solverBond } = this.watch.chain.parameters;
    await this.insist(assayCalls(assay).commit(claimId, solverBond), () => this.isCommitted(claimId));
    await this.insist(reveal, async () => this.watch.ledger.history.claims.has(claimId));
    return claimId;
  }

  /** Made once: a reorganisation may undo the reveal that it is copied from. */
  private async planClone({ claimId, fields }: ClaimRecord): Promise<ClonePlan> {
    const { chain } = this.watch;
    const { chainId, assay } = chain.deployment;
    const [event] = await chain.contract.queryFilter(chain.contract.filters.ClaimRevealed(claimId));
    const { data } = await event!.getTransaction();
    const [, , startProof, endProof] = abi.decodeFunctionData("reveal", data);
    const salt = hashText(`clone of ${claimId} by ${this.address}`);
    const reveal = abi.encodeFunctionData("reveal", [fields, salt, startProof, endProof]);
    return {
      claimId: claimIdOf(chainId, assay, referenceOf(this.address, salt, fields)),
      reveal: { to: assay, data: reveal, action: "reveal a clone" },
    };
  }

  /** Opens a challenge that it never means to win. */
  async challenge({ claimId, reference, details }: ClaimRecord): Promise<void> {
    const { assay } = this.watch.chain.deployment;
    const { challengerBond } = this.watch.chain.parameters;
    const call = assayCalls(assay).challenge(reference, details, { kind: "whole" }, 0n, challengerBond);
    await this.insist(call, async () =>
      this.watch.ledger.history.challengesTo(claimId).some((one) => one.challenger === this.address),
    );
  }

  /** Gives its own claim up to somebody who challenges it. */
  async concede({ claimId, reference }: ClaimRecord, to: Attacker): Promise<void> {
    const { ledger, chain } = this.watch;
    const isOver = async () => ledger.history.claims.get(claimId)?.status === "refuted";
    await this.insist(() => {
      // A reorganisation gives the challenge another time.
      const { at: shown, stakeNumber } = ledger.history
        .challengesTo(claimId)
        .find(({ challenger }) => challenger === to.address)!;
      return callOfMove({ kind: "concede", shown, claim: reference, stakeNumber }, chain.deployment.assay);
    }, isOver);
  }

  private async isCommitted(claimId: Root): Promise<boolean> {
    return Number((await this.watch.chain.contract.claimOf(this.address, claimId)).status) !== 0;
  }

  /** Sends until it is so, and still so: a reorganisation can undo it, and what came too early may be tried again. */
  private async insist(call: Call | (() => Call), isDone: () => Promise<boolean>): Promise<void> {
    for (;;) {
      await this.watch.look();
      if (await isDone()) return;
      try {
        await this.sendCall(typeof call === "function" ? call() : call);
      } catch (error) {
        if (revertOf(error) === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }
}
