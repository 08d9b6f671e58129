import type { Root } from "../core/bytes.ts";
import type { Start } from "../protocol/assessClaim.ts";

/** What the own run of a build says of a claim about it. */
export interface Verdict {
  readonly claimId: Root;
  readonly buildId: Root;
  /** Of the own run: a verdict that another run has come to is none. */
  readonly ownFinalRoot: Root;
  readonly isRight: boolean;
  /** Where a challenge to a wrong claim begins; undefined until that is decided. */
  readonly start?: Start | undefined;
}

/** Keeps verdicts for the next process. What it has lost is worked out again: it never fails. */
export interface VerdictStore {
  load(): readonly Verdict[];
  /** Takes the place of the verdict on the same claim. */
  put(verdict: Verdict): void;
  remove(claimId: Root): void;
}

/** Keeps verdicts as long as the process lives. */
export function memoryVerdicts(): VerdictStore {
  const verdicts = new Map<Root, Verdict>();
  return {
    load: () => [...verdicts.values()],
    put: (verdict) => void verdicts.set(verdict.claimId, verdict),
    remove: (claimId) => void verdicts.delete(claimId),
  };
}
