/**
 * A challenge played from a page, as the daemons play theirs: each move is worked out anew from what the chain says and the own
 * trace, so that a page that was closed just looks again.
 */
import { accountReader } from "../../../../chain/account.ts";
import { type AssayChain, abis, connect, type Deployment } from "../../../../chain/assay.ts";
import { assayCalls } from "../../../../chain/claims.ts";
import { chainError } from "../../../../chain/errors.ts";
import { Ledger } from "../../../../chain/ledger.ts";
import { callOfMove, isOvertaken } from "../../../../chain/moves.ts";
import type { Call } from "../../../../chain/outbox/call.ts";
import type { ChallengeRecord, ClaimRecord } from "../../../../chain/records.ts";
import type { Root } from "../../../../core/bytes.ts";
import { AssayError } from "../../../../core/errors.ts";
import { isRightClaim, startOfChallenge } from "../../../../protocol/assessClaim.ts";
import { challengeWord, stakeKeyOf } from "../../../../protocol/challenge.ts";
import { challengerMove } from "../../../../protocol/challengerMove.ts";
import type { CheckpointList } from "../../../../protocol/checkpoints.ts";
import type { Address } from "../../../../protocol/claim.ts";
import type { Trace } from "../../../../protocol/trace.ts";
import { turnOf } from "../../../../protocol/turn.ts";
import type { ConnectedWallet } from "./wallet.ts";

/** What is to be known before a challenge is opened. Amounts in wei. */
export interface Offer {
  readonly stake: bigint;
  /** The account's stake on this build is there already: nothing is to be paid but gas. */
  readonly isCovered: boolean;
  /** What the opening and all moves after it may cost at the gas price of now, by the contract's own terms. */
  readonly gas: bigint;
  readonly balance: bigint;
  readonly windowEnd: number;
  readonly call: Call;
}

/** How a challenge stands. */
export type Standing =
  | { readonly kind: "none"; readonly offer: Offer }
  | {
      readonly kind: "open";
      readonly challenge: ChallengeRecord;
      readonly side: "solver" | "challenger";
      readonly deadline: number;
      readonly now: number;
      /** The move that is to be made now. */
      readonly move: { readonly key: string; readonly call: Call } | undefined;
    }
  | { readonly kind: "lost" }
  /** The claim is refuted, by this account or another one. `owed` can be withdrawn by `fetch`, together with the stake. */
  | { readonly kind: "refuted"; readonly owed: bigint; readonly fetch: Call | undefined }
  /** No challenge can be opened any more, or ever. */
  | { readonly kind: "closed"; readonly why: string };

/** A third more than estimated: others' moves can change what a move costs. */
const gasMargin = (gas: bigint) => (gas * 4n) / 3n;

export class ChallengePlayer {
  private readonly ledger: Ledger;
  private readonly calls: ReturnType<typeof assayCalls>;

  private constructor(
    private readonly chain: AssayChain,
    private readonly claimId: Root,
    private readonly wallet: ConnectedWallet,
    private readonly trace: Trace,
    private readonly list: CheckpointList | undefined,
  ) {
    this.ledger = new Ledger(chain);
    this.calls = assayCalls(chain.deployment.assay);
  }

  /** @throws AssayError `chain/…` where these are not the contracts that this page knows */
  static async open(
    deployment: Deployment,
    claimId: Root,
    wallet: ConnectedWallet,
    trace: Trace,
    list: CheckpointList | undefined,
  ): Promise<ChallengePlayer> {
    return new ChallengePlayer(await connect(deployment), claimId, wallet, trace, list);
  }

  close(): void {
    void this.ledger.close();
    this.chain.close();
  }

  /** Reads what is new, and says what there is to do. @throws AssayError `chain/…` */
  async look(): Promise<Standing> {
    const { ledger, claimId, wallet } = this;
    await ledger.refresh();
    const claim = ledger.history.claims.get(claimId);
    if (claim === undefined)
      return { kind: "closed", why: "the contract does not have this claim, or not for long enough yet" };
    const challenge = ledger.history
      .challengesTo(claimId)
      .find(({ challenger }) => challenger.toLowerCase() === wallet.address.toLowerCase());
    if (claim.status === "refuted") return await this.settlement(claim, challenge);
    if (challenge?.status === "lost") return { kind: "lost" };
    if (challenge?.status === "open") return await this.standingOf(challenge);
    if (!ledger.isChallengeable(claim)) return { kind: "closed", why: "the time for challenges to this claim is over" };
    if (await isRightClaim(ledger.claimView(claim), this.trace)) {
      return { kind: "closed", why: "the claim as the contract has it is right" };
    }
    return { kind: "none", offer: await this.offer(claim) };
  }

