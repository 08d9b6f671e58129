/** What a daemon could not do; one that ends with any of them exits with another status than 0. */
export interface Duties {
  /** Deadlines of own claims that passed although it was this daemon's turn. */
  missedDeadlines: number;
  /** Own challenges that ended since this daemon let a deadline pass. */
  lostChallenges: number;
  /** Claims that became final with another final root than the own run of their build has. */
  wrongFinals: number;
  /** Claims that should have been checked, or challenged, and could not be. */
  uncheckedClaims: number;
}

/** Nothing left undone. */
export function noneUndone(): Duties {
  return { missedDeadlines: 0, lostChallenges: 0, wrongFinals: 0, uncheckedClaims: 0 };
}

export function isAnyUndone(duties: Duties): boolean {
  return Object.values(duties).some((count) => count > 0);
}
