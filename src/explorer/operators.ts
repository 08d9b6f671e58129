import { addressOf } from "./claimRecords.ts";
import type { ClaimSummary, DisputeDetail, OperatorSummary } from "./records.ts";

/** Something that an account did itself. */
export interface Act {
  readonly address: string;
  readonly timestamp: number;
  /** Seconds since the other side's move, of an answer or a selection. */
  readonly seconds?: number | undefined;
}

/** What accounts did in a build, in no particular order. */
export function actsOf(claims: readonly ClaimSummary[], disputes: readonly DisputeDetail[]): Act[] {
  const reveals = claims.map(({ solver, revealedAt }) => ({ address: addressOf(solver), timestamp: revealedAt }));
  return [...reveals, ...disputes.flatMap(movesIn)];
}

/** Adds up what an account did; `claims` and `disputes` may hold those of others too. */
export function operatorSummaryOf(
  chain: OperatorSummary["chain"],
  address: OperatorSummary["address"],
  claims: readonly ClaimSummary[],
  disputes: readonly DisputeDetail[],
): OperatorSummary {
  const own = claims.filter(({ solver }) => solver === address);
  const challenges = disputes.filter(({ challenger }) => challenger === address);
  const acts = actsOf(claims, disputes).filter((act) => act.address === address);
  const seconds = acts.flatMap((act) => (act.seconds === undefined ? [] : [act.seconds])).sort((a, b) => a - b);
  return {
    chain,
    address,
    claims: own.length,
    final: own.filter(({ status }) => status === "final").length,
    refuted: own.filter(({ status }) => status === "refuted").length,
    challenges: challenges.length,
    won: challenges.filter(({ won }) => won).length,
    lost: challenges.filter(({ status }) => status === "lost").length,
    duties: disputes.filter((dispute) => dutyOf(dispute) === address).length,
    medianResponseSeconds: seconds[(seconds.length - 1) >> 1],
    lastSeen: acts.reduce((last, { timestamp }) => Math.max(last, timestamp), 0),
  };
}

/** The account whose turn it is; undefined in a dispute that is over. */
export function dutyOf({ turn, solver, challenger }: DisputeDetail): string | undefined {
  if (turn === undefined) return undefined;
  return turn.side === "solver" ? solver : challenger;
}

function movesIn({ moveList, solver, challenger }: DisputeDetail): Act[] {
  return moveList.flatMap(({ by, timestamp, name }, i) => {
    if (by === "anyone") return [];
    const address = by === "solver" ? solver : challenger;
    const seconds = name === "ChallengeOpened" || i === 0 ? undefined : timestamp - moveList[i - 1]!.timestamp;
    return [{ address, timestamp, ...(seconds !== undefined && { seconds }) }];
  });
}
