import type { Root } from "../../../src/core/bytes.ts";
import { challengeIdOf, stakeKeyOf } from "../../../src/protocol/challenge.ts";
import { CheckpointTree } from "../../../src/protocol/checkpoints.ts";
import { claimIdOf, detailsOf, referenceOf } from "../../../src/protocol/claim.ts";
import { hashWords } from "../../../src/protocol/hash.ts";
import { type Call, type ChallengeCall, nameOf, type Outcome, type Party } from "./calls.ts";
import { bookChallenger } from "./challengerStrategies.ts";
import type { ModelChain } from "./modelChain.ts";
import { coveredBy } from "./modelState.ts";
import type { MadeClaim, PlayedCall, PlayedChallenge, Report, RewardSeat, Scenario } from "./scenario.ts";
import { type Strategy, sleeping } from "./strategies.ts";
import { Verifier } from "./verifier.ts";
import { type Actor, actorOf, bundled, endingWishes, type Wish } from "./wishes.ts";
import { checkpointRoots, fieldsOf } from "./world.ts";

/** Calls a game may have before it counts as endless. */
const mostCalls = 5_000;

/** Called after each call. */
export type Watch = (played: PlayedCall) => void;

/** Plays a scenario to its end: every claim is refuted or final, or stands against a contradiction that nobody resolves. */
export async function playGame(chain: ModelChain, scenario: Scenario, watch?: Watch): Promise<Report> {
  const game = new Game(chain, scenario, watch);
  await game.begin();
  await game.play();
  return game.report();
}

interface Opened extends Omit<PlayedChallenge, "endedAt" | "status" | "stakeLost" | "several"> {
  readonly sides: readonly { readonly actor: Actor; readonly strategy: Strategy }[];
}

class Game {
  private readonly calls: PlayedCall[] = [];
  private readonly net = new Map<Party, bigint>();
  private readonly made: MadeClaim[] = [];
  private readonly opened: Opened[] = [];
  private readonly refused = new Set<string>();
  private readonly sniped = new Set<string>();
  private readonly verifiers: Verifier[] = [];
  private agenda: Wish[] = [];

  constructor(
    readonly chain: ModelChain,
    readonly scenario: Scenario,
    readonly watch: Watch = () => {},
  ) {}

  /** Puts the rewards on, and commits to the claims in the order of the scenario: it is their seniority. */
  async begin(): Promise<void> {
    const { chain, scenario } = this;
    const first = chain.now() + scenario.claims.length + 5 + chain.parameters.minCommitAgeSeconds;
    for (const [number, seat] of (scenario.rewards ?? []).entries()) await this.putReward(seat, number, first);
    const begin = chain.now() + 1;
    for (const [number, seat] of scenario.claims.entries()) {
      const own = await fieldsOf(seat.trace, seat.log2Ticks, seat.log2CheckpointTicks);
      const roots = await checkpointRoots(seat.trace, seat.log2Ticks, seat.log2CheckpointTicks);
      const checkpoints = seat.checkpoints ?? roots;
      const fields = { ...own, checkpointRoot: new CheckpointTree({ roots: checkpoints }).root };
      const salt = hashWords(number);
      const reference = referenceOf(seat.party, salt, fields);
      const id = claimIdOf(chain.chainId, chain.address, reference);
      const made: MadeClaim = { seat, id, reference, details: detailsOf(fields, salt), checkpoints, salt };
      this.made.push(made);
      const value = chain.parameters.solverBond;
      this.agenda.push({
        at: seat.commitAfter === undefined ? begin + number : first + seat.commitAfter,
        actor: actorOf(seat),
        call: { kind: "commit", claimId: id, value },
        key: `commit ${number}`,
        done: (_, at) => {
          made.committedAt = at;
        },
      });
      this.planClaim(made, first);
    }
    for (const [number, seat] of scenario.challenges.entries()) {
      const made = this.made[seat.claim]!;
      const actor = { ...seat, name: seat.strategy.name };
      const open = (): ChallengeCall => {
        const { buildId } = made.reference;
        const stakeNumber = seat.stakeNumber ?? 0n;
        const { status } = chain.stake(seat.party, buildId, stakeNumber);
        const value = status === "none" ? chain.parameters.challengerBond : 0n;
        return {
          kind: "challenge",
          claim: made.reference,
          details: made.details,
          start: seat.start,
          stakeNumber,
          value,
        };
      };
      this.agenda.push({
        at: first + made.seat.revealAfter + seat.after,
        actor,
        call: open,
        key: `challenge ${number}`,
        done: ({ ok }, at) => {
          if (ok) this.open(actor, seat.strategy, seat.claim, seat.stakeNumber ?? 0n, at);
        },
      });
    }
    for (const seat of scenario.verifiers ?? []) this.verifiers.push(new Verifier(seat, chain, first));
  }

