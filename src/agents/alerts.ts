import type { ChallengeRecord, ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import { claimWindowSeconds, type Parameters } from "../protocol/parameters.ts";
import type { FinalityVerdict } from "./forecast.ts";
import type { LedgerReader } from "./ports.ts";
import { openTurns } from "./standing.ts";

/** What the monitor raises; `docs/alerts.md` says what to do about each. */
export const alertNames = [
  "wrong-final",
  "contradiction-fell",
  "reaction-running",
  "deadline-near",
  "nobody-engaged",
  "unchecked",
] as const;

export type AlertName = (typeof alertNames)[number];

/** Those after which something may be, or is, lost: logged as errors, and in the exit status of `assay monitor --once`. */
const severeAlerts: ReadonlySet<AlertName> = new Set(["wrong-final", "nobody-engaged", "unchecked"]);

export interface Alert {
  readonly alert: AlertName;
  readonly severe: boolean;
  readonly build: Root;
  readonly claim?: Root;
  readonly challenge?: Root;
  /** Whose turn it is. */
  readonly side?: "solver" | "challenger";
  /** Second of the chain at which something ends, and how far away that is. */
  readonly deadline?: number;
  readonly secondsLeft?: number;
  readonly why: string;
}

/** What is known of the claims, besides what the chain says. */
export interface Knowledge {
  verdictOf(claim: ClaimRecord): FinalityVerdict;
  /** Why a claim cannot be checked although its environment is allowed; undefined if it can, or is not allowed. */
  whyUnchecked(claim: ClaimRecord): string | undefined;
}

/** Everything that stands at this moment. @param nearSeconds how near a deadline has to be to be worth an alert. */
export function standingAlerts(
  ledger: LedgerReader,
  parameters: Parameters,
  knowledge: Knowledge,
  nearSeconds: number,
): Alert[] {
  const { history } = ledger;
  const claims = [...history.claims.values()];
  const buildAlerts = [...history.builds.keys()].flatMap((build) => reactionAlerts(ledger, parameters, build));
  const claimAlerts = claims.flatMap((claim) => [
    ...wrongFinal(claim, knowledge),
    ...nobodyEngaged(ledger, parameters, claim, knowledge),
    ...unchecked(ledger, claim, knowledge),
  ]);
  return [...claimAlerts, ...buildAlerts, ...nearDeadlines(ledger, nearSeconds)];
}

/** Names an alert as long as it stands. */
export function alertKey({ alert, build, claim, challenge, side }: Alert): string {
  return [alert, claim ?? build, challenge, side].join(" ");
}

function raise(alert: AlertName, facts: Omit<Alert, "alert" | "severe">): Alert {
  return { alert, severe: severeAlerts.has(alert), ...facts };
}

function until(deadline: number, { now }: LedgerReader) {
  return { deadline, secondsLeft: deadline - now };
}

function wrongFinal(claim: ClaimRecord, knowledge: Knowledge): Alert[] {
  if (claim.status !== "final" || knowledge.verdictOf(claim) !== "wrong") return [];
  const why = "the own run of this build has another final root than the claim that became final";
  return [raise("wrong-final", { build: claim.fields.buildId, claim: claim.claimId, why })];
}

/** A contradiction that fell by something else than a proven step can have been made to fall: somebody should look now. */
function reactionAlerts(ledger: LedgerReader, { reactionSeconds }: Parameters, build: Root): Alert[] {
  const { contradictionEndedAt, finalizedAt } = ledger.roundOf(build);
  if (contradictionEndedAt === 0 || finalizedAt !== 0) return [];
  const left = ledger.history.openClaims(build);
  if (left.length === 0) return [];
  const fell = raise("contradiction-fell", {
    build,
    why: `only one final root is left, in ${left.length} claim(s): is it the right one?`,
  });
  const end = contradictionEndedAt + reactionSeconds;
  if (ledger.now >= end) return [fell];
  const why = "what is left can be challenged until then, also where its own window has ended";
  return [fell, raise("reaction-running", { build, ...until(end, ledger), why })];
}

function nearDeadlines(ledger: LedgerReader, nearSeconds: number): Alert[] {
  return openTurns(ledger)
    .filter(({ duty }) => duty.secondsLeft <= nearSeconds)
    .map(({ duty: { kind, side, claim, challenge, deadline }, claim: { fields } }) => {
      const names = { build: fields.buildId, claim, ...(challenge && { challenge }) };
      const why = `the ${side} has to ${kind}, or loses the ${side === "solver" ? "claim" : "challenge"}`;
      return raise("deadline-near", { ...names, side, ...until(deadline, ledger), why });
    });
}

/** A claim that is wrong, or looks so, while nobody disputes it and half of the time for it is over. */
function nobodyEngaged(
  ledger: LedgerReader,
  parameters: Parameters,
  claim: ClaimRecord,
  knowledge: Knowledge,
): Alert[] {
  const { history, now } = ledger;
  const { claimId, status, fields, windowEnd } = claim;
  if (status !== "open") return [];
  const suspicion = suspicionOf(ledger, claim, knowledge);
  if (suspicion === undefined || history.challengesTo(claimId).some(isOpen)) return [];
  const { openRoots } = ledger.roundOf(fields.buildId);
  // While claims contradict each other nothing becomes final; but nothing is decided either unless one is challenged.
  const end = openRoots > 1 ? windowEnd : ledger.finalizableFrom(claim);
  const patience =
    end > windowEnd ? parameters.reactionSeconds / 2 : claimWindowSeconds(parameters, fields.log2Ticks) / 2;
  if (end - now > patience) return [];
  const isContested =
    openRoots > 1 &&
    history.openClaims(fields.buildId).some((other) => history.challengesTo(other.claimId).some(isOpen));
  if (isContested && knowledge.verdictOf(claim) !== "wrong") return [];
  return [raise("nobody-engaged", { build: fields.buildId, claim: claimId, ...until(end, ledger), why: suspicion })];
}

function suspicionOf(ledger: LedgerReader, claim: ClaimRecord, knowledge: Knowledge): string | undefined {
  const { history } = ledger;
  const verdict = knowledge.verdictOf(claim);
  if (verdict === "wrong") return "the own run says that this claim is wrong, and nobody challenges it";
  if (verdict === "right") return undefined;
  if (history.challengesTo(claim.claimId).some(({ status }) => status === "lost")) {
    return "a challenge to this claim was given up, and nobody else challenges it";
  }
  if (ledger.roundOf(claim.fields.buildId).openRoots > 1) return "claims contradict each other, and none is challenged";
  const ids = history.builds.get(claim.fields.buildId)?.claims ?? [];
  const fallen = ids.map((id) => history.claims.get(id)!).filter(({ refutation }) => refutation !== undefined);
  const unproven = fallen.some(({ refutation }) => refutation!.cause !== "fault");
  return unproven ? "what contradicted this claim fell without a proof, and nobody challenges it" : undefined;
}

function unchecked(ledger: LedgerReader, claim: ClaimRecord, knowledge: Knowledge): Alert[] {
  const { claimId, status, fields } = claim;
  const why = status === "open" ? knowledge.whyUnchecked(claim) : undefined;
  if (why === undefined) return [];
  return [
    raise("unchecked", { build: fields.buildId, claim: claimId, ...until(ledger.finalizableFrom(claim), ledger), why }),
  ];
}

function isOpen({ status }: ChallengeRecord): boolean {
  return status === "open";
}
