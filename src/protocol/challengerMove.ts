import type { Root } from "../core/bytes.ts";
import { agrees } from "./agreement.ts";
import type { ChallengerMove, Selection } from "./moves.ts";
import { type Cursor, nodeOf } from "./node.ts";
import { cuts } from "./ranges.ts";
import { childProof, childRoots } from "./row.ts";
import type { Trace } from "./trace.ts";
import { isAtStep, turnOf } from "./turn.ts";
import type { DisputeView, Reveal } from "./views.ts";

/**
 * What a challenger does next in its challenge. It holds one invariant: the cursor's start is in its own trace, the cursor's
 * end is not. Whatever the solver posts, some child has the same property, and a range of one step that has it is a fault.
 *
 * Rationale: a solver that has overrun its time loses at once by the time-out, so that comes before everything else. All
 * rows that are already there are walked in one transaction.
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
    return { kind: "timeoutSolver", position, ...(turn.reveal && { reveal: turn.reveal }) };
  }
  if (!(await parts(position.cursor, trace))) {
    return { kind: "hopeless", reason: "the own trace has the cursor's end too, or not its start" };
  }
  if (isAtStep(position.cursor)) {
    const { tick, from } = position.cursor;
    return { kind: "proveFault", position, witness: await trace.stepWitness(tick, from) };
  }
  return { kind: "select", position, selections: await walk(view, position.cursor, trace) };
}

/** The selections through all rows that are there, from the cursor down. */
async function walk(view: DisputeView, from: Cursor, trace: Trace): Promise<Selection[]> {
  const selections: Selection[] = [];
  for (let cursor = from; !isAtStep(cursor); ) {
    const reveal = view.revealOf(nodeOf(cursor));
    if (reveal === undefined) break;
    const { child, next } = await descend(cursor, reveal, view.claim.log2Arity, trace);
    const siblings = reveal.roots.length === 0 ? [] : childProof(rangeStart(cursor, reveal), reveal.roots, child);
    selections.push({ child, reveal, startRoot: next.startRoot, endRoot: next.endRoot, siblings });
    cursor = next;
  }
  return selections;
}

/** The first child whose end the own trace does not have, and the cursor on it. */
async function descend(
  cursor: Cursor,
  reveal: Reveal,
  log2Arity: number,
  trace: Trace,
): Promise<{ readonly child: number; readonly next: Cursor }> {
  const range = revealedRange(cursor, reveal);
  const at = range.log2Length === 0 ? [] : cuts(range.from, range.log2Length, log2Arity);
  const own = range.level === "ticks" ? await trace.tickRoots(at) : await trace.stepRoots(range.tick, at);
  const first = own.findIndex((root, i) => !agrees(root, reveal.roots[i]!));
  const child = first === -1 ? own.length : first;
  return { child, next: childCursor(cursor, reveal, child) };
}

/** The range that an answer cuts: the cursor's own, or after an opening the tick's steps. */
function revealedRange(cursor: Cursor, reveal: Reveal): Pick<Cursor, "level" | "tick" | "from" | "log2Length"> {
  return reveal.kind === "row" ? cursor : { level: "steps", tick: cursor.from, from: 0, log2Length: reveal.log2Steps };
}

function rangeStart(cursor: Cursor, reveal: Reveal): Root {
  return reveal.kind === "row" ? cursor.startRoot : reveal.resumedRoot;
}

/** Where the cursor goes when child `child` of the answer is selected. */
export function childCursor(cursor: Cursor, reveal: Reveal, child: number): Cursor {
  const range = revealedRange(cursor, reveal);
  const log2Length = range.log2Length - Math.log2(reveal.roots.length + 1);
  return {
    claimId: cursor.claimId,
    level: range.level,
    tick: range.tick,
    from: range.from + child * 2 ** log2Length,
    log2Length,
    ...childRoots(rangeStart(cursor, reveal), reveal.roots, cursor.endRoot, child),
  };
}

/** Whether the own trace has the cursor's start and not its end. */
async function parts(cursor: Cursor, trace: Trace): Promise<boolean> {
  const ends = [cursor.from, cursor.from + 2 ** cursor.log2Length];
  const [start, end] =
    cursor.level === "ticks" ? await trace.tickRoots(ends) : await trace.stepRoots(cursor.tick, ends);
  return agrees(start!, cursor.startRoot) && !agrees(end!, cursor.endRoot);
}
