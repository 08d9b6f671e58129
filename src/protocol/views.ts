import type { Root } from "../core/bytes.ts";
import type { Challenge } from "./challenge.ts";
import type { ClaimReference } from "./claim.ts";

/** What the game needs to know of a revealed claim, and of the deployment's terms. */
export interface ClaimView extends ClaimReference {
  readonly claimId: Root;
  readonly status: "open" | "refuted" | "final";
  readonly log2CheckpointTicks: number;
  readonly checkpointRoot: Root;
  readonly log2Arity: number;
  readonly maxLog2Steps: number;
  readonly minResponseSeconds: number;
}

/** A challenge as those see it who decide on a move. */
export interface ChallengeView {
  /** `lost`: its challenger let a deadline pass. `closed`: its claim has been refuted, in it or in another one. */
  readonly status: "open" | "lost" | "closed";
  /** Names, with challenger and build, the stake that covers it. */
  readonly stakeNumber: bigint;
  /** Where it stands; after its end, where it stood last. */
  readonly at: Challenge;
  /** Roots between the children of its row, in order; none if it has no row, or its row has one child. */
  readonly roots: readonly Root[];
}

/** Everything the contract says about one challenge at one moment. */
export interface DisputeView {
  /** Timestamp that the next move will have at the earliest. */
  readonly now: number;
  readonly claim: ClaimView;
  readonly challenge: ChallengeView;
}
