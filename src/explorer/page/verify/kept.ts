/** What of a claim this tab was at, for when it is loaded again: in `sessionStorage`, where the browser gives the page one. */

/** Where it gives none: as long as the page is there. */
const unkept = new Map<string, string>();

/** A run that the reader has agreed to. */
export const keptRunKey = (claimId: string) => `assay verify ${claimId}`;

/** A challenge that is played here: it needs the run's machine again. */
export const keptChallengeKey = (claimId: string) => `assay challenge ${claimId}`;

/** Whether a reload has interrupted anything about a claim. */
export function isKept(claimId: string): boolean {
  return [keptRunKey(claimId), keptChallengeKey(claimId)].some((key) => readKept(key) !== undefined);
}

export function readKept(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? unkept.get(key);
  } catch {
    return unkept.get(key);
  }
}

/** @param text undefined: nothing is kept any more. */
export function keep(key: string, text: string | undefined): void {
  unkept.delete(key);
  try {
    if (text === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    if (text !== undefined) unkept.set(key, text);
  }
}
