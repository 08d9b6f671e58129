import type { Hex, Root } from "../../../src/core/bytes.ts";
import type { ClaimFields } from "../../../src/protocol/claim.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";
import type { Answer, ChallengeId, Position } from "../../../src/protocol/views.ts";
import type { Party } from "./calls.ts";

/** Why the model refuses a call: the contract's error of the same name. */
export class ModelRevert extends Error {
  constructor(
    readonly error: string,
    readonly args: readonly unknown[] = [],
  ) {
    super(`${error}(${args.map(String).join(", ")})`);
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
  /** Registers of a final state, from the proof that a reveal carries. */
  result(root: Root, proof: Uint8Array): ModelRegisters;
}

export interface ModelRegisters {
  readonly status: number;
  readonly machineVersion: number;
  readonly scratchIsZero: boolean;
}

export interface ModelCommitment {
  readonly number: number;
  readonly committedAt: number;
  /** 0 once it has been revealed or has expired. */
  bond: bigint;
}

export interface ModelClaim {
  readonly id: Root;
  readonly solver: Party;
  readonly fields: ClaimFields;
  readonly number: number;
  readonly bond: bigint;
  readonly windowEnd: number;
  status: "open" | "refuted" | "final";
  openChallenges: number;
}

export interface ModelBuild {
  /** Living claims by final root; a finalized claim lives on. */
  readonly living: Map<Root, number>;
  joinDeadline: number;
  calmSince: number;
  finalizedAt: number;
  finalClaim: Root | undefined;
  reward: bigint;
  senior: { readonly number: number; readonly solver: Party } | undefined;
}

export interface ModelChallenge {
  readonly id: ChallengeId;
  readonly challenger: Party;
  readonly claimId: Root;
  readonly bond: bigint;
  status: "open" | "lost" | "closed";
  position: Position;
}

export interface ModelRequest {
  readonly id: Root;
  readonly requester: Party;
  readonly buildId: Root;
  readonly expiry: number;
  amount: bigint;
}

/** All that the protocol remembers. */
export interface ModelState {
  readonly chainId: bigint;
  readonly address: Hex;
  readonly parameters: Parameters;
  readonly machine: ModelMachine;
  now: number;
  balance: bigint;
  burned: bigint;
  commits: number;
  readonly commitments: Map<string, ModelCommitment>;
  readonly claims: Map<Root, ModelClaim>;
  readonly builds: Map<Root, ModelBuild>;
  readonly challenges: Map<ChallengeId, ModelChallenge>;
  readonly answers: Map<Root, Answer>;
  readonly demanders: Map<Root, ChallengeId>;
  readonly requests: Map<Root, ModelRequest>;
  readonly owed: Map<Party, bigint>;
}

export function credit(state: ModelState, party: Party, amount: bigint): void {
  state.owed.set(party, (state.owed.get(party) ?? 0n) + amount);
}

export function commitmentKey(solver: Party, claimId: Root): string {
  return `${solver}/${claimId}`;
}

export function buildOf(state: ModelState, buildId: Root): ModelBuild {
  const known = state.builds.get(buildId);
  if (known !== undefined) return known;
  const fresh: ModelBuild = {
    living: new Map(),
    joinDeadline: 0,
    calmSince: 0,
    finalizedAt: 0,
    finalClaim: undefined,
    reward: 0n,
    senior: undefined,
  };
  state.builds.set(buildId, fresh);
  return fresh;
}

/** Number of different final roots among the living claims. */
export function openRoots(build: ModelBuild): number {
  return [...build.living.values()].filter((count) => count > 0).length;
}
