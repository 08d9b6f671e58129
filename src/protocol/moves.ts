import type { Root } from "../core/bytes.ts";
import type { TickOpening } from "./trace.ts";
import type { Position, Reveal } from "./views.ts";

/** The choice of one child in a revealed row, with its proof. */
export interface Selection {
  readonly child: number;
  /** The row or opening through which the cursor moves. */
  readonly reveal: Reveal;
  readonly startRoot: Root;
  readonly endRoot: Root;
  /** See `childProof`. */
  readonly siblings: readonly Root[];
}

/** The interior roots of the row that answers a cursor longer than one. */
export interface PostRow {
  readonly kind: "postRow";
  readonly position: Position;
  readonly roots: readonly Root[];
}

/** The opening of a cursor of one tick, with the first row over its steps (empty if the tick has one step). */
export interface OpenTick {
  readonly kind: "openTick";
  readonly position: Position;
  readonly opening: TickOpening;
  readonly roots: readonly Root[];
}

/** One or more selections, each in the row that the one before leads to, in one transaction. */
export interface Select {
  readonly kind: "select";
  readonly position: Position;
  readonly selections: readonly Selection[];
}

/** The witness of the one step the cursor stands on. */
export interface ProveFault {
  readonly kind: "proveFault";
  readonly position: Position;
  readonly witness: Uint8Array;
}

/** The solver has run out of time; `reveal` is its late answer, if it came at all. */
export interface TimeoutSolver {
  readonly kind: "timeoutSolver";
  readonly position: Position;
  readonly reveal?: Reveal;
}

/** The challenger has run out of time; `reveal` is the answer it has not gone on from; none at one step. */
export interface TimeoutChallenger {
  readonly kind: "timeoutChallenger";
  readonly position: Position;
  readonly reveal?: Reveal;
}

/** The solver gives its claim up in this challenge. */
export interface Concede {
  readonly kind: "concede";
  readonly position: Position;
}

/** The challenger takes its bond back from a claim that has been refuted. */
export interface CloseChallenge {
  readonly kind: "closeChallenge";
  readonly position: Position;
}

/** Nothing to do before the other side moves, or before `until`. */
export interface Wait {
  readonly kind: "wait";
  /** The second from which a time-out will be valid; absent if only the other side's move changes anything. */
  readonly until?: number;
}

/** Nothing to do any more. */
export interface Done {
  readonly kind: "done";
}

/** The own trace gives no move: this party does not hold what it is defending or attacking. */
export interface Hopeless {
  readonly kind: "hopeless";
  readonly reason: string;
}

export type SolverMove = PostRow | OpenTick | TimeoutChallenger | Concede | Wait | Done | Hopeless;
export type ChallengerMove = Select | ProveFault | TimeoutSolver | CloseChallenge | Wait | Done | Hopeless;
export type Move = Exclude<SolverMove | ChallengerMove, Wait | Done | Hopeless>;
