import type { Root } from "../core/bytes.ts";

/** A living claim of the round, as the strategy sees it. */
export interface RivalClaim {
  readonly claimId: Root;
  /** Challenge bond of this claim, in wei. */
  readonly challengerBond: bigint;
  readonly verdict: "right" | "wrong" | "unknown";
  /** Whether the own challenge against it is open or has already been lost. */
  readonly challenged: boolean;
  /** The last second at which it can be challenged for certain, whatever happens to the others. */
  readonly windowEnd: number;
}

export interface Plan {
  /** Claims to challenge now, the most urgent first. */
  readonly challenge: readonly Root[];
  /** Whether to commit and reveal the own result. */
  readonly claim: boolean;
}

/**
 * What a verifier does about the living claims of one build with the money it has.
 *
 * Rationale: as long as its bonds reach every wrong claim, challenging them is all that is needed. When they do not (clones
 * cost a liar one bond each and would outnumber them), one claim of its own contradicts all of them at once: none can
 * become final while it stands, all stay open to challenge, and bonds that come back challenge the rest one after another.
 * Money for the own claim is set aside before challenges are opened. A right claim that already stands does the same work.
 * @param funds wei that can be bonded now.
 * @param solverBond wei that an own claim needs.
 */
export function planAgainst(claims: readonly RivalClaim[], funds: bigint, solverBond: bigint): Plan {
  const wrong = claims
    .filter((claim) => claim.verdict === "wrong" && !claim.challenged)
    .sort((a, b) => a.windowEnd - b.windowEnd);
  const needed = wrong.reduce((sum, claim) => sum + claim.challengerBond, 0n);
  const contradicted = claims.some((claim) => claim.verdict === "right");
  const claim = needed > funds && !contradicted && funds >= solverBond;
  let left = claim ? funds - solverBond : funds;
  const challenge: Root[] = [];
  for (const { claimId, challengerBond } of wrong) {
    if (challengerBond > left) break;
    left -= challengerBond;
    challenge.push(claimId);
  }
  return { challenge, claim };
}
