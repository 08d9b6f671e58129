import type { HistoryEvent } from "../chain/history.ts";
import type { ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { Reserve } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { Assessor } from "./assessor.ts";
import type { Builds, FinishedBuild } from "./builds.ts";
import type { Claimant } from "./claimant.ts";
import { playDispute, type Withhold } from "./disputes.ts";
import { noteFinal } from "./finality.ts";
import { disputeGasCost, reserveFor, warnAboutBalance } from "./funds.ts";
import type { Holders } from "./holders.ts";
import { locatorsOf } from "./locators.ts";
import { buildsCommittedTo, requestedBuilds } from "./requestedBuilds.ts";
import { collectReward, finalizeClaim, returnStakes, withdraw } from "./settlement.ts";

export interface SolverOptions {
  /** Whether to challenge claims that contradict an own one. */
  readonly challengeContradictions: boolean;
  /** Moves that an injected fault keeps back. */
  readonly withhold?: Withhold;
  /** Sees to it that others hold what the own claims need. */
  readonly holders?: Holders;
}

/**
 * Finds requested builds, runs and claims them, defends its claims, challenges what contradicts them, and collects. Every
 * round looks at the chain afresh; nothing is remembered that a new process would not find again.
 */
export class Solver {
  private readonly assessor: Assessor;

  constructor(
    private readonly agent: Agent,
    private readonly builds: Builds,
    private readonly claimant: Claimant,
    private readonly options: SolverOptions,
  ) {
    this.assessor = new Assessor(agent);
  }

  /** Looks at the chain and starts a task for each thing that there is to do. */
  async round(): Promise<void> {
    const { agent } = this;
    const { tasks } = agent;
    const { events } = await agent.ledger.refresh();
    for (const event of events) this.notice(event);
    const own = [...agent.ledger.history.claims.values()].filter(({ solver }) => agent.isMine(solver));
    const open = own.filter(({ status }) => status === "open");
    const wanted = requestedBuilds(agent);
    const claimable = new Set([...wanted, ...buildsCommittedTo(agent, this.claimant)]);
    const needed = new Set([...claimable, ...open.map(({ fields }) => fields.buildId)]);
    for (const buildId of needed) this.obtain(buildId);
    for (const claim of open) this.defend(claim);
    this.options.holders?.round(open);
    for (const buildId of claimable) {
      tasks.start(`claim ${buildId}`, async () => await this.claim(buildId, wanted.has(buildId)));
    }
    for (const claim of own) tasks.start(`settle ${claim.claimId}`, async () => this.settle(claim));
    if (own.length > 0) {
      tasks.start("withdraw", async () => await withdraw(agent));
      tasks.start("take stakes back", async () => returnStakes(agent));
    }
    const claimed = [...new Set(open.map(({ fields }) => fields.buildId))];
    tasks.start("protect", async () => await this.protect(claimed));
    this.assessor.keepOnly(
      claimed.flatMap((buildId) => agent.ledger.history.openClaims(buildId).map(({ claimId }) => claimId)),
    );
    await this.builds.keepOnly(needed);
  }

  private obtain(buildId: Root): FinishedBuild | undefined {
    const state = this.builds.want(buildId, locatorsOf(this.agent.ledger.history, buildId));
    if (state.kind === "failed") {
      const { code, why } = state;
      this.agent.once(`failed ${buildId} ${why}`, () =>
        this.agent.log.warn({ build: buildId, code, why }, "cannot run this build"),
      );
    }
    return this.builds.ready(buildId);
  }

  /** Claims a requested build, unless somebody has claimed the same already; reveals what is committed to in any case. */
  private async claim(buildId: Root, isWanted: boolean): Promise<boolean> {
    const { agent, claimant } = this;
    const build = this.builds.ready(buildId);
    if (build === undefined) return false;
    const claim = await claimant.claimOn(build);
    const others = agent.ledger.history.livingClaims(buildId).filter(({ solver }) => !agent.isMine(solver));
    const isTaken = others.some(({ fields }) => fields.finalRoot === build.finalRoot);
    return await claimant.advance(claim, isWanted && !isTaken);
  }

  private defend(claim: ClaimRecord): void {
    const { agent } = this;
    for (const challenge of agent.ledger.history.challengesTo(claim.claimId)) {
      if (challenge.status !== "open") continue;
      agent.tasks.start(`defend ${challenge.id}`, async () => {
        const build = this.builds.ready(claim.fields.buildId);
        if (build === undefined) return false;
        return await playDispute(agent, "solver", challenge, build.trace, this.options.withhold);
      });
    }
  }

  /** Sets money aside, challenges what contradicts own claims, and says when the balance gets low. */
  private async protect(claimed: readonly Root[]): Promise<boolean> {
    const { agent } = this;
    const { challengeContradictions } = this.options;
    const reserve = await reserveFor(agent, challengeContradictions ? claimed : []);
    if (challengeContradictions) this.challenge(claimed, reserve);
    const next = agent.parameters.solverBond + (await disputeGasCost(agent, "solver"));
    agent.unprotectedBuilds = reserve.unprotected.size;
    await warnAboutBalance(agent, reserve.setAside + next, "the next claim and a dispute about it");
    return false;
  }

  private challenge(claimed: readonly Root[], reserve: Reserve): void {
    const { agent } = this;
    const { tasks } = agent;
    const { history } = agent.ledger;
    for (const buildId of claimed) {
      const build = this.builds.ready(buildId);
      if (build === undefined || !reserve.protected.has(buildId)) continue;
      tasks.start(`challenge ${buildId}`, async () => await this.assessor.challengeWrong(build));
    }
    for (const challenge of history.challenges.values()) {
      if (challenge.status !== "open" || !agent.isMine(challenge.challenger)) continue;
      const build = this.builds.ready(history.claims.get(challenge.claimId)!.fields.buildId);
      if (build === undefined) continue;
      tasks.start(
        `dispute ${challenge.id}`,
        async () => await playDispute(agent, "challenger", challenge, build.trace),
      );
    }
  }

  private settle(claim: ClaimRecord): boolean {
    if (claim.status === "open") return finalizeClaim(this.agent, claim, 0);
    if (claim.status === "final") return collectReward(this.agent, claim);
    return false;
  }

  private notice(event: HistoryEvent): void {
    const { agent } = this;
    const { name, args, block } = event;
    if (block > agent.startBlock) agent.observer.happened(event, (address) => agent.isMine(address));
    if (name === "BuildFinalized") {
      const own = this.builds.ready(args.buildId as Root);
      if (own !== undefined) noteFinal(agent, event, own);
    }
    if (name !== "ClaimRefuted") return;
    const claim = agent.ledger.history.claims.get(args.claimId as Root);
    if (claim === undefined || !agent.isMine(claim.solver)) return;
    const cause = claim.refutation!.cause;
    const facts = { claim: claim.claimId, build: claim.fields.buildId, cause, block };
    if (cause === "timeout" && block > agent.startBlock) {
      agent.once(`missed ${claim.claimId}`, () => {
        agent.duties.missedDeadlines++;
        agent.log.error({ role: "solver", ...facts }, "a deadline was missed: the claim is lost");
      });
    } else {
      agent.log.warn({ role: "solver", ...facts }, "an own claim has been refuted");
    }
  }
}
