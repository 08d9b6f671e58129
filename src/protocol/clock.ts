/**
 * Time in one challenge. The turn is never stored: it follows from whether the cursor's node has been answered. A move is
 * valid at `now <= deadline`, a time-out at `now > deadline`; contract and clients share these functions' rules, and no
 * other arithmetic on time exists.
 */

/** When the cursor came where it is and what is left of both budgets. Seconds; `movedAt` as block timestamp. */
export interface Clocks {
  readonly movedAt: number;
  readonly solverLeft: number;
  readonly challengerLeft: number;
}

/** Until when the solver can answer the cursor. */
export function solverDeadline(clocks: Clocks, minResponseSeconds: number): number {
  return clocks.movedAt + Math.max(clocks.solverLeft, minResponseSeconds);
}

/**
 * Until when the challenger can go on from the cursor.
 * @param postedAt when the cursor's node was answered; 0 at a range of one step, which needs no answer.
 */
export function challengerDeadline(clocks: Clocks, postedAt: number, minResponseSeconds: number): number {
  return Math.max(clocks.movedAt, postedAt) + Math.max(clocks.challengerLeft, minResponseSeconds);
}

/** True when the time for a move is over. The deadline itself still belongs to the one who moves. */
export function isOver(deadline: number, now: number): boolean {
  return now > deadline;
}

/** The clocks after the challenger has moved the cursor at `now` through a node answered at `postedAt`. */
export function clocksAfterSelect(clocks: Clocks, postedAt: number, now: number): Clocks {
  const turnStart = Math.max(clocks.movedAt, postedAt);
  return {
    movedAt: now,
    solverLeft: Math.max(0, clocks.solverLeft - (turnStart - clocks.movedAt)),
    challengerLeft: Math.max(0, clocks.challengerLeft - (now - turnStart)),
  };
}
