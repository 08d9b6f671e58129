import type { Hex, Root } from "../../../src/core/bytes.ts";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import type { ClaimFields } from "../../../src/protocol/claim.ts";
import type { Move } from "../../../src/protocol/moves.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";
import type { ChallengeId, ClaimView, DisputeView } from "../../../src/protocol/views.ts";

/** An account's address. */
export type Party = Hex;

/** Everything that anybody can send to the protocol: to its model and to the contracts alike. */
export type Call =
  | { readonly kind: "commit"; readonly claimId: Root }
  | Reveal
  | { readonly kind: "expireCommit"; readonly solver: Party; readonly claimId: Root }
  | { readonly kind: "finalize"; readonly claimId: Root }
  | { readonly kind: "challenge"; readonly claimId: Root; readonly start: Start }
  | { readonly kind: "move"; readonly id: ChallengeId; readonly move: Move }
  | { readonly kind: "request"; readonly buildId: Root; readonly expiry: number; readonly amount: bigint }
  | { readonly kind: "refundRequest"; readonly requestId: Root }
  | { readonly kind: "payReward"; readonly buildId: Root }
  | { readonly kind: "withdraw" };

export interface Reveal {
  readonly kind: "reveal";
  readonly fields: ClaimFields;
  readonly salt: Root;
  readonly startProof: RegistersProof;
  /** In the format of the step verifier. */
  readonly endProof: Uint8Array;
}

/** What became of a call: the id it made, if it makes one, or why it reverted. */
export type Outcome =
  | { readonly ok: true; readonly id?: Root }
  | { readonly ok: false; readonly error: string; readonly args: readonly unknown[] };

/** The state of a build, as everybody can read it. */
export interface BuildView {
  readonly status: "unknown" | "open" | "contradicted" | "final";
  readonly finalRoot: Root | undefined;
  readonly rewardDueFrom: number;
}

/**
 * The protocol as a game needs it, behind which stands the model or the real contracts. Time is the timestamp of the block
 * in which a call is executed; it grows from call to call.
 */
export interface GameChain {
  readonly parameters: Parameters;
  /** Timestamp of the last call. */
  now(): number;
  send(from: Party, call: Call, at: number): Promise<Outcome>;
  claimIdOf(solver: Party, salt: Root, fields: ClaimFields): Promise<Root>;
  /** A revealed claim. */
  claim(claimId: Root): Promise<(ClaimView & { readonly solver: Party; readonly windowEnd: number }) | undefined>;
  finalizableFrom(claimId: Root): Promise<number>;
  build(buildId: Root): Promise<BuildView>;
  /** The challenge at a moment not before `now`. */
  dispute(id: ChallengeId, at: number): Promise<DisputeView>;
  /** Wei that the account could fetch now. */
  owed(party: Party): Promise<bigint>;
  /** Wei that the protocol holds. */
  balance(): Promise<bigint>;
}
