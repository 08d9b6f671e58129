import type { Root } from "../core/bytes.ts";
import type { Clocks } from "./clock.ts";
import type { Cursor } from "./node.ts";

/** A challenge's id: its challenger's address (20 bytes), then its number over the whole deployment (12 bytes). */
export type ChallengeId = Root;

/** What the game needs to know of a revealed claim; the terms are the parameters that were copied into it. */
export interface ClaimView {
  readonly claimId: Root;
  readonly status: "open" | "refuted" | "final";
  readonly buildId: Root;
  readonly finalRoot: Root;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  readonly checkpointRoot: Root;
  readonly log2Arity: number;
  readonly maxLog2Steps: number;
  readonly minResponseSeconds: number;
}

/** Where a challenge stands; whoever acts on it shows this to the contract, which keeps only its hash. */
export interface Position extends Clocks {
  readonly cursor: Cursor;
  /** The challenge that is paid when the claim is refuted by this very step, if it is still open then; zero before that. */
  readonly holder: ChallengeId;
}

export interface ChallengeView {
  readonly id: ChallengeId;
  /** `lost`: its bond is gone. `closed`: its bond has been returned. */
  readonly status: "open" | "lost" | "closed";
  readonly position: Position;
}

interface Answered {
  /** Roots between the children of the row, in order; none if there is no row. */
  readonly roots: readonly Root[];
  readonly postedAt: number;
}

/** The solver's answer for a range longer than one. */
export interface RowAnswer extends Answered {
  readonly kind: "row";
}

/** The solver's answer for a range of one tick; `roots` is the first row over its steps. */
export interface OpeningAnswer extends Answered {
  readonly kind: "opening";
  readonly log2Steps: number;
  /** State root before the tick's first step. */
  readonly resumedRoot: Root;
}

export type Answer = RowAnswer | OpeningAnswer;

/** Everything the contract says about one challenge at one moment. */
export interface DisputeView {
  /** Timestamp that the next move will have at the earliest. */
  readonly now: number;
  readonly claim: ClaimView;
  readonly challenge: ChallengeView;
  /** The solver's answer for a node of this claim, if there is one; `node` as of `nodeOf`. */
  answerOf(node: Root): Answer | undefined;
  /**
   * The first challenge whose cursor came to the node, which is kept only where a step's parent can be (`isStepParent`);
   * zero elsewhere.
   */
  firstDemanderOf(node: Root): ChallengeId;
}
