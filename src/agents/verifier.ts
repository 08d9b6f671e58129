import type { HistoryEvent } from "../chain/history.ts";
import type { ChallengeRecord, ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { Reserve } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { Assessor } from "./assessor.ts";
import type { Builds, FinishedBuild } from "./builds.ts";
import { ClaimContents } from "./claimContents.ts";
import { playDispute } from "./disputes.ts";
import { noteFinal } from "./finality.ts";
import { disputeGasCost, reserveFor, warnAboutBalance } from "./funds.ts";
import { locatorsOf } from "./locators.ts";
import { closeChallenge, finalizeClaim, returnStakes, withdraw } from "./settlement.ts";

/**
 * Finds claims, runs their builds again, challenges the wrong ones and finishes what it began. It knows nothing of who is
 * honest. What it could not check it says, counts, and shows in its exit status.
 */
export class Verifier {
  private readonly assessor: Assessor;
  private readonly contents: ClaimContents;
  private readonly unchecked = new Set<Root>();
  /** Wrong claims that are not challenged, since the money is reserved for other builds. */
  private readonly unprotected = new Set<Root>();

  constructor(
    private readonly agent: Agent,
    private readonly builds: Builds,
  ) {
    this.assessor = new Assessor(agent);
    this.contents = new ClaimContents(agent);
  }

  /** Looks at the chain and starts a task for each thing that there is to do. */
  async round(): Promise<void> {
    const { agent } = this;
    const { tasks } = agent;
    const { events } = await agent.ledger.refresh();
    for (const event of events) this.notice(event);
    const { history } = agent.ledger;
    const open = [...history.claims.values()].filter(({ status }) => status === "open");
    const mine = [...history.challenges.values()].filter(
      ({ challenger, status }) => status === "open" && agent.isMine(challenger),
    );
    const needed = new Set([...open, ...mine.map(({ claimId }) => history.claims.get(claimId)!)].map(buildOf));
    for (const buildId of needed) this.obtain(buildId, open);
    for (const challenge of mine) {
      tasks.start(`dispute ${challenge.id}`, async () => await this.dispute(challenge));
    }
    for (const claim of open) tasks.start(`finalize ${claim.claimId}`, async () => this.finalize(claim));
    if (history.challenges.size > 0) {
      tasks.start("withdraw", async () => await withdraw(agent));
      tasks.start("take stakes back", async () => returnStakes(agent));
    }
    tasks.start("protect", async () => await this.protect(open));
    this.countUnchecked();
    this.assessor.keepOnly(open.map(({ claimId }) => claimId));
    this.contents.keepOnly(open);
    await this.builds.keepOnly(needed);
  }

  /** Divides the money among the builds, and starts a check of each that is finished. */
  private async protect(open: readonly ClaimRecord[]): Promise<boolean> {
    const { agent } = this;
    const builds = [...new Set(open.map(buildOf))];
    const reserve = await reserveFor(agent, builds);
    for (const buildId of builds) {
      const build = this.builds.ready(buildId);
      if (build === undefined) continue;
      const claims = open.filter((claim) => buildOf(claim) === buildId);
      agent.tasks.start(`check ${buildId}`, async () => await this.check(build, claims, reserve));
    }
    agent.unprotectedBuilds = reserve.unprotected.size;
    const next = agent.parameters.challengerBond + (await disputeGasCost(agent, "challenger"));
    await warnAboutBalance(agent, reserve.setAside + next, "the protection of one more build");
    return false;
  }

  private async dispute(challenge: ChallengeRecord): Promise<boolean> {
    const { agent } = this;
    const claim = agent.ledger.history.claims.get(challenge.claimId);
    if (claim === undefined) return false;
    if (claim.status === "refuted") return closeChallenge(agent, challenge);
    const build = this.builds.ready(buildOf(claim));
    return build !== undefined && (await playDispute(agent, "challenger", challenge, build.trace));
  }

  /** Begins a build that has claims; says which of them cannot be checked, or not in time. */
  private obtain(buildId: Root, open: readonly ClaimRecord[]): void {
    const { agent } = this;
    const claims = open.filter((claim) => buildOf(claim) === buildId);
    const state = this.builds.want(buildId, locatorsOf(agent.ledger.history, buildId));
    for (const { claimId, windowEnd } of claims) {
      const left = { windowEnd, secondsLeft: windowEnd - agent.ledger.now };
      const verdict = this.assessor.verdictOf(claimId);
      if (state.kind === "ready" || verdict === "right") {
        this.unchecked.delete(claimId);
      } else if (state.kind === "failed") {
        this.unchecked.add(claimId);
        const { code, why } = state;
        agent.once(`unchecked ${claimId} ${why}`, () =>
          agent.log.error({ claim: claimId, build: buildId, code, why, ...left }, "cannot check this claim"),
        );
      } else if (agent.ledger.now >= windowEnd && verdict === undefined) {
        this.unchecked.add(claimId);
        agent.once(`late ${claimId}`, () =>
          agent.log.error({ claim: claimId, build: buildId, ...left }, "the window ended before the check"),
        );
      }
    }
  }

  private async check(build: FinishedBuild, claims: readonly ClaimRecord[], reserve: Reserve): Promise<boolean> {
    const { agent } = this;
    if (reserve.unprotected.has(build.buildId)) {
      await this.sayUnprotected(build, claims, reserve);
      return false;
    }
    agent.forget(`unprotected ${build.buildId}`);
    this.sayProtected(build, reserve);
    for (const { claimId } of claims) this.unprotected.delete(claimId);
    for (const claim of claims) {
      if (this.assessor.verdictOf(claim.claimId) === "right") this.contents.keep(claim, build);
    }
    return await this.assessor.challengeWrong(build);
  }

  /** What the protection of a build takes, once: the money, and how many disputes at once. */
  private sayProtected(build: FinishedBuild, { protected: { size }, room }: Reserve): void {
    const { challengerBond } = this.agent.parameters;
    const capacity = this.assessor.capacityFor(build);
    this.agent.once(`protected ${build.buildId}`, () =>
      this.agent.log.info(
        { build: build.buildId, challengerBond, capacity, protectedBuilds: size, room },
        "this build is protected: one bond is reserved for it",
      ),
    );
  }

  private countUnchecked(): void {
    this.agent.duties.uncheckedClaims = this.unchecked.size + this.unprotected.size;
  }

  /** A bond that is reserved for one build is never lent to another: what cannot be protected is said and counted. */
  private async sayUnprotected(build: FinishedBuild, claims: readonly ClaimRecord[], reserve: Reserve): Promise<void> {
    const { agent } = this;
    for (const claim of claims) {
      if (!(await this.assessor.assess(claim, build))) this.unprotected.add(claim.claimId);
      this.countUnchecked();
    }
    const { challengerBond } = agent.parameters;
    const balance = await agent.account.balance();
    const facts = { build: build.buildId, balance, setAside: reserve.setAside, challengerBond };
    agent.once(`unprotected ${build.buildId}`, () =>
      agent.log.error(
        { ...facts, protectedBuilds: reserve.protected.size, address: agent.address },
        "no money to protect this build: its claims are checked but not challenged; send ether to this address",
      ),
    );
  }

  /** Leaves the first go to the solver, whose bond it is. */
  private finalize(claim: ClaimRecord): boolean {
    if (this.assessor.verdictOf(claim.claimId) !== "right") return false;
    const own = this.agent.isMine(claim.solver);
    return finalizeClaim(this.agent, claim, own ? 0 : this.agent.parameters.reactionSeconds);
  }

  private notice(event: HistoryEvent): void {
    const { agent } = this;
    const { name, args, block } = event;
    if (block > agent.startBlock) agent.observer.happened(event, (address) => agent.isMine(address));
    const { history } = agent.ledger;
    if (name === "ChallengeLost") {
      const challenge = history.challenges.get(args.challengeId as Root);
      if (challenge === undefined || !agent.isMine(challenge.challenger)) return;
      const facts = { challenge: challenge.id, claim: challenge.claimId, block };
      if (block > agent.startBlock) {
        agent.once(`lost ${challenge.id}`, () => {
          agent.duties.lostChallenges++;
          agent.log.error({ role: "challenger", ...facts }, "a deadline was missed: the challenge is lost");
        });
      } else {
        agent.log.warn({ role: "challenger", ...facts }, "an own challenge has been lost");
      }
    }
    if (name === "ClaimRefuted") {
      const claimId = args.claimId as Root;
      this.unchecked.delete(claimId);
      this.unprotected.delete(claimId);
      const { cause, rewarded, paid, burned } = history.claims.get(claimId)!.refutation!;
      agent.log.info({ claim: claimId, cause, rewarded, paid, burned, block }, "claim refuted");
    }
    if (name === "BuildFinalized") {
      const isWrong = this.assessor.verdictOf(args.claimId as Root) === "wrong";
      noteFinal(agent, event, this.builds.ready(args.buildId as Root), isWrong);
    }
  }
}

function buildOf({ fields }: ClaimRecord): Root {
  return fields.buildId;
}
