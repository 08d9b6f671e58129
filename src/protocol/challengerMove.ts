import { agrees } from "./agreement.ts";
import type { Challenge } from "./challenge.ts";
import type { ChallengerMove, Selection } from "./moves.ts";
import { cuts } from "./ranges.ts";
import { childProof, childRoots } from "./row.ts";
import { rangeRoots, type Trace } from "./trace.ts";
import { turnOf } from "./turn.ts";
import type { ChallengeView, DisputeView } from "./views.ts";

/**
 * What a challenger does next in its challenge. It holds one invariant: its own trace has the start of the range, and not its
 * end. Whatever the solver answers, some child has the same property, and a range of one step that has it is a fault.
 *
 * Rationale: a solver that has overrun its time loses at once by the time-out. The last selection carries the fault proof, so
 * that nobody can put the end of the game off between the two.
 */
export async function challengerMove(view: DisputeView, trace: Trace): Promise<ChallengerMove> {
  const { claim, challenge } = view;
  const { at: shown, stakeNumber } = challenge;
  if (challenge.status !== "open") return { kind: "done" };
  if (claim.status === "refuted") return { kind: "closeChallenge", shown, claim, stakeNumber };
  if (claim.status === "final") return { kind: "done" };
  const turn = turnOf(view);
  if (turn.side === "solver") {
    if (!turn.over) return { kind: "wait", until: turn.deadline + 1 };
    return { kind: "timeoutSolver", shown, claim, stakeNumber };
  }
  // A fault can be proven as long as the challenge is open.
  if (turn.over && turn.kind === "select") return { kind: "none", reason: "deadline-missed" };
  if (!(await differs(shown, trace))) return { kind: "none", reason: "agrees" };
  const { level, tick, from, log2Length } = shown.range;
  if (turn.kind === "prove") {
    return { kind: "proveFault", shown, claim, stakeNumber, witness: await trace.stepWitness(tick, from) };
  }
  const selection = selectionOf(challenge, await wrongChild(challenge, claim.log2Arity, trace));
  const isLast = level === "steps" && 2 ** log2Length === challenge.roots.length + 1;
  if (!isLast) return { kind: "select", shown, selection };
  const witness = await trace.stepWitness(tick, from + selection.child);
  return { kind: "selectFault", shown, claim, stakeNumber, selection, witness };
}

/** The selection of a child in the row of a challenge. */
export function selectionOf({ at, roots }: ChallengeView, child: number): Selection {
  const siblings = roots.length === 0 ? [] : childProof(at.startRoot, roots, child);
  return { child, ...childRoots(at.startRoot, roots, at.endRoot, child), siblings };
}

/** The first child whose end the own trace does not have. */
async function wrongChild({ at, roots }: ChallengeView, log2Arity: number, trace: Trace): Promise<number> {
  const { range } = at;
  const own = await rangeRoots(trace, range, cuts(range.from, range.log2Length, log2Arity));
  const first = own.findIndex((root, i) => !agrees(root, roots[i]!));
  return first === -1 ? own.length : first;
}

/** Whether the own trace has the start of the range and not its end. */
async function differs({ range, startRoot, endRoot }: Challenge, trace: Trace): Promise<boolean> {
  const [start, end] = await rangeRoots(trace, range, [range.from, range.from + 2 ** range.log2Length]);
  return agrees(start!, startRoot) && !agrees(end!, endRoot);
}