  /**
   * Tries a call, and has the wallet send it if it would succeed.
   * @returns the transaction's hash; undefined where the chain has moved on already: look again.
   * @throws AssayError `verify/wallet`, `chain/reverted`, `chain/…`
   */
  async send(call: Call): Promise<string | undefined> {
    const { to, data, value = 0n } = call;
    let gas: bigint;
    try {
      gas = await this.chain.provider.estimateGas({ from: this.wallet.address, to, data, value });
    } catch (error) {
      const typed = chainError(error, abis, call.action);
      if (isOvertaken(typed)) return undefined;
      throw typed;
    }
    return await this.wallet.send(call, gasMargin(gas));
  }

  /** Whether a transaction is still on its way; one that nobody knows is not. @throws AssayError `chain/reverted` */
  async isPending(hash: string): Promise<boolean> {
    const { provider } = this.chain;
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt === null) return (await provider.getTransaction(hash)) !== null;
    // Mined: it counts once it has the confirmations of this page's settings.
    return receipt.status === 1 && receipt.blockNumber > this.ledger.block;
  }

  private async standingOf(challenge: ChallengeRecord): Promise<Standing> {
    const { ledger, chain } = this;
    const view = ledger.disputeView(challenge.id);
    const { side, deadline } = turnOf(view);
    const standing = { kind: "open", challenge, side, deadline, now: ledger.now } as const;
    const move = await challengerMove(view, this.trace);
    if (move.kind === "wait" || move.kind === "done") return { ...standing, move: undefined };
    if (move.kind === "none") {
      if (move.reason === "deadline-missed") return { kind: "lost" };
      throw new AssayError("verify/worker-fault", `no move is left in this challenge: ${move.reason}`);
    }
    const isStored = await ledger.isStored(challenge);
    if (isStored === false) {
      ledger.distrust();
      throw new AssayError(
        "verify/worker-fault",
        "the RPC server says other things than the contract keeps: use another one",
      );
    }
    if (isStored === undefined) return { ...standing, move: undefined };
    const key = `${challenge.id} ${challengeWord(challenge.at)} ${move.kind}`;
    return { ...standing, move: { key, call: callOfMove(move, chain.deployment.assay) } };
  }

  private async offer(claim: ClaimRecord): Promise<Offer> {
    const { ledger, chain, wallet, calls } = this;
    const { challengerBond, challengerDisputeGas } = chain.parameters;
    const account = accountReader(chain, wallet.address, () => ledger.block);
    const start = await startOfChallenge(ledger.claimView(claim), this.trace, this.list);
    const { stakeNumber, isCovered } = await this.stakeFor(claim.fields.buildId);
    const value = isCovered ? 0n : challengerBond;
    return {
      stake: value,
      isCovered,
      gas: BigInt(challengerDisputeGas) * (await account.gasPrice()),
      balance: await account.balance(),
      windowEnd: claim.windowEnd,
      call: calls.challenge(claim.reference, claim.details, start, stakeNumber, value),
    };
  }

  /** The own stake on a build that is live, or the next one. */
  private async stakeFor(buildId: Root): Promise<{ readonly stakeNumber: bigint; readonly isCovered: boolean }> {
    const account = accountReader(this.chain, this.wallet.address, () => undefined);
    for (let stakeNumber = 0n; ; stakeNumber++) {
      const status = await account.stakeStatus(stakeKeyOf(this.wallet.address as Address, buildId, stakeNumber));
      if (status === "none" || status === "live") return { stakeNumber, isCovered: status === "live" };
    }
  }

  private async settlement(claim: ClaimRecord, challenge: ChallengeRecord | undefined): Promise<Standing> {
    const { ledger, chain, calls, wallet } = this;
    const { buildId } = claim.fields;
    const owed = await chain.contract.owed(wallet.address);
    const todo: Call[] = [];
    if (challenge?.status === "open") {
      const { at: shown, stakeNumber } = challenge;
      const move = { kind: "closeChallenge", shown, claim: claim.reference, stakeNumber } as const;
      return { kind: "refuted", owed, fetch: callOfMove(move, chain.deployment.assay) };
    }
    const { stakeNumber, isCovered } = await this.stakeFor(buildId);
    // A stake covers every wrong claim of a build: it is free when none is open any more.
    const isFree = isCovered && ledger.history.openClaims(buildId).length === 0;
    if (isFree) todo.push(calls.returnStake(buildId, stakeNumber));
    if (isFree || owed > 0n) todo.push(calls.withdraw(wallet.address));
    return { kind: "refuted", owed, fetch: todo.length === 0 ? undefined : calls.multicall(todo) };
  }
}
