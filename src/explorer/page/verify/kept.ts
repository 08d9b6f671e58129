/** What of a claim this tab was at, for when it is loaded again: in `sessionStorage`. */

/** A run that the reader has agreed to. */
export const keptRunKey = (claimId: string) => `assay verify ${claimId}`;

/** A challenge that is played here: it needs the run's machine again. */
export const keptChallengeKey = (claimId: string) => `assay challenge ${claimId}`;

/** Whether a reload has interrupted anything about a claim. */
export function isKept(claimId: string): boolean {
  return [keptRunKey(claimId), keptChallengeKey(claimId)].some((key) => sessionStorage.getItem(key) !== null);
}
