import { finalizableFrom, isReturnable, rewardDueFrom } from "../../../src/protocol/rounds.ts";
import type { Call, Outcome, Party } from "./calls.ts";
import type { ModelChain } from "./modelChain.ts";
import type { ClaimSeat, MadeClaim } from "./scenario.ts";

export interface Actor {
  readonly party: Party;
  readonly honest: boolean;
  readonly name: string;
}

/** Something that somebody wants to send, not before `at`. */
export interface Wish {
  readonly at: number;
  readonly actor: Actor;
  readonly call: Call | (() => Call);
  /** Once it has been refused, no wish of this key is tried again before something has happened. */
  readonly key: string;
  readonly done?: (outcome: Outcome, at: number) => void;
}

/** Whatever ends commitments, claims and builds, in the first second in which it can. */
export function endingWishes(chain: ModelChain, all: readonly MadeClaim[], sniped: Set<string>): Wish[] {
  const { minCommitAgeSeconds, maxCommitAgeSeconds, reactionSeconds } = chain.parameters;
  const wishes: Wish[] = [];
  for (const made of all) {
    const { seat, id, reference, details, committedAt } = made;
    const actor = { ...actorOf(seat), honest: false };
    const wish = (at: number, call: Call, done?: Wish["done"]) =>
      wishes.push({ at, actor, call, key: `${call.kind} ${id}`, ...(done && { done }) });
    const { buildId } = reference;
    const build = chain.build(buildId);
    if (made.refused) {
      const done = ({ ok }: Outcome) => {
        made.refused = !ok;
      };
      if (isReturnable(committedAt!, build, minCommitAgeSeconds)) {
        wish(0, { kind: "returnCommit", claim: reference }, done);
      } else {
        const expire: Call = { kind: "expireCommit", solver: seat.party, claimId: id };
        wish(committedAt! + maxCommitAgeSeconds + 1, expire, done);
      }
    }
    const claim = chain.claim(id);
    if (claim?.status === "open" && claim.openChallenges === 0 && build.openRoots === 1) {
      const from = finalizableFrom(claim.windowEnd, build, reactionSeconds);
      wish(from, { kind: "finalize", claim: reference, details });
    }
    if (build.finalizedAt === 0 || build.reward === 0n) continue;
    // Everybody who has a claim on the build tries for its reward, at once and when it is due.
    wish(rewardDueFrom(build, build.openClaims, chain.parameters), { kind: "payReward", buildId });
    const key = `snipe ${id} ${build.openClaims}`;
    const done = () => void sniped.add(key);
    if (!sniped.has(key)) wishes.push({ at: 0, actor, call: { kind: "payReward", buildId }, key, done });
  }
  return wishes;
}

export function actorOf({ party, honest, strategy }: ClaimSeat): Actor {
  return { party, honest, name: strategy.name };
}

/** An honest solver's answer together with all others that it has ready at that moment. */
export function bundled(first: Wish, moves: readonly Wish[]): Wish {
  if (!first.actor.honest || !isAnswer(first)) return first;
  const ready = moves.filter((one) => isAnswer(one) && one.actor.party === first.actor.party && one.at <= first.at);
  if (ready.length === 1) return first;
  return { ...first, call: { kind: "multicall", calls: ready.map(({ call }) => call as Call) } };
}

function isAnswer({ call }: Wish): boolean {
  return "kind" in call && call.kind === "move" && ["postRow", "openTick"].includes(call.move.kind);
}
