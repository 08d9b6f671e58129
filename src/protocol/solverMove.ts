import { agrees } from "./agreement.ts";
import type { Challenge } from "./challenge.ts";
import type { NoMove, OpenTick, PostRow, SolverMove } from "./moves.ts";
import { cuts } from "./ranges.ts";
import { rangeRoots, type Trace } from "./trace.ts";
import { turnOf } from "./turn.ts";
import type { DisputeView } from "./views.ts";

/**
 * What a solver does next in one challenge to its claim. Pure: the same view and trace give the same move, so a solver that
 * was killed simply asks again.
 *
 * Rationale: a solver whose own trace does not have both ends of the range (its claim is wrong) concedes, since silence would
 * cost the same bond and more time. One that has missed its deadline does not: the challenger may yet fail to call it.
 */
export async function solverMove(view: DisputeView, trace: Trace): Promise<SolverMove> {
  const { claim, challenge } = view;
  const { at: shown, stakeNumber } = challenge;
  if (claim.status !== "open" || challenge.status !== "open") return { kind: "done" };
  const turn = turnOf(view);
  if (turn.side === "challenger") {
    if (!turn.over) return { kind: "wait", until: turn.deadline + 1 };
    return { kind: "timeoutChallenger", shown, claim, stakeNumber };
  }
  if (turn.over) return { kind: "none", reason: "deadline-missed" };
  if (!(await holds(shown, trace))) return { kind: "concede", shown, claim, stakeNumber };
  return answerOf(view, trace);
}

/** The answer of a trace to the challenge's range, whether or not the trace has the range's ends. */
export async function answerOf(view: DisputeView, trace: Trace): Promise<PostRow | OpenTick | NoMove> {
  const { claim, challenge } = view;
  const { at: shown } = challenge;
  const { range } = shown;
  if (range.log2Length > 0) {
    const roots = await rangeRoots(trace, range, cuts(range.from, range.log2Length, claim.log2Arity));
    return { kind: "postRow", shown, roots };
  }
  const opening = await trace.openTick(range.from);
  if (opening.log2Steps > claim.maxLog2Steps) return { kind: "none", reason: "too-many-steps" };
  const at = opening.log2Steps === 0 ? [] : cuts(0, opening.log2Steps, claim.log2Arity);
  const roots = at.length === 0 ? [] : await trace.stepRoots(range.from, at);
  return { kind: "openTick", shown, opening, roots };
}

/** Whether both ends of the range are those of the own trace. */
async function holds({ range, startRoot, endRoot }: Challenge, trace: Trace): Promise<boolean> {
  const [start, end] = await rangeRoots(trace, range, [range.from, range.from + 2 ** range.log2Length]);
  return agrees(start!, startRoot) && agrees(end!, endRoot);
}
