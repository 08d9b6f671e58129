import { agrees } from "./agreement.ts";
import type { Hopeless, OpenTick, PostRow, SolverMove } from "./moves.ts";
import { nodeOf } from "./node.ts";
import { cuts } from "./ranges.ts";
import { revealAt } from "./reveal.ts";
import type { Trace } from "./trace.ts";
import { turnOf } from "./turn.ts";
import type { DisputeView, Position } from "./views.ts";

/**
 * What a solver does next in one challenge to its claim. Pure: the same view and trace give the same move, so a solver that
 * was killed simply asks again.
 *
 * Rationale: a solver whose own trace does not hold what the cursor says (its claim is wrong) concedes, since silence would
 * cost the same bond and more time. One that has missed its deadline does not: the challenger may yet go on.
 */
export async function solverMove(view: DisputeView, trace: Trace): Promise<SolverMove> {
  const { claim, challenge } = view;
  const { position } = challenge;
  if (claim.status !== "open" || challenge.status !== "open") return { kind: "done" };
  const turn = turnOf(view);
  if (turn.side === "challenger") {
    if (!turn.over) return { kind: "wait", until: turn.deadline + 1 };
    return { kind: "timeoutChallenger", position, shown: revealAt(view, position.cursor) };
  }
  if (turn.over) return { kind: "hopeless", reason: "deadline-missed" };
  if (!(await holds(position, trace))) {
    return { kind: "concede", position, firstDemander: view.firstDemanderOf(nodeOf(position.cursor)) };
  }
  return answerCursor(view, trace);
}

/** The answer of a trace to the cursor, whether or not the trace holds the cursor's ends. */
export async function answerCursor(view: DisputeView, trace: Trace): Promise<PostRow | OpenTick | Hopeless> {
  const { claim, challenge } = view;
  const { position } = challenge;
  const { cursor } = position;
  const firstDemander = view.firstDemanderOf(nodeOf(cursor));
  if (cursor.log2Length > 0) {
    const at = cuts(cursor.from, cursor.log2Length, claim.log2Arity);
    const roots = cursor.level === "ticks" ? await trace.tickRoots(at) : await trace.stepRoots(cursor.tick, at);
    return { kind: "postRow", position, firstDemander, roots };
  }
  const opening = await trace.openTick(cursor.from);
  if (opening.log2Steps > claim.maxLog2Steps) {
    return { kind: "hopeless", reason: "too-many-steps" };
  }
  const at = opening.log2Steps === 0 ? [] : cuts(0, opening.log2Steps, claim.log2Arity);
  const roots = at.length === 0 ? [] : await trace.stepRoots(cursor.from, at);
  return { kind: "openTick", position, firstDemander, opening, roots };
}

/** Whether the cursor's two ends are those of the own trace. */
async function holds({ cursor }: Position, trace: Trace): Promise<boolean> {
  const ends = [cursor.from, cursor.from + 2 ** cursor.log2Length];
  const [start, end] =
    cursor.level === "ticks" ? await trace.tickRoots(ends) : await trace.stepRoots(cursor.tick, ends);
  return agrees(start!, cursor.startRoot) && agrees(end!, cursor.endRoot);
}