  private planClaim(made: MadeClaim, first: number): void {
    const { seat, reference: claim, details } = made;
    const fields = { ...claim, ...details, locator: "" };
    const proofs = { startProof: seat.trace.startProof(), endProof: seat.trace.endProof() };
    this.agenda.push({
      at: first + seat.revealAfter,
      actor: actorOf(seat),
      call: { kind: "reveal", fields, salt: made.salt, ...proofs },
      key: `reveal ${made.id}`,
      done: ({ ok }, at) => this.revealed(made, ok, at),
    });
    if (seat.finalizeAfter === undefined) return;
    const actor = { ...actorOf(seat), honest: false };
    const at = first + seat.revealAfter + seat.finalizeAfter;
    this.agenda.push({ at, actor, call: { kind: "finalize", claim, details }, key: `early ${made.id}` });
  }

  private revealed(made: MadeClaim, ok: boolean, at: number): void {
    if (!ok) {
      made.refused = true;
      return;
    }
    made.revealedAt = at;
    const { joinDeadline } = this.chain.build(made.reference.buildId);
    made.roundAt = joinDeadline - this.chain.parameters.baseWindowSeconds;
  }

  private async putReward(
    { party, buildId, amount, expiresAfter }: RewardSeat,
    number: number,
    first: number,
  ): Promise<void> {
    const actor = { party, honest: false, name: "requester" };
    const expiry = first + expiresAfter;
    const fields = { buildId, expiry, number: BigInt(number) };
    await this.send({ at: 0, actor, call: { kind: "request", ...fields, value: amount }, key: "" });
    const refund: Call = { kind: "refundRequest", request: { requester: party, ...fields } };
    this.agenda.push({ at: expiry, actor, call: refund, key: `refund ${number}` });
  }

  private open(actor: Actor, strategy: Strategy, claim: number, stakeNumber: bigint, openedAt: number): void {
    const { reference, id: claimId, seat } = this.made[claim]!;
    const id = challengeIdOf(stakeKeyOf(actor.party, reference.buildId, stakeNumber), claimId);
    const sides = [
      { actor, strategy },
      { actor: actorOf(seat), strategy: seat.strategy },
    ];
    const { party, honest, name } = actor;
    this.opened.push({ party, honest, name, claim, id, stakeNumber, openedAt, sides });
  }

  async play(): Promise<void> {
    for (;;) {
      const wish = await this.next();
      if (wish === undefined) return;
      this.agenda = this.agenda.filter(({ key }) => key !== wish.key);
      const { ok } = await this.send(wish);
      if (ok) this.refused.clear();
      else this.refused.add(wish.key);
    }
  }

  private async send({ actor, call: planned, at: wanted, done }: Wish): Promise<Outcome> {
    if (this.calls.length >= mostCalls) throw new Error("the game does not end");
    const { party: from, honest, name } = actor;
    const call = typeof planned === "function" ? planned() : planned;
    const outcome = await this.chain.send(from, call, Math.max(this.chain.now() + 1, wanted));
    // A chain may have let others in front.
    const at = this.chain.now();
    const played = { from, honest, name, call, at, outcome };
    this.calls.push(played);
    if (outcome.ok) {
      const change = outcome.received - ("value" in call ? call.value : 0n);
      this.net.set(from, (this.net.get(from) ?? 0n) + change);
    }
    done?.(outcome, at);
    this.watch(played);
    return outcome;
  }

