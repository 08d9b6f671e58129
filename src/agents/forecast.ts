import type { ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { LedgerReader } from "./ports.ts";

/** What the own run says of a claim: `pending` while it goes on, `not-run` where there is none. */
export type FinalityVerdict = "right" | "wrong" | "pending" | "not-run";

/** What a claim will come to, and what it has come to. */
export interface ClaimForecast {
  readonly claim: Root;
  readonly build: Root;
  readonly solver: string;
  readonly finalRoot: Root;
  readonly verdict: FinalityVerdict;
  /** `final` or `refuted` if nobody does anything new; `undecided` while claims contradict each other, or one is challenged. */
  readonly forecast: "final" | "refuted" | "undecided";
  readonly outcome: ClaimRecord["status"];
  readonly openChallenges: number;
  /** The second from which it can be final, and how far away that is; of open claims without contradiction. */
  readonly finalFrom?: number;
  readonly secondsLeft?: number;
}

/** @param verdict what the own run says of the claim. */
export function forecastOf(ledger: LedgerReader, claim: ClaimRecord, verdict: FinalityVerdict): ClaimForecast {
  const { claimId, fields, solver, status } = claim;
  const openChallenges = ledger.history.challengesTo(claimId).filter((challenge) => challenge.status === "open").length;
  const isContradicted = ledger.roundOf(fields.buildId).openRoots > 1;
  const finalFrom = ledger.finalizableFrom(claim);
  return {
    claim: claimId,
    build: fields.buildId,
    solver,
    finalRoot: fields.finalRoot,
    verdict,
    forecast: expected(verdict, openChallenges > 0, isContradicted),
    outcome: status,
    openChallenges,
    ...(status === "open" && !isContradicted && { finalFrom, secondsLeft: finalFrom - ledger.now }),
  };
}

function expected(verdict: FinalityVerdict, isChallenged: boolean, isContradicted: boolean): ClaimForecast["forecast"] {
  if (verdict === "right") return "final";
  if (verdict === "wrong" && isChallenged) return "refuted";
  return isChallenged || isContradicted ? "undecided" : "final";
}
