import type { Root } from "../core/bytes.ts";
import type { Reveal } from "./reveal.ts";
import type { TickOpening } from "./trace.ts";
import type { ChallengeId, Position } from "./views.ts";

/** The choice of one child in a revealed row, with its proof. */
export interface Selection {
  readonly child: number;
  /** Of the row or opening through which the cursor moves. */
  readonly postedAt: number;
  /** Of the row or opening through which the cursor moves. */
  readonly firstDemander: ChallengeId;
  readonly startRoot: Root;
  readonly endRoot: Root;
  /** See `childProof`. */
  readonly siblings: readonly Root[];
}

/** The interior roots of the row that answers a cursor longer than one. */
export interface PostRow {
  readonly kind: "postRow";
  readonly position: Position;
  readonly firstDemander: ChallengeId;
  readonly roots: readonly Root[];
}

/** The opening of a cursor of one tick, with the first row over its steps (empty if the tick has one step). */
export interface OpenTick {
  readonly kind: "openTick";
  readonly position: Position;
  readonly firstDemander: ChallengeId;
  readonly opening: TickOpening;
  readonly roots: readonly Root[];
}

/** One or more selections, each in the row that the one before leads to, in one transaction. */
export interface Select {
  readonly kind: "select";
  readonly position: Position;
  readonly selections: readonly Selection[];
  /** The opening that the path goes through, if it goes through one. */
  readonly opening: { readonly log2Steps: number; readonly resumedRoot: Root } | undefined;
}

/** The selection of a single step in a row, and the witness of that step, in one transaction. */
export interface SelectFault {
  readonly kind: "selectFault";
  readonly position: Position;
  readonly selection: Selection;
  readonly witness: Uint8Array;
}

/** The witness of the one step the cursor stands on. */
export interface ProveFault {
  readonly kind: "proveFault";
  readonly position: Position;
  readonly witness: Uint8Array;
}

/** The solver has run out of time, whether its answer came late (`shown` holds it) or not at all. */
export interface TimeoutSolver {
  readonly kind: "timeoutSolver";
  readonly position: Position;
  readonly shown: Reveal;
}

/** The challenger has run out of time. */
export interface TimeoutChallenger {
  readonly kind: "timeoutChallenger";
  readonly position: Position;
  readonly shown: Reveal;
}

/** The solver gives its claim up in this challenge. */
export interface Concede {
  readonly kind: "concede";
  readonly position: Position;
  readonly firstDemander: ChallengeId;
}

/** The challenger takes its bond back from a claim that has been refuted. */
export interface CloseChallenge {
  readonly kind: "closeChallenge";
  readonly position: Position;
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
 * No legal move is left to this party. `deadline-missed`: the solver's time in this challenge is over, and only a
 * challenger that goes on regardless can save its claim. `too-many-steps`: the solver's own tick cannot be opened.
 * `agrees`: the challenger's own trace holds the cursor's end too, or not its start.
 */
export interface Hopeless {
  readonly kind: "hopeless";
  readonly reason: "deadline-missed" | "too-many-steps" | "agrees";
}

export type SolverMove = PostRow | OpenTick | TimeoutChallenger | Concede | Wait | Done | Hopeless;
export type ChallengerMove =
  | Select
  | SelectFault
  | ProveFault
  | TimeoutSolver
  | CloseChallenge
  | Wait
  | Done
  | Hopeless;

/** Everything that is sent to the contract inside a challenge. */
export type Move = Exclude<SolverMove | ChallengerMove, Wait | Done | Hopeless>;
