import type { Hex, Root } from "../../../src/core/bytes.ts";
import type { Challenge } from "../../../src/protocol/challenge.ts";
import type { ClaimDetails, ClaimReference, Outcome } from "../../../src/protocol/claim.ts";
import { zeroRoot } from "../../../src/protocol/hash.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";
import type { Party } from "./calls.ts";

/** Why the model refuses a call: the contract's error of the same name. */
export class ModelRevert extends Error {
  constructor(
    readonly error: string,
    /** None where the model does not know them. */
    readonly args?: readonly unknown[],
  ) {
    super(`${error}(${args?.map(String).join(", ") ?? "?"})`);
  }
}

/** Refuses the call unless the condition holds. */
export function require(holds: boolean, error: string, ...args: readonly unknown[]): asserts holds {
  if (!holds) throw new ModelRevert(error, args);
}

/** What the protocol asks of the machine; see `contracts/interfaces/IStepVerifier.sol`. Bad proofs throw `ModelRevert`. */
export interface ModelMachine {
  readonly machineVersion: number;
  step(root: Root, witness: Uint8Array): Root;
  resume(root: Root, proof: RegistersProof): Root;
  registers(root: Root, proof: RegistersProof): ModelRegisters;
  /** What a final state says, from the proof that a reveal carries; `endStatus` may be any status. */
  result(root: Root, proof: Uint8Array): Outcome;
}

export interface ModelRegisters {
  readonly status: number;
  readonly machineVersion: number;
  readonly scratchIsZero: boolean;
}

export type ClaimStatus = "committed" | "open" | "refuted" | "final" | "returned";

/** A commitment, and the claim that it becomes when it is revealed. */
export interface ModelClaim {
  readonly id: Root;
  readonly solver: Party;
  readonly committedAt: number;
  status: ClaimStatus;
  windowEnd: number;
  /** When it was refuted or became final. */
  endedAt?: number;
  /** Known from the reveal on. */
  shown: { readonly reference: ClaimReference; readonly details: ClaimDetails } | undefined;
}

/** What a build's claims do not say themselves. Every number of claims is counted when it is asked for. */
export interface ModelBuild {
  /** The first final root that was revealed in its latest round. */
  firstRoot: Root;
  joinDeadline: number;
  contradictionEndedAt: number;
  final: { readonly at: number; readonly outcome: Outcome } | undefined;
  reward: bigint;
  /** To whom the reward went. */
  paidTo: Party | undefined;
}

export interface ModelStake {
  readonly challenger: Party;
  readonly buildId: Root;
  readonly number: bigint;
  status: "live" | "lost" | "returned";
}

export interface ModelChallenge {
  readonly claim: ModelClaim;
  readonly stakeKey: Root;
  status: "open" | "lost" | "closed";
  lostAt?: number;
  at: Challenge;
  /** Between the children of its row. */
  roots: readonly Root[];
}

/** All that the protocol remembers. */
export interface ModelState {
  balance: bigint;
  burned: bigint;
  /** By solver and id. */
  readonly claims: Map<string, ModelClaim>;
  readonly builds: Map<Root, ModelBuild>;
  readonly stakes: Map<Root, ModelStake>;
  readonly challenges: Map<Root, ModelChallenge>;
  readonly requests: Map<Root, bigint>;
  readonly credits: Map<Party, bigint>;
}

/** One call: who sends it when, what the rules are, and what there is. */
export interface Context {
  readonly state: ModelState;
  readonly parameters: Parameters;
  readonly machine: ModelMachine;
  readonly chainId: bigint;
  readonly address: Hex;
  readonly from: Party;
  readonly now: number;
  /** Wei that the sender has got back so far. */
  received: bigint;
}

export function emptyState(): ModelState {
  return {
    balance: 0n,
    burned: 0n,
    claims: new Map(),
    builds: new Map(),
    stakes: new Map(),
    challenges: new Map(),
    requests: new Map(),
    credits: new Map(),
  };
}

export function credit({ state }: Context, party: Party, amount: bigint): void {
  state.credits.set(party, (state.credits.get(party) ?? 0n) + amount);
}

/** Gives the sender what is its own at once, and credits everybody else. */
export function pay(context: Context, party: Party, amount: bigint): void {
  if (party !== context.from) return credit(context, party, amount);
  context.state.balance -= amount;
  context.received += amount;
}

/** What an account can withdraw: 1 wei stays behind for good. */
export function owedTo(state: ModelState, party: Party): bigint {
  const credited = state.credits.get(party) ?? 0n;
  return credited === 0n ? 0n : credited - 1n;
}

export function buildOf(state: ModelState, buildId: Root): ModelBuild {
  const known = state.builds.get(buildId);
  if (known !== undefined) return known;
  const fresh: ModelBuild = {
    firstRoot: zeroRoot,
    joinDeadline: 0,
    contradictionEndedAt: 0,
    final: undefined,
    reward: 0n,
    paidTo: undefined,
  };
  state.builds.set(buildId, fresh);
  return fresh;
}

/** Claims of a build with one of the statuses. */
export function claimsOf(state: ModelState, buildId: Root, ...statuses: ClaimStatus[]): ModelClaim[] {
  return [...state.claims.values()].filter(
    ({ shown, status }) => shown?.reference.buildId === buildId && statuses.includes(status),
  );
}

/** Final roots of the living claims: a claim that has become final lives on. */
export function livingRoots(state: ModelState, buildId: Root): Root[] {
  return claimsOf(state, buildId, "open", "final").map(({ shown }) => shown!.reference.finalRoot);
}

export function openChallenges(state: ModelState, claim: ModelClaim): number {
  return [...state.challenges.values()].filter((one) => one.claim === claim && one.status === "open").length;
}

/** All challenges that a stake has ever covered. */
export function coveredBy(state: ModelState, stakeKey: Root): ModelChallenge[] {
  return [...state.challenges.values()].filter((one) => one.stakeKey === stakeKey);
}
