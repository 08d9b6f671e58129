import type { Hex, Root } from "../../../src/core/bytes.ts";
import { stakeKeyOf } from "../../../src/protocol/challenge.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { RoundView } from "../../../src/protocol/rounds.ts";
import type { ClaimView, DisputeView } from "../../../src/protocol/views.ts";
import type { Call, Outcome, Party } from "./calls.ts";
import * as claims from "./modelClaims.ts";
import * as disputes from "./modelDisputes.ts";
import {
  buildOf,
  type Context,
  claimsOf,
  coveredBy,
  emptyState,
  livingRoots,
  type ModelClaim,
  type ModelMachine,
  ModelRevert,
  type ModelState,
  openChallenges,
  owedTo,
  require,
} from "./modelState.ts";

/**
 * The protocol in memory, from its description: the contracts' rules without gas, packed words or counters. Time is the
 * timestamp of the block in which a call is executed; it grows from call to call.
 */
export class ModelChain {
  state: ModelState = emptyState();
  readonly chainId = 31337n;
  readonly address: Hex;
  private time: number;

  constructor(
    readonly parameters: Parameters,
    readonly machine: ModelMachine,
    start: { readonly address?: Hex; readonly now?: number } = {},
  ) {
    this.address = start.address ?? `0x${"aa".repeat(20)}`;
    this.time = start.now ?? 1_000_000;
  }

  /** Timestamp of the last call. */
  now(): number {
    return this.time;
  }

  /** Executes a call; a refused one changes nothing but the time. */
  async send(from: Party, call: Call, at: number): Promise<Outcome> {
    if (at < this.time) throw new Error(`time does not run backwards: ${at} < ${this.time}`);
    this.time = at;
    const before = call.kind === "multicall" ? structuredClone(this.state) : this.state;
    const { parameters, machine, chainId, address } = this;
    const context: Context = { state: this.state, parameters, machine, chainId, address, from, now: at, received: 0n };
    try {
      execute(context, call);
      return { ok: true, received: context.received };
    } catch (error) {
      if (!(error instanceof ModelRevert)) throw error;
      this.state = before;
      return { ok: false, error: error.error, args: error.args ?? [] };
    }
  }

  /** A revealed claim. */
  claim(claimId: Root): (ClaimView & { readonly windowEnd: number; readonly openChallenges: number }) | undefined {
    const claim = [...this.state.claims.values()].find(({ id, shown }) => id === claimId && shown !== undefined);
    if (claim === undefined) return undefined;
    const { windowEnd } = claim;
    return { ...this.view(claim), windowEnd, openChallenges: openChallenges(this.state, claim) };
  }

  private view({ id: claimId, status, shown }: ModelClaim): ClaimView {
    const { log2Arity, maxLog2Steps, minResponseSeconds } = this.parameters;
    const { log2CheckpointTicks, checkpointRoot } = shown!.details;
    const terms = { log2Arity, maxLog2Steps, minResponseSeconds };
    const seen = status as ClaimView["status"];
    return { ...shown!.reference, ...terms, claimId, status: seen, log2CheckpointTicks, checkpointRoot };
  }

  build(buildId: Root): RoundView & { readonly openClaims: number; readonly reward: bigint } {
    const { state } = this;
    const { joinDeadline, contradictionEndedAt, final, reward } = buildOf(state, buildId);
    return {
      openRoots: new Set(livingRoots(state, buildId)).size,
      joinDeadline,
      contradictionEndedAt,
      finalizedAt: final?.at ?? 0,
      openClaims: claimsOf(state, buildId, "open").length,
      reward,
    };
  }

  stake(party: Party, buildId: Root, stakeNumber: bigint) {
    const key = stakeKeyOf(party, buildId, stakeNumber);
    const covered = coveredBy(this.state, key);
    const open = covered.filter(({ status }) => status === "open").length;
    return { status: this.state.stakes.get(key)?.status ?? "none", open, several: covered.length > 1 } as const;
  }

  /** The challenge at a moment not before `now`. */
  async dispute(challengeId: Root, at: number): Promise<DisputeView> {
    const { claim, status, at: stands, roots, stakeKey } = this.state.challenges.get(challengeId)!;
    const stakeNumber = this.state.stakes.get(stakeKey)!.number;
    return { now: at, claim: this.view(claim), challenge: { status, stakeNumber, at: stands, roots } };
  }

  /** Wei that the account could fetch now. */
  owed(party: Party): bigint {
    return owedTo(this.state, party);
  }
}

function execute(context: Context, call: Call): void {
  switch (call.kind) {
    case "commit":
      return claims.commit(context, call.claimId, call.value);
    case "reveal":
      return claims.reveal(context, call);
    case "expireCommit":
      return claims.expireCommit(context, call.solver, call.claimId);
    case "returnCommit":
      return claims.returnCommit(context, call.claim);
    case "finalize":
      return claims.finalize(context, call.claim, call.details);
    case "challenge":
      return disputes.challenge(context, call);
    case "move":
      return disputes.move(context, call.move);
    case "returnStake":
      return disputes.returnStake(context, call.buildId, call.stakeNumber);
    case "request":
      return claims.request(context, call);
    case "refundRequest":
      return claims.refundRequest(context, call.request);
    case "payReward":
      return claims.payReward(context, call.buildId);
    case "withdraw":
      return withdraw(context);
    case "multicall":
      for (const one of call.calls) execute(context, one);
  }
}

function withdraw(context: Context): void {
  const { state, from } = context;
  const amount = owedTo(state, from);
  require(amount > 0n, "NothingOwed", from);
  state.credits.set(from, 1n);
  state.balance -= amount;
  context.received += amount;
}
