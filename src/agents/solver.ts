import type { Happening } from "../chain/history.ts";
import type { ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { Reserve } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { Assessor } from "./assessor.ts";
import type { Builds, FinishedBuild } from "./builds.ts";
import type { Claimant, OwnClaim } from "./claimant.ts";
import { playDispute, type Withhold } from "./disputes.ts";
import { disputeGasCost, reserveFor, warnAboutBalance } from "./funds.ts";
import { locatorsOf } from "./locators.ts";
import type { Round } from "./loop.ts";
import { collectReward, finalizeClaim, returnStakes, withdraw } from "./settlement.ts";

export interface SolverOptions {
  /** Whether to challenge claims that contradict an own one. */
  readonly challengeContradictions: boolean;
  /** Moves that an injected fault keeps back. */
  readonly withhold?: Withhold;
}

/**
 * Finds requested builds, runs and claims them, defends its claims, challenges what contradicts them, and collects. Every
 * round looks at the chain afresh; nothing is remembered that a new process would not find again.
 */
export class Solver {
  readonly #assessor: Assessor;
  /** Whether a build was still running when this round looked; what it came to is for the next round. */
  #underWay = false;

  constructor(
    private readonly agent: Agent,
    private readonly builds: Builds,
    private readonly claimant: Claimant,
    private readonly options: SolverOptions,
  ) {
    this.#assessor = new Assessor(agent);
  }

  /** Does all that can be done now. */
  async round(): Promise<Round> {
    const { agent } = this;
    const { happenings } = await agent.ledger.refresh();
    for (const happening of happenings) this.#notice(happening);
    const { history } = agent.ledger;
    let busy = false;
    this.#underWay = false;

    const own = [...history.claims.values()].filter(({ solver }) => agent.isMine(solver));
    const wanted = this.#requested();
    const needed = new Set([...wanted, ...own.filter(isOpen).map(({ fields }) => fields.buildId)]);
    for (const buildId of needed) this.#obtain(buildId);
    const claimed = [...new Set(own.filter(isOpen).map(({ fields }) => fields.buildId))];
    const reserve = await reserveFor(agent, this.options.challengeContradictions ? claimed : []);
    busy = (await agent.each(own.filter(isOpen), "defend", async (claim) => await this.#defend(claim))) || busy;
    busy = (await agent.each(wanted, "claim", async (buildId) => await this.#claim(buildId, reserve))) || busy;
    busy = (await agent.each(own, "settle", async (claim) => await this.#settle(claim))) || busy;
    if (own.length > 0) {
      busy = (await agent.each([0], "withdraw", async () => await withdraw(agent))) || busy;
      busy = (await returnStakes(agent)) || busy;
    }
    await agent.each([0], "watch the balance", async () => {
      const next = agent.chain.parameters.solverBond + (await disputeGasCost(agent, "solver"));
      await warnAboutBalance(agent, reserve.setAside + next, "the next claim and a dispute about it");
      return false;
    });
    await this.builds.keepOnly(needed);
    if (busy) return "acted";
    return this.#underWay || this.builds.pending ? "waiting" : "idle";
  }

  /**
   * Builds that somebody pays enough for, and that are not final. What has expired, or is below the least reward, is passed over
   * without a word of its own: anybody can make as many such requests as it likes.
   */
  #requested(): Set<Root> {
    const { history, now } = this.agent.ledger;
    const { minReward } = this.agent.limits;
    const wanted = new Set<Root>();
    let passedOver = 0;
    for (const build of history.builds.values()) {
      if (build.finalClaim !== undefined || build.requests.length === 0) continue;
      const open = build.requests
        .map((id) => history.requests.get(id)!)
        .filter(({ refunded, expiry }) => !refunded && expiry > now);
      const reward = open.reduce((sum, { amount }) => sum + amount, 0n);
      if (reward > 0n && reward >= minReward) wanted.add(build.buildId);
      else passedOver++;
    }
    if (passedOver > 0) {
      this.agent.once("passed over", () =>
        this.agent.log.info(
          { builds: passedOver, least: minReward },
          "requests passed over: expired, or reward too small",
        ),
      );
    }
    return wanted;
  }

  #obtain(buildId: Root): FinishedBuild | undefined {
    const state = this.builds.want(buildId, locatorsOf(this.agent.ledger.history, buildId));
    if (state.kind === "pending") this.#underWay = true;
    if (state.kind === "failed") {
      const { code, why } = state;
      this.agent.once(`failed ${buildId} ${why}`, () =>
        this.agent.log.warn({ build: buildId, code, why }, "cannot run this build"),
      );
    }
    return this.builds.ready(buildId);
  }

  /** Claims a requested build, unless somebody has claimed the same already. */
  async #claim(buildId: Root, reserve: Reserve): Promise<boolean> {
    const { agent, claimant, options } = this;
    const build = this.#obtain(buildId);
    if (build === undefined) return false;
    const claim = await claimant.claimOn(build);
    const others = agent.ledger.history.livingClaims(buildId).filter(({ solver }) => !agent.isMine(solver));
    const taken = others.some(({ fields }) => fields.finalRoot === build.finalRoot);
    let busy = await claimant.advance(claim, !taken);
    if (options.challengeContradictions && agent.ledger.history.claims.has(claim.claimId)) {
      if (reserve.protected.has(buildId)) busy = (await this.#assessor.challengeWrong(build)) || busy;
      busy = (await this.#playChallenges(claim)) || busy;
    }
    return busy;
  }

  async #defend(claim: ClaimRecord): Promise<boolean> {
    const { agent } = this;
    const build = this.#obtain(claim.fields.buildId);
    if (build === undefined) return false;
    const open = agent.ledger.history.challengesTo(claim.claimId).filter(({ status }) => status === "open");
    return await agent.each(
      open,
      "answer",
      async (challenge) => await playDispute(agent, "solver", challenge, build.trace, this.options.withhold),
    );
  }

  async #playChallenges({ build }: OwnClaim): Promise<boolean> {
    const { agent } = this;
    const { history } = agent.ledger;
    const mine = [...history.challenges.values()].filter(
      ({ challenger, status, claimId }) =>
        status === "open" && agent.isMine(challenger) && history.claims.get(claimId)!.fields.buildId === build.buildId,
    );
    return await agent.each(
      mine,
      "challenge",
      async (challenge) => await playDispute(agent, "challenger", challenge, build.trace),
    );
  }

  async #settle(claim: ClaimRecord): Promise<boolean> {
    if (claim.status === "open") return await finalizeClaim(this.agent, claim, 0);
    if (claim.status === "final") return await collectReward(this.agent, claim);
    return false;
  }

  #notice({ name, args, block }: Happening): void {
    const { agent } = this;
    if (name !== "ClaimRefuted") return;
    const claim = agent.ledger.history.claims.get(args.claimId as Root);
    if (claim === undefined || !agent.isMine(claim.solver)) return;
    const cause = claim.refutation!.cause;
    const facts = { claim: claim.claimId, build: claim.fields.buildId, cause, block };
    if (cause === "timeout" && block > agent.startBlock) {
      agent.duties.missedDeadlines++;
      agent.log.error(facts, "a deadline was missed: the claim is lost");
    } else {
      agent.log.warn(facts, "an own claim has been refuted");
    }
  }
}

function isOpen({ status }: ClaimRecord): boolean {
  return status === "open";
}
