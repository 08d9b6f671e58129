import { disputeSeconds, finalityBoundSeconds, type Parameters, splitBond } from "../../../src/protocol/parameters.ts";
import { nameOf, type Party } from "./calls.ts";
import type { PlayedChallenge, PlayedClaim, Report } from "./scenario.ts";

/**
 * What must hold of every game whatever the adversaries do (PROTOCOL, "What holds"). Returns the facts that do not hold, in
 * words. A claim is watched if somebody honest challenges it in any case, or a verifier that never sleeps had money for its
 * build.
 */
export function brokenProperties(report: Report, parameters: Parameters): string[] {
  return [
    ...illegalMoves(report),
    ...wrongResults(report),
    ...honestLosses(report),
    ...delays(report, parameters),
    ...cheapAttacks(report, parameters),
  ];
}

/** No move of an honest party is refused, but for a claim that has just fallen. */
function* illegalMoves({ calls }: Report): Generator<string> {
  for (const { honest, outcome, call, at, name } of calls) {
    if (!honest || outcome.ok || (call.kind === "challenge" && outcome.error === "ClaimNotOpen")) continue;
    yield `${name}: ${nameOf(call)} at ${at} is refused with ${outcome.error}(${outcome.args.map(String)})`;
  }
}

function isWatched(report: Report, claim: PlayedClaim): boolean {
  const number = report.claims.indexOf(claim);
  if (report.challenges.some((one) => one.honest && one.claim === number)) return true;
  return report.verifiers.some(
    ({ seat, exposed }) => seat.asleep.length === 0 && watches(seat.truths, claim) && !exposed.has(claim.id),
  );
}

function watches(truths: readonly { startProof(): { rest: string } }[], { seat }: PlayedClaim): boolean {
  return truths.some((truth) => truth.startProof().rest === seat.trace.startProof().rest);
}

/** T1: a wrong claim that is watched falls. An honest claim never does. */
function* wrongResults(report: Report): Generator<string> {
  for (const [number, claim] of report.claims.entries()) {
    const { seat, status } = claim;
    if (status === "none") continue;
    const name = `claim ${number} of ${seat.strategy.name}`;
    if (!seat.right && status !== "refuted" && isWatched(report, claim)) yield `T1: wrong ${name} is ${status}`;
    if (seat.honest && status === "refuted") yield `T2: honest ${name} is refuted`;
  }
}

/** T2: no honest party loses money, or a challenge. */
function* honestLosses({ calls, challenges, net, standing }: Report): Generator<string> {
  for (const { honest, name, status } of challenges) {
    if (honest && status !== "closed") yield `T2: the honest challenge of ${name} is ${status}`;
  }
  for (const party of new Set(calls.filter(({ honest }) => honest).map(({ from }) => from))) {
    const has = (net.get(party) ?? 0n) + (standing.get(party) ?? 0n);
    if (has < 0n) yield `T2: honest ${party} lost ${-has} wei`;
  }
}

/**
 * T3: a dispute with an honest side lasts at most D; an honest claim in a round whose wrong claims are all watched is final
 * within its bound. Both may take a second more for each call, as no two calls share one here.
 */
function* delays(report: Report, parameters: Parameters): Generator<string> {
  const { claims, challenges, calls } = report;
  for (const { honest, name, claim, openedAt, endedAt } of challenges) {
    const most = disputeSeconds(parameters, claims[claim]!.seat.log2Ticks) + 1;
    if ((honest || claims[claim]!.seat.honest) && endedAt - openedAt > most) {
      yield `T3: the dispute of ${name} took ${endedAt - openedAt} s, more than ${most}`;
    }
  }
  for (const [number, { seat, reference, roundAt, finalAt }] of claims.entries()) {
    if (!seat.honest || roundAt === undefined) continue;
    const round = claims.filter((one) => one.reference.buildId === reference.buildId && one.roundAt === roundAt);
    if (!round.every((one) => one.seat.right || isWatched(report, one))) continue;
    const longest = Math.max(...round.map((one) => one.seat.log2Ticks));
    const most = finalityBoundSeconds(parameters, seat.log2Ticks, longest) + calls.length;
    if (finalAt === undefined) yield `T3: honest claim ${number} is not final`;
    else if (finalAt - roundAt > most)
      yield `T3: honest claim ${number} took ${finalAt - roundAt} s, more than ${most}`;
  }
}

/**
 * T4: together, those who do not follow the protocol lose at least the burned share for each of their claims that is
 * refuted, and for each stake that is lost at least its burned share, or all of it if it was lost to an honest solver or had
 * covered several claims. Verifiers with outages count among them, since they can lose their stakes to them.
 */
function* cheapAttacks(
  { calls, claims, challenges, net, standing }: Report,
  parameters: Parameters,
): Generator<string> {
  const { solverBond, challengerBond, burnPermille } = parameters;
  const honest = new Set(calls.filter((one) => one.honest).map(({ from }) => from));
  const isDishonest = (party: Party) => !honest.has(party);
  const refuted = claims.filter(({ seat, status }) => isDishonest(seat.party) && status === "refuted").length;
  let price = BigInt(refuted) * splitBond(solverBond, burnPermille).burned;
  const stakes = new Map<string, PlayedChallenge[]>();
  for (const one of challenges.filter(({ stakeLost }) => stakeLost)) {
    const key = `${one.party} ${one.stakeNumber} ${claims[one.claim]!.reference.buildId}`;
    stakes.set(key, [...(stakes.get(key) ?? []), one]);
  }
  for (const [first, ...others] of stakes.values()) {
    if (!isDishonest(first!.party)) continue;
    const lost = [first!, ...others].filter(({ status }) => status === "lost");
    const toHonest = lost.every(({ claim }) => claims[claim]!.seat.honest);
    price += toHonest || first!.several ? challengerBond : splitBond(challengerBond, burnPermille).burned;
  }
  let balance = 0n;
  for (const [party, amount] of net) if (isDishonest(party)) balance += amount + (standing.get(party) ?? 0n);
  if (balance > -price) yield `T4: the adversaries lost ${-balance} wei only, not ${price}`;
}