  /** The earliest wish of all; of two for the same second an adversary's comes first. */
  private async next(): Promise<Wish | undefined> {
    const soonest = this.chain.now() + 1;
    let best: Wish | undefined;
    const consider = (wish: Wish) => {
      const at = Math.max(soonest, wish.at);
      const earlier = best === undefined || at < best.at || (at === best.at && best.actor.honest && !wish.actor.honest);
      if (!this.refused.has(wish.key) && earlier) best = { ...wish, at };
    };
    for (const wish of this.agenda) consider(wish);
    const moves = await this.moves(soonest);
    for (const wish of moves) consider(wish);
    for (const wish of await this.openings()) consider(wish);
    for (const wish of endingWishes(this.chain, this.made, this.sniped)) consider(wish);
    return best && bundled(best, moves);
  }

  private async moves(soonest: number): Promise<Wish[]> {
    const wishes: Wish[] = [];
    for (const { id, sides } of this.opened) {
      for (const { actor, strategy } of sides) {
        const found = await this.decide(strategy, id, soonest);
        if (found === undefined) continue;
        const { move, at, as } = found;
        const sender = as === undefined ? actor : { ...actor, party: as, honest: false };
        wishes.push({ at, actor: sender, call: { kind: "move", move }, key: `${actor.party} in ${id}` });
      }
    }
    return wishes;
  }

  /** The strategy's next move, asked again at every moment it wants to wait for. */
  private async decide(strategy: Strategy, id: Root, soonest: number) {
    let at = soonest;
    for (let asked = 0; asked < 4; asked++) {
      const decision = await strategy.next(await this.chain.dispute(id, at));
      if (decision === undefined) return undefined;
      if ("move" in decision) return { ...decision, at: Math.max(decision.at, at) };
      if (decision.until <= at) return undefined;
      at = decision.until;
    }
    return undefined;
  }

  /** What the verifiers want beside the moves in their challenges. */
  private async openings(): Promise<Wish[]> {
    const wishes: Wish[] = [];
    for (const verifier of this.verifiers) {
      const { party, funds, asleep } = verifier.seat;
      const own = this.challengesOf(party);
      const money = funds + (this.net.get(party) ?? 0n);
      const wish = await verifier.next(this.made, own, money);
      // It cannot send what it does not have.
      if (wish === undefined || ("value" in wish.call && wish.call.value > money)) continue;
      const { at, call, claim, truth } = wish;
      const actor = { party, honest: asleep.length === 0, name: "verifier" };
      const times = asleep.map(([from, to]) => [verifier.begin + from, verifier.begin + to] as const);
      const done = ({ ok }: Outcome, openedAt: number) => {
        if (!ok || call.kind !== "challenge") return;
        this.open(actor, sleeping(bookChallenger(truth!), times), claim!, call.stakeNumber, openedAt);
      };
      wishes.push({ at, actor, call, key: `${party} ${nameOf(call)} ${claim}`, done });
    }
    return wishes;
  }

  private challengesOf(party?: Party): PlayedChallenge[] {
    const { state } = this.chain;
    return this.opened.flatMap(({ sides, ...one }) => {
      if (party !== undefined && one.party !== party) return [];
      const { status, lostAt, claim, stakeKey } = state.challenges.get(one.id)!;
      const stakeLost = state.stakes.get(stakeKey)!.status === "lost";
      const several = coveredBy(state, stakeKey).length > 1;
      return [{ ...one, endedAt: lostAt ?? claim.endedAt ?? Number.POSITIVE_INFINITY, status, stakeLost, several }];
    });
  }

  report(): Report {
    const { state, parameters } = this.chain;
    const standing = new Map<Party, bigint>();
    const add = (to: Map<Party, bigint>, party: Party, amount: bigint) => to.set(party, (to.get(party) ?? 0n) + amount);
    const claims = this.made.map((made) => {
      const found = [...state.claims.values()].find(({ id }) => id === made.id);
      const { status = "committed", endedAt } = found ?? {};
      if (status === "open") add(standing, made.seat.party, parameters.solverBond);
      const seen = status === "committed" || status === "returned" ? ("none" as const) : status;
      return { ...made, status: seen, finalAt: status === "final" ? endedAt : undefined };
    });
    for (const { challenger, status } of state.stakes.values()) {
      if (status === "live") add(standing, challenger, parameters.challengerBond);
    }
    for (const [party, credited] of state.credits) add(this.net, party, credited);
    const verifiers = this.verifiers.map(({ seat, exposed }) => ({ seat, exposed }));
    return { calls: this.calls, claims, challenges: this.challengesOf(), verifiers, net: this.net, standing };
  }
}
