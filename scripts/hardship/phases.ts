import type { History } from "../../src/chain/history.ts";
import type { BuildRecord, ClaimRecord } from "../../src/chain/records.ts";
import { kindOf } from "../../src/protocol/challenge.ts";

/** What a build can be in the middle of. */
export const phases = [
  "request to commit",
  "commit to reveal",
  "reveal to challenge",
  "ticks: answer",
  "ticks: selection",
  "steps: answer",
  "steps: selection, or step",
  "refutation to finality",
  "finality to payment",
  "finality to stakes back",
  "all settled",
] as const;

export type Phase = (typeof phases)[number];

/**
 * What the builds of a history are in the middle of, where each is claimed by an honest solver and by one that is wrong.
 * @param wrong the address of the latter.
 */
export function phasesIn(history: History, wrong: string): ReadonlySet<Phase> {
  const { commitments, builds, claims } = history;
  const found = new Set<Phase>();
  if (claims.size + commitments.size < 2 * builds.size) found.add("request to commit");
  if (commitments.size > 0) found.add("commit to reveal");
  for (const claim of claims.values()) {
    if (claim.solver === wrong && claim.status === "open") found.add(phaseOfDispute(history, claim));
  }
  for (const build of builds.values()) {
    const phase = phaseOfEnd(history, build);
    if (phase !== undefined) found.add(phase);
  }
  for (const { buildId, status } of history.stakes.values()) {
    if (status === "live" && history.openClaims(buildId).length === 0) found.add("finality to stakes back");
  }
  if (found.size === 0 && builds.size > 0) found.add("all settled");
  return found;
}

function phaseOfDispute(history: History, { claimId }: ClaimRecord): Phase {
  const [challenge] = history.challengesTo(claimId);
  if (challenge === undefined) return "reveal to challenge";
  const { at } = challenge;
  if (kindOf(at) === "answer") return at.range.level === "ticks" ? "ticks: answer" : "steps: answer";
  return at.range.level === "ticks" ? "ticks: selection" : "steps: selection, or step";
}

function phaseOfEnd(history: History, { buildId, claims, finalClaim, rewardPaid }: BuildRecord): Phase | undefined {
  if (finalClaim !== undefined) return rewardPaid ? undefined : "finality to payment";
  const isCalm = claims.length === 2 && history.openClaims(buildId).length === 1;
  return isCalm ? "refutation to finality" : undefined;
}
