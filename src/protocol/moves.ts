import type { Root } from "../core/bytes.ts";
import type { Challenge } from "./challenge.ts";
import type { ClaimReference } from "./claim.ts";
import type { TickOpening } from "./trace.ts";

/** The choice of one child in a row, with its proof. */
export interface Selection {
  readonly child: number;
  readonly startRoot: Root;
  readonly endRoot: Root;
  /** See `childProof`. */
  readonly siblings: readonly Root[];
}

/** What every move shows: where the challenge stands. */
interface Shown {
  readonly shown: Challenge;
}

/** What a move that ends the challenge shows beside it. */
interface Ending extends Shown {
  readonly claim: ClaimReference;
  readonly stakeNumber: bigint;
}

/** The interior roots of the row that answers a range longer than one. */
export interface PostRow extends Shown {
  readonly kind: "postRow";
  readonly roots: readonly Root[];
}

/** The opening of a range of one tick, with the first row over its steps (empty if the tick has one step). */
export interface OpenTick extends Shown {
  readonly kind: "openTick";
  readonly opening: TickOpening;
  readonly roots: readonly Root[];
}

export interface Select extends Shown {
  readonly kind: "select";
  readonly selection: Selection;
}

/** The selection of a single step in a row, and the witness of that step, in one transaction. */
export interface SelectFault extends Ending {
  readonly kind: "selectFault";
  readonly selection: Selection;
  readonly witness: Uint8Array;
}

/** The witness of the challenge's one step. */
export interface ProveFault extends Ending {
  readonly kind: "proveFault";
  readonly witness: Uint8Array;
}

/** The solver has run out of time. */
export interface TimeoutSolver extends Ending {
  readonly kind: "timeoutSolver";
}

/** The challenger has run out of time. */
export interface TimeoutChallenger extends Ending {
  readonly kind: "timeoutChallenger";
}

/** The solver gives its claim up in this challenge. */
export interface Concede extends Ending {
  readonly kind: "concede";
}

/** The challenge ends because its claim has been refuted in another one. */
export interface CloseChallenge extends Ending {
  readonly kind: "closeChallenge";
}

/** Nothing to do before the other side moves; from `until` on, if it does not, its time-out is valid. */
export interface Wait {
  readonly kind: "wait";
  readonly until: number;
}

/** Nothing to do any more. */
export interface Done {
  readonly kind: "done";
}

/**
 * No legal move is left to this party. `deadline-missed`: its time in this challenge is over. `too-many-steps`: the
 * solver's own tick cannot be opened. `agrees`: the challenger's own trace has the end of the range too, or not its start.
 */
export interface NoMove {
  readonly kind: "none";
  readonly reason: "deadline-missed" | "too-many-steps" | "agrees";
}

/** What a solver can do at its turn. */
export type SolverMove = PostRow | OpenTick | TimeoutChallenger | Concede | Wait | Done | NoMove;
/** What a challenger can do at its turn. */
export type ChallengerMove = Select | SelectFault | ProveFault | TimeoutSolver | CloseChallenge | Wait | Done | NoMove;

/** Everything that is sent to the contract inside a challenge. */
export type Move = Exclude<SolverMove | ChallengerMove, Wait | Done | NoMove>;
