import { challengerDeadline, isOver, solverDeadline } from "./clock.ts";
import { type Cursor, nodeOf } from "./node.ts";
import type { Answer, DisputeView } from "./views.ts";

/** Whose turn it is in a challenge, and until when. */
export interface Turn {
  readonly side: "solver" | "challenger";
  readonly deadline: number;
  /** True once the deadline has passed: the other side can call the time-out. */
  readonly over: boolean;
  /**
   * True when the solver's answer is there but came after its deadline in this challenge: the challenger can still call the
   * time-out instead of going on. A row posted late for one challenge is not on time for another.
   */
  readonly answeredLate: boolean;
  /** The answer to the cursor's node, if there is one. */
  readonly answer: Answer | undefined;
}

/** True when the cursor stands on one step, which needs no answer. */
export function isAtStep(cursor: Cursor): boolean {
  return cursor.level === "steps" && cursor.log2Length === 0;
}

/**
 * It is the solver's turn iff the cursor is longer than one step and its node has no answer; at one step it is always the
 * challenger's. The turn is derived, never stored: an answer posted for one challenge may serve another.
 */
export function turnOf(view: DisputeView): Turn {
  const { position } = view.challenge;
  const { minResponseSeconds } = view.claim;
  const atStep = isAtStep(position.cursor);
  const answer = atStep ? undefined : view.answerOf(nodeOf(position.cursor));
  const solvers = solverDeadline(position, minResponseSeconds);
  if (!atStep && answer === undefined) {
    return { side: "solver", deadline: solvers, over: isOver(solvers, view.now), answeredLate: false, answer };
  }
  const deadline = challengerDeadline(position, answer?.postedAt ?? 0, minResponseSeconds);
  const answeredLate = answer !== undefined && isOver(solvers, answer.postedAt);
  return { side: "challenger", deadline, over: isOver(deadline, view.now), answeredLate, answer };
}
