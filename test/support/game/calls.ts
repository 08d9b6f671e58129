import type { Hex, Root } from "../../../src/core/bytes.ts";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import type { ClaimDetails, ClaimFields, ClaimReference, RequestFields } from "../../../src/protocol/claim.ts";
import type { Move } from "../../../src/protocol/moves.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";

/** An account's address. */
export type Party = Hex;

/** Everything that anybody can send to the protocol: to its model and to the contracts alike. Values are in wei. */
export type Call =
  | { readonly kind: "commit"; readonly claimId: Root; readonly value: bigint }
  | Reveal
  | { readonly kind: "expireCommit"; readonly solver: Party; readonly claimId: Root }
  | { readonly kind: "returnCommit"; readonly claim: ClaimReference }
  | { readonly kind: "finalize"; readonly claim: ClaimReference; readonly details: ClaimDetails }
  | ChallengeCall
  | { readonly kind: "move"; readonly move: Move }
  | { readonly kind: "returnStake"; readonly buildId: Root; readonly stakeNumber: bigint }
  | {
      readonly kind: "request";
      readonly buildId: Root;
      readonly expiry: number;
      readonly number: bigint;
      readonly value: bigint;
    }
  | { readonly kind: "refundRequest"; readonly request: RequestFields }
  | { readonly kind: "payReward"; readonly buildId: Root }
  | { readonly kind: "withdraw" }
  | { readonly kind: "multicall"; readonly calls: readonly Call[] };

export interface Reveal {
  readonly kind: "reveal";
  /** The contract reads the outcome from the proof, whatever these say. */
  readonly fields: ClaimFields;
  readonly salt: Root;
  readonly startProof: RegistersProof;
  /** In the format of the step verifier. */
  readonly endProof: Uint8Array;
}

export interface ChallengeCall {
  readonly kind: "challenge";
  readonly claim: ClaimReference;
  /** Only a challenge between checkpoints shows them. */
  readonly details: ClaimDetails;
  readonly start: Start;
  readonly stakeNumber: bigint;
  readonly value: bigint;
}

/** What became of a call: what its sender got out of it at once, in wei, or why it reverted. */
export type Outcome =
  | { readonly ok: true; readonly received: bigint }
  | { readonly ok: false; readonly error: string; readonly args: readonly unknown[] };

/** What the game calls a call in its reports. */
export function nameOf(call: Call): string {
  return call.kind === "move" ? call.move.kind : call.kind;
}
