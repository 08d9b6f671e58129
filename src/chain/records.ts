import type { Root } from "../core/bytes.ts";
import type { Challenge } from "../protocol/challenge.ts";
import type { Address, ClaimDetails, ClaimFields, ClaimReference, RequestFields } from "../protocol/claim.ts";

/** How and when a claim was refuted, for people and for counting. */
export interface Refutation {
  readonly cause: "fault" | "timeout" | "concession";
  readonly challengeId: Root;
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
  readonly solver: Address;
  readonly fields: ClaimFields;
  /** What calls about the claim show of it. */
  readonly reference: ClaimReference;
  readonly details: ClaimDetails;
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
  readonly committedAt: number;
}

/** What the events say of one challenge. */
export interface ChallengeRecord {
  readonly id: Root;
  readonly claimId: Root;
  readonly challenger: string;
  readonly stakeNumber: bigint;
  status: "open" | "lost" | "closed";
  /** Where it stands, as of its latest event. */
  at: Challenge;
  /** Roots between the children of its row; none if it has no row. */
  roots: readonly Root[];
  /** How often the challenger has selected. */
  selections: number;
  readonly block: number;
}

/** A stake, as its challenges tell it. */
export interface StakeRecord {
  readonly key: Root;
  readonly challenger: string;
  readonly buildId: Root;
  readonly stakeNumber: bigint;
  status: "live" | "lost" | "returned";
}

/** What the events say of one request. */
export interface RequestRecord extends RequestFields {
  readonly requestId: Root;
  /** Wei. */
  readonly amount: bigint;
  readonly locator: string;
  refunded: boolean;
}

/** What the events say of one build. */
export interface BuildRecord {
  readonly buildId: Root;
  readonly claims: Root[];
  readonly requests: Root[];
  /** Join deadline of the latest round; 0 before the first. */
  joinDeadline: number;
  /** When the last contradiction of the latest round fell; 0 if none has. */
  contradictionEndedAt: number;
  /** The claim through which the build became final. */
  finalClaim?: Root;
  finalRoot?: Root;
  finalizedAt?: number;
  rewardPaid: boolean;
}
