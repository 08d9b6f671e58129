import type { Hex, Root } from "../../../src/core/bytes.ts";
import { type ClaimFields, claimIdOf } from "../../../src/protocol/claim.ts";
import { zeroRoot } from "../../../src/protocol/hash.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { ChallengeId, DisputeView } from "../../../src/protocol/views.ts";
import type { BuildView, Call, GameChain, Outcome, Party } from "./calls.ts";
import * as claims from "./modelClaims.ts";
import * as disputes from "./modelDisputes.ts";
import { buildOf, type ModelClaim, type ModelMachine, ModelRevert, type ModelState, require } from "./modelState.ts";

/** The protocol in memory: the contracts' rules without gas, blocks or encodings. */
export class ModelChain implements GameChain {
  readonly state: ModelState;

  constructor(
    readonly parameters: Parameters,
    machine: ModelMachine,
    start: {
      readonly chainId?: bigint;
      readonly address?: Hex;
      readonly now?: number;
      readonly challenges?: number;
    } = {},
  ) {
    this.state = {
      chainId: start.chainId ?? 31337n,
      address: start.address ?? `0x${"aa".repeat(20)}`,
      parameters,
      machine,
      now: start.now ?? 1_000_000,
      balance: 0n,
      burned: 0n,
      commits: 0,
      commitments: new Map(),
      claims: new Map(),
      builds: new Map(),
      challenges: new Map(),
      answers: new Map(),
      demanders: new Map(),
      requests: new Map(),
      owed: new Map(),
    };
  }

  now(): number {
    return this.state.now;
  }

  /** Executes a call; a refused one changes nothing but the time. */
  async send(from: Party, call: Call, at: number): Promise<Outcome> {
    if (at < this.state.now) throw new Error(`time does not run backwards: ${at} < ${this.state.now}`);
    this.state.now = at;
    try {
      const id = this.#execute(from, call);
      return id === undefined ? { ok: true } : { ok: true, id };
    } catch (error) {
      if (error instanceof ModelRevert) return { ok: false, error: error.error, args: error.args };
      throw error;
    }
  }

  // INVARIANT: whatever can refuse a call does so before anything has changed.
  #execute(from: Party, call: Call): Root | undefined {
    const { state } = this;
    switch (call.kind) {
      case "commit":
        return void claims.commit(state, from, call.claimId);
      case "reveal":
        return claims.reveal(state, from, call);
      case "expireCommit":
        return void claims.expireCommit(state, call.solver, call.claimId);
      case "finalize":
        return void claims.finalize(state, call.claimId);
      case "challenge":
        return disputes.challenge(state, from, call.claimId, call.start);
      case "move":
        return void this.#move(from, call);
      case "request":
        return claims.request(state, from, call.buildId, call.expiry, call.amount);
      case "refundRequest":
        return void claims.refundRequest(state, call.requestId);
      case "payReward":
        return void claims.payReward(state, call.buildId);
      case "withdraw":
        return void this.#withdraw(from);
    }
  }

  #move(from: Party, { id, move }: Extract<Call, { kind: "move" }>): void {
    const { state } = this;
    switch (move.kind) {
      case "postRow":
        return disputes.postRow(state, from, id, move);
      case "openTick":
        return disputes.openTick(state, from, id, move);
      case "select":
        return disputes.select(state, from, id, move);
      case "selectFault":
        return disputes.selectFault(state, from, id, move);
      case "proveFault":
        return disputes.proveFault(state, id, move.position, move.witness);
      case "timeoutSolver":
        return disputes.timeoutSolver(state, id, move.position, move.shown);
      case "timeoutChallenger":
        return disputes.timeoutChallenger(state, id, move.position, move.shown);
      case "concede":
        return disputes.concede(state, from, id, move.position, move.firstDemander);
      case "closeChallenge":
        return disputes.closeChallenge(state, id, move.position);
    }
  }

  #withdraw(from: Party): void {
    const amount = this.state.owed.get(from) ?? 0n;
    require(amount > 0n, "NothingOwed", from);
    this.state.owed.set(from, 0n);
    this.state.balance -= amount;
  }

  async claimIdOf(solver: Party, salt: Root, fields: ClaimFields): Promise<Root> {
    return claimIdOf(this.state.chainId, this.state.address, solver, salt, fields);
  }

  async claim(claimId: Root) {
    const found = this.state.claims.get(claimId);
    return found && this.#view(found);
  }

  #view({ id: claimId, solver, status, fields, windowEnd }: ModelClaim) {
    const { log2Arity, maxLog2Steps, minResponseSeconds } = this.parameters;
    return { claimId, solver, status, windowEnd, ...fields, log2Arity, maxLog2Steps, minResponseSeconds };
  }

  async finalizableFrom(claimId: Root): Promise<number> {
    const claim = this.state.claims.get(claimId)!;
    return claim.status === "open" ? claims.finalizableFrom(this.state, claim) : 0;
  }

  async build(buildId: Root): Promise<BuildView> {
    const build = buildOf(this.state, buildId);
    const finalClaim = build.finalClaim && this.state.claims.get(build.finalClaim);
    return {
      status: claims.buildStatus(build),
      finalRoot: finalClaim?.fields.finalRoot,
      rewardDueFrom: claims.rewardDueFrom(this.state, build),
    };
  }

  async dispute(id: ChallengeId, at: number): Promise<DisputeView> {
    const challenge = this.state.challenges.get(id)!;
    return {
      now: at,
      claim: this.#view(this.state.claims.get(challenge.claimId)!),
      challenge: { id, status: challenge.status, position: challenge.position },
      answerOf: (node) => this.state.answers.get(node),
      firstDemanderOf: (node) => this.state.demanders.get(node) ?? zeroRoot,
    };
  }

  async owed(party: Party): Promise<bigint> {
    return this.state.owed.get(party) ?? 0n;
  }

  async balance(): Promise<bigint> {
    return this.state.balance;
  }

  /** What the protocol holds, as the sum of everything it can be held for: equal to `balance`, always. */
  liabilities(): bigint {
    const { state } = this;
    const sum = (values: Iterable<bigint>) => [...values].reduce((a, b) => a + b, 0n);
    return (
      state.burned +
      sum(state.owed.values()) +
      sum([...state.commitments.values()].map(({ bond }) => bond)) +
      sum([...state.claims.values()].map(({ status, bond }) => (status === "open" ? bond : 0n))) +
      sum([...state.challenges.values()].map(({ status, bond }) => (status === "open" ? bond : 0n))) +
      sum([...state.builds.values()].map(({ reward }) => reward))
    );
  }
}
