import { type Kind, kindOf } from "./challenge.ts";
import { challengerDeadline, isOver, solverDeadline } from "./clock.ts";
import type { DisputeView } from "./views.ts";

/** Whose turn it is in a challenge, for what, and until when. */
export interface Turn {
  readonly kind: Kind;
  readonly side: "solver" | "challenger";
  readonly deadline: number;
  /** True once the deadline has passed: the other side can call the time-out. */
  readonly over: boolean;
}

/** It is the solver's turn iff the range is longer than one step and has no row. */
export function turnOf({ claim, challenge: { at }, now }: DisputeView): Turn {
  const kind = kindOf(at);
  const side = kind === "answer" ? "solver" : "challenger";
  const deadlineOf = side === "solver" ? solverDeadline : challengerDeadline;
  const deadline = deadlineOf(at, claim.minResponseSeconds);
  return { kind, side, deadline, over: isOver(deadline, now) };
}
