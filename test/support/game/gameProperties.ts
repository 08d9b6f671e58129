import {
  claimWindowSeconds,
  disputeSeconds,
  finalityBoundSeconds,
  type Parameters,
} from "../../../src/protocol/parameters.ts";
import type { PlayedCall, Report } from "./playGame.ts";

/**
 * What must hold of every game whatever the adversaries do. Returns the facts that do not hold, in words.
 *
 * Honest moves never revert. A wrong claim with an honest challenger falls, an honest claim never does, and it becomes final
 * unless a wrong claim stands that nobody honest challenges. No honest party ends with less money than it came with. A
 * dispute with an honest side in it is over after D seconds and the one in which the time-out is called; the build is final
 * within its bound, plus one second for each call, if every wrong claim is challenged honestly within its window.
 */
export function brokenProperties({ calls, claims, challenges, net }: Report, parameters: Parameters): string[] {
  const broken: string[] = [];
  for (const played of calls) {
    if (played.honest && !played.outcome.ok && !isTooLateToChallenge(played)) {
      const kind = played.call.kind === "move" ? played.call.move.kind : played.call.kind;
      broken.push(`${played.strategy}: ${kind} at ${played.at} reverts with ${played.outcome.error}`);
    }
  }
  const challenged = (claim: number) => challenges.some(({ seat }) => seat.honest && seat.claim === claim);
  const allWrongChallenged = claims.every(({ seat, status }, i) => seat.honest || status === "none" || challenged(i));
  for (const [i, { seat, status }] of claims.entries()) {
    const name = `claim ${i} of ${seat.strategy.name}`;
    if (seat.honest && (status === "refuted" || (allWrongChallenged && status !== "final"))) {
      broken.push(`honest ${name} is ${status}`);
    }
    if (!seat.honest && challenged(i) && status !== "refuted") broken.push(`wrong ${name} is ${status}`);
  }
  const took = secondsToFinality(calls);
  const bound = finalityBoundSeconds(parameters, Math.max(...claims.map(({ seat }) => seat.log2Ticks))) + calls.length;
  if (challengedInTime(claims, challenges, parameters) && took !== undefined && took > bound) {
    broken.push(`finality took ${took} s, more than ${bound}`);
  }
  for (const { seat, openedAt, endedAt, status } of challenges) {
    if (seat.honest && status !== "closed") broken.push(`the honest challenge of ${seat.strategy.name} is ${status}`);
    const claim = claims[seat.claim]!.seat;
    const most = disputeSeconds(parameters, claim.log2Ticks) + 1;
    if ((seat.honest || claim.honest) && endedAt - openedAt > most) {
      broken.push(`the dispute of ${seat.strategy.name} took ${endedAt - openedAt} s, more than ${most}`);
    }
  }
  for (const party of new Set(calls.filter(({ honest }) => honest).map(({ from }) => from))) {
    const standing = claims.filter(({ seat, status }) => seat.party === party && status === "open").length;
    const balance = (net.get(party) ?? 0n) + BigInt(standing) * parameters.solverBond;
    if (balance < 0n) broken.push(`honest ${party} lost ${-balance} wei`);
  }
  return broken;
}

/** Whether somebody honest challenges every wrong claim in the claim's own window. */
function challengedInTime(claims: Report["claims"], challenges: Report["challenges"], parameters: Parameters): boolean {
  return claims.every(({ seat, status }, i) => {
    const window = claimWindowSeconds(parameters, seat.log2Ticks);
    const inTime = challenges.some(({ seat: { honest, claim, after } }) => honest && claim === i && after <= window);
    return seat.honest || status === "none" || inTime;
  });
}

/** From the first reveal to the first claim that becomes final. */
function secondsToFinality(calls: readonly PlayedCall[]): number | undefined {
  const first = (kind: string) => calls.find(({ call, outcome }) => outcome.ok && call.kind === kind)?.at;
  const [revealed, finalized] = [first("reveal"), first("finalize")];
  return revealed === undefined || finalized === undefined ? undefined : finalized - revealed;
}

/** A challenge to a claim that has just fallen is no illegal move: somebody else was faster. */
function isTooLateToChallenge({ call, outcome }: PlayedCall): boolean {
  return call.kind === "challenge" && !outcome.ok && outcome.error === "ClaimNotOpen";
}
