import { agrees } from "./agreement.ts";
import { answeredRange, childCursor, rangeStart } from "./descent.ts";
import type { ChallengerMove, Select, SelectFault, Selection } from "./moves.ts";
import { type Cursor, nodeOf } from "./node.ts";
import { cuts } from "./ranges.ts";
import { revealAt } from "./reveal.ts";
import { childProof } from "./row.ts";
import type { Trace } from "./trace.ts";
import { isAtStep, turnOf } from "./turn.ts";
import type { Answer, DisputeView, Position } from "./views.ts";

/**
 * What a challenger does next in its challenge. It holds one invariant: the cursor's start is in its own trace, the cursor's
 * end is not. Whatever the solver posts, some child has the same property, and a range of one step that has it is a fault.
 *
 * Rationale: a solver that has overrun its time loses at once by the time-out, so that comes before everything else. All
 * rows that are already there are walked in one transaction, and the last selection carries the fault proof.
 */
export async function challengerMove(view: DisputeView, trace: Trace): Promise<ChallengerMove> {
  const { claim, challenge } = view;
  const { position } = challenge;
  if (challenge.status !== "open") return { kind: "done" };
  if (claim.status === "refuted") return { kind: "closeChallenge", position };
  if (claim.status === "final") return { kind: "done" };
  const turn = turnOf(view);
  if (turn.side === "solver" && !turn.over) return { kind: "wait", until: turn.deadline + 1 };
  if (turn.side === "solver" || turn.answeredLate) {
    return { kind: "timeoutSolver", position, shown: revealAt(view, position.cursor) };
  }
  if (!(await parts(position.cursor, trace))) {
    return { kind: "hopeless", reason: "agrees" };
  }
  if (isAtStep(position.cursor)) {
    const { tick, from } = position.cursor;
    return { kind: "proveFault", position, witness: await trace.stepWitness(tick, from) };
  }
  return walk(view, position, trace);
}

/** The selections through all rows that are there, from the cursor down; the fault proof with them where the contract takes it. */
async function walk(view: DisputeView, position: Position, trace: Trace): Promise<Select | SelectFault> {
  const selections: Selection[] = [];
  let opening: Select["opening"];
  let { cursor } = position;
  while (!isAtStep(cursor)) {
    const node = nodeOf(cursor);
    const answer = view.answerOf(node);
    if (answer === undefined) break;
    if (answer.kind === "opening") opening = { log2Steps: answer.log2Steps, resumedRoot: answer.resumedRoot };
    const { child, next } = await descend(cursor, answer, view.claim.log2Arity, trace);
    selections.push({
      child,
      postedAt: answer.postedAt,
      firstDemander: view.firstDemanderOf(node),
      startRoot: next.startRoot,
      endRoot: next.endRoot,
      siblings: answer.roots.length === 0 ? [] : childProof(rangeStart(cursor, answer), answer.roots, child),
    });
    cursor = next;
  }
  const [selection, ...more] = selections;
  if (selection !== undefined && more.length === 0 && opening === undefined && isAtStep(cursor)) {
    const witness = await trace.stepWitness(cursor.tick, cursor.from);
    return { kind: "selectFault", position, selection, witness };
  }
  return { kind: "select", position, selections, opening };
}

/** The first child whose end the own trace does not have, and the cursor on it. */
async function descend(
  cursor: Cursor,
  answer: Answer,
  log2Arity: number,
  trace: Trace,
): Promise<{ readonly child: number; readonly next: Cursor }> {
  const range = answeredRange(cursor, answer);
  const at = range.log2Length === 0 ? [] : cuts(range.from, range.log2Length, log2Arity);
  const own = range.level === "ticks" ? await trace.tickRoots(at) : await trace.stepRoots(range.tick, at);
  const first = own.findIndex((root, i) => !agrees(root, answer.roots[i]!));
  const child = first === -1 ? own.length : first;
  return { child, next: childCursor(cursor, answer, child) };
}

/** Whether the own trace has the cursor's start and not its end. */
async function parts(cursor: Cursor, trace: Trace): Promise<boolean> {
  const ends = [cursor.from, cursor.from + 2 ** cursor.log2Length];
  const [start, end] =
    cursor.level === "ticks" ? await trace.tickRoots(ends) : await trace.stepRoots(cursor.tick, ends);
  return agrees(start!, cursor.startRoot) && !agrees(end!, cursor.endRoot);
}
