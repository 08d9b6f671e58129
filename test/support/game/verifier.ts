import type { Root } from "../../../src/core/bytes.ts";
import { type Assessment, assessClaim } from "../../../src/protocol/assessClaim.ts";
import { divideReserve } from "../../../src/protocol/reserve.ts";
import { challengeableUntil } from "../../../src/protocol/rounds.ts";
import type { Call } from "./calls.ts";
import type { ModelChain } from "./modelChain.ts";
import type { MadeClaim, PlayedChallenge, VerifierSeat } from "./scenario.ts";
import { awakeFrom } from "./strategies.ts";
import type { GameTrace } from "./world.ts";

type OpenClaim = NonNullable<ReturnType<ModelChain["claim"]>>;

/** What a verifier wants to do outside its challenges. */
export interface VerifierWish {
  readonly at: number;
  readonly call: Call;
  /** Number of the claim that it challenges, and what the build gives in truth. */
  readonly claim?: number;
  readonly truth?: GameTrace;
}

/** The verifier of `VerifierSeat`, on the protocol's own logic: `assessClaim` and `divideReserve`. */
export class Verifier {
  /** Wrong claims that it could not challenge when it saw them, for want of money. */
  readonly exposed = new Set<Root>();
  private readonly verdicts = new Map<Root, Assessment>();
  private truths: Map<Root, GameTrace> | undefined;

  constructor(
    readonly seat: VerifierSeat,
    readonly chain: ModelChain,
    readonly begin: number,
  ) {}

  /**
   * @param made all claims of the game; only what has been revealed is looked at.
   * @param own its challenges so far, the ended ones too.
   * @param funds wei that it has now.
   */
  async next(
    made: readonly MadeClaim[],
    own: readonly PlayedChallenge[],
    funds: bigint,
  ): Promise<VerifierWish | undefined> {
    const { chain, seat } = this;
    this.truths ??= new Map(
      await Promise.all(seat.truths.map(async (truth) => [(await truth.tickRoots([0]))[0]!, truth] as const)),
    );
    const open: { readonly number: number; readonly one: MadeClaim; readonly claim: OpenClaim }[] = [];
    for (const [number, one] of made.entries()) {
      const claim = one.revealedAt === undefined ? undefined : chain.claim(one.id);
      if (claim?.status === "open" && this.truths.has(claim.buildId)) open.push({ number, one, claim });
    }
    open.sort((a, b) => a.one.revealedAt! - b.one.revealedAt!);
    const builds = [...new Set(open.map(({ claim }) => claim.buildId))];
    const stakes = new Map(builds.map((id) => [id, this.stake(id)] as const));
    const watched = builds.map((buildId) => ({ buildId, staked: stakes.get(buildId)!.live }));
    const bond = chain.parameters.challengerBond;
    const reserve = divideReserve(watched, funds, bond, 0n);
    let best = this.idleStake(builds);
    for (const { number, one, claim } of open) {
      const verdict = await this.assess(one, claim);
      if (verdict.verdict === "right") continue;
      if (!reserve.protected.has(claim.buildId)) {
        this.exposed.add(one.id);
        continue;
      }
      const before = own.filter((before) => before.claim === number);
      if (before.some(({ status }) => status === "open")) continue;
      const since = Math.max(one.revealedAt!, ...before.map(({ endedAt }) => endedAt));
      const at = this.awake(since + seat.lag);
      const until = challengeableUntil(claim.windowEnd, chain.build(claim.buildId), chain.parameters.reactionSeconds);
      if (at >= until || (best !== undefined && best.at <= at)) continue;
      const { number: stakeNumber, live } = stakes.get(claim.buildId)!;
      const { reference, details } = one;
      const value = live ? 0n : bond;
      const call: Call = { kind: "challenge", claim: reference, details, start: verdict.start, stakeNumber, value };
      best = { at, call, claim: number, truth: this.truths.get(claim.buildId)! };
    }
    return best;
  }

  private awake(at: number): number {
    const soonest = Math.max(this.chain.now() + 1, at);
    return this.begin + awakeFrom(soonest - this.begin, this.seat.asleep);
  }

  private async assess({ id, checkpoints }: MadeClaim, claim: OpenClaim): Promise<Assessment> {
    const known = this.verdicts.get(id);
    const verdict = known ?? (await assessClaim(claim, this.truths!.get(claim.buildId)!, { roots: checkpoints }));
    this.verdicts.set(id, verdict);
    return verdict;
  }

  /** The stake that it uses on a build now: the first that is neither lost nor returned. */
  private stake(buildId: Root) {
    for (let number = 0n; ; number++) {
      const { status, open } = this.chain.stake(this.seat.party, buildId, number);
      if (status === "live" || status === "none") return { number, live: status === "live", open };
    }
  }

  /** A stake on a build that has no open claim. */
  private idleStake(busy: readonly Root[]): VerifierWish | undefined {
    for (const buildId of this.truths!.keys()) {
      if (busy.includes(buildId)) continue;
      const { number: stakeNumber, live, open } = this.stake(buildId);
      if (live && open === 0) return { at: this.awake(0), call: { kind: "returnStake", buildId, stakeNumber } };
    }
    return undefined;
  }
}
