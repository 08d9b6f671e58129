import type { Parameters } from "./parameters.ts";
import { rewardDelaySeconds } from "./parameters.ts";

/** What the claims of a build mean for each other, as far as it decides what can be done about one of them. */
export interface RoundView {
  /** Number of different final roots among the living claims; 0: no round is open. */
  readonly openRoots: number;
  /** When the last contradiction fell; 0 if none has. */
  readonly contradictionEndedAt: number;
  /** Claims can join before this second. */
  readonly joinDeadline: number;
  /** 0 while the build is not final. */
  readonly finalizedAt: number;
}

/**
 * The end, exclusive, of the time in which an open claim can be challenged, as far as it is known: its own window, or the
 * reaction time after a contradiction. While claims contradict each other there is no end.
 */
export function challengeableUntil(windowEnd: number, round: RoundView, reactionSeconds: number): number {
  if (round.finalizedAt !== 0) return windowEnd;
  return round.openRoots > 1 ? Number.POSITIVE_INFINITY : finalizableFrom(windowEnd, round, reactionSeconds);
}

/** The second from which an open claim can be finalized, as far as time decides it. */
export function finalizableFrom(windowEnd: number, round: RoundView, reactionSeconds: number): number {
  const inReaction = round.finalizedAt === 0 && round.contradictionEndedAt !== 0;
  return inReaction ? Math.max(windowEnd, round.contradictionEndedAt + reactionSeconds) : windowEnd;
}

/** The second from which the reward on a final build can be paid. @param openClaims claims of the build that are not settled. */
export function rewardDueFrom(round: RoundView, openClaims: number, parameters: Parameters): number {
  if (openClaims === 0) return round.finalizedAt;
  const roundOver = Math.max(round.finalizedAt, round.joinDeadline + parameters.maxWindowSeconds);
  return roundOver + rewardDelaySeconds(parameters);
}

/** Whether a commitment can no longer be revealed in the open round, or at all: then its bond comes back whole. */
export function isReturnable(committedAt: number, round: RoundView, minCommitAgeSeconds: number): boolean {
  const isOpen = round.openRoots !== 0 || round.finalizedAt !== 0;
  return isOpen && round.joinDeadline <= committedAt + minCommitAgeSeconds;
}
