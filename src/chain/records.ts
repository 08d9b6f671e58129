import type { Root } from "../core/bytes.ts";
import type { ClaimFields } from "../protocol/claim.ts";
import type { ChallengeId, Position } from "../protocol/views.ts";

/** How and when something ended, for people and for counting. */
export interface Refutation {
  readonly cause: "fault" | "timeout" | "concession";
  readonly challengeId: ChallengeId;
  readonly rewarded: string;
  /** Wei. */
  readonly paid: bigint;
  /** Wei. */
  readonly burned: bigint;
  readonly block: number;
  readonly transaction: string;
}

/** A revealed claim, as the events tell it. */
export interface ClaimRecord {
  readonly claimId: Root;
  readonly solver: string;
  readonly fields: ClaimFields;
  readonly windowEnd: number;
  readonly joinDeadline: number;
  readonly block: number;
  status: "open" | "refuted" | "final";
  refutation?: Refutation;
}

/** A commitment that has not been revealed. */
export interface CommitmentRecord {
  readonly claimId: Root;
  readonly solver: string;
  readonly number: number;
  readonly committedAt: number;
}

export interface ChallengeRecord {
  readonly id: ChallengeId;
  readonly claimId: Root;
  readonly challenger: string;
  status: "open" | "lost" | "closed";
  position: Position;
  /** How often its cursor has moved. */
  moves: number;
  readonly block: number;
}

export interface RequestRecord {
  readonly requestId: Root;
  readonly buildId: Root;
  readonly requester: string;
  /** Wei. */
  readonly amount: bigint;
  readonly expiry: number;
  readonly locator: string;
  refunded: boolean;
}

export interface BuildRecord {
  readonly buildId: Root;
  readonly claims: Root[];
  readonly requests: Root[];
  /** The claim through which the build became final. */
  finalClaim?: Root;
  finalRoot?: Root;
  rewardPaid: boolean;
}

/** Address of a challenge's challenger: the first 20 bytes of its id. */
export function challengerOf(id: ChallengeId): string {
  return id.slice(0, 42);
}
