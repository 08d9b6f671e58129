/**
 * Time in one challenge. A turn begins with the last move. A move is valid at `now <= deadline`, a time-out at
 * `now > deadline`; contract and clients share these functions' rules (`Clocks.sol` there), and no other arithmetic on a
 * challenge's time exists.
 */

/** When the last move was made and what is left of both budgets. Seconds; `since` as block timestamp. */
export interface Clocks {
  readonly since: number;
  readonly solverLeft: number;
  readonly challengerLeft: number;
}

/** Last second in which the solver can answer, if it is its turn. */
export function solverDeadline(clocks: Clocks, minResponseSeconds: number): number {
  return clocks.since + Math.max(clocks.solverLeft, minResponseSeconds);
}

/** Last second in which the challenger can go on, if it is its turn. */
export function challengerDeadline(clocks: Clocks, minResponseSeconds: number): number {
  return clocks.since + Math.max(clocks.challengerLeft, minResponseSeconds);
}

/** True when the time for a move is over. The deadline itself still belongs to the one who moves. */
export function isOver(deadline: number, now: number): boolean {
  return now > deadline;
}

/** The clocks after the solver has answered at `now`. */
export function clocksAfterSolver({ since, solverLeft, challengerLeft }: Clocks, now: number): Clocks {
  return { since: now, solverLeft: Math.max(0, solverLeft - (now - since)), challengerLeft };
}

/** The clocks after the challenger has selected at `now`. */
export function clocksAfterChallenger({ since, solverLeft, challengerLeft }: Clocks, now: number): Clocks {
  return { since: now, solverLeft, challengerLeft: Math.max(0, challengerLeft - (now - since)) };
}
