import type { Happening } from "../chain/history.ts";
import type { ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { Reserve } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { Assessor } from "./assessor.ts";
import type { Builds, FinishedBuild } from "./builds.ts";
import { playDispute } from "./disputes.ts";
import { disputeGasCost, reserveFor, warnAboutBalance } from "./funds.ts";
import { locatorsOf } from "./locators.ts";
import type { Round } from "./loop.ts";
import { closeChallenge, finalizeClaim, returnStakes, withdraw } from "./settlement.ts";

/**
 * Finds claims, runs their builds again, challenges the wrong ones and finishes what it began. It knows nothing of who is
 * honest. What it could not check it says, counts, and shows in its exit status.
 */
export class Verifier {
  readonly #assessor: Assessor;
  readonly #unchecked = new Set<Root>();
  /** Whether a build was still running when this round looked; what it came to is for the next round. */
  #underWay = false;
  /** Wrong claims that are not challenged, since the money is reserved for other builds. */
  readonly #unprotected = new Set<Root>();

  constructor(
    private readonly agent: Agent,
    private readonly builds: Builds,
  ) {
    this.#assessor = new Assessor(agent);
  }

  /** Does all that can be done now. */
  async round(): Promise<Round> {
    const { agent } = this;
    const { happenings } = await agent.ledger.refresh();
    for (const happening of happenings) this.#notice(happening);
    const { history } = agent.ledger;
    const open = [...history.claims.values()].filter(({ status }) => status === "open");
    const mine = [...history.challenges.values()].filter(
      ({ challenger, status }) => status === "open" && agent.isMine(challenger),
    );
    const needed = new Set([...open, ...mine.map(({ claimId }) => history.claims.get(claimId)!)].map(buildOf));
    const reserve = await reserveFor(agent, [...new Set(open.map(buildOf))]);
    let busy = false;
    this.#underWay = false;
    busy = (await agent.each(needed, "check", async (buildId) => await this.#check(buildId, open, reserve))) || busy;
    busy =
      (await agent.each(mine, "dispute", async (challenge) => {
        if (history.claims.get(challenge.claimId)!.status === "refuted") {
          return await closeChallenge(agent, challenge);
        }
        const build = this.builds.ready(buildOf(history.claims.get(challenge.claimId)!));
        return build !== undefined && (await playDispute(agent, "challenger", challenge, build.trace));
      })) || busy;
    busy = (await agent.each(open, "finalize", async (claim) => await this.#finalize(claim))) || busy;
    if (history.challenges.size > 0) {
      busy = (await agent.each([0], "withdraw", async () => await withdraw(agent))) || busy;
      busy = (await returnStakes(agent)) || busy;
    }
    await agent.each([0], "watch the balance", async () => {
      const { challengerBond } = agent.chain.parameters;
      const next = challengerBond + (await disputeGasCost(agent, "challenger"));
      await warnAboutBalance(agent, reserve.setAside + next, "the protection of one more build");
      return false;
    });
    agent.duties.uncheckedClaims = this.#unchecked.size + this.#unprotected.size;
    await this.builds.keepOnly(needed);
    if (busy) return "acted";
    return this.#underWay || this.builds.pending ? "waiting" : "idle";
  }

  async #check(buildId: Root, open: readonly ClaimRecord[], reserve: Reserve): Promise<boolean> {
    const { agent } = this;
    const claims = open.filter((claim) => buildOf(claim) === buildId);
    const state = this.builds.want(buildId, locatorsOf(agent.ledger.history, buildId));
    if (state.kind === "failed") {
      for (const { claimId, windowEnd } of claims) {
        this.#unchecked.add(claimId);
        const { code, why } = state;
        agent.once(`unchecked ${claimId} ${why}`, () =>
          agent.log.error({ claim: claimId, build: buildId, code, why, windowEnd }, "cannot check this claim"),
        );
      }
      return false;
    }
    if (state.kind === "pending") {
      this.#underWay = true;
      for (const { claimId, windowEnd } of claims) {
        if (agent.ledger.now < windowEnd) continue;
        agent.once(`late ${claimId}`, () =>
          agent.log.error({ claim: claimId, windowEnd }, "the window ended before the check"),
        );
      }
      return false;
    }
    const { build } = state;
    for (const { claimId } of claims) this.#unchecked.delete(claimId);
    if (reserve.unprotected.has(buildId)) {
      await this.#sayUnprotected(build, claims, reserve);
      return false;
    }
    agent.forget(`unprotected ${buildId}`);
    this.#sayProtected(build, reserve);
    for (const { claimId } of claims) this.#unprotected.delete(claimId);
    return await this.#assessor.challengeWrong(build);
  }

  /** What the protection of a build takes, once: the money, and how many disputes at once. */
  #sayProtected(build: FinishedBuild, { protected: { size }, room }: Reserve): void {
    const { challengerBond } = this.agent.chain.parameters;
    const capacity = this.#assessor.capacityFor(build);
    this.agent.once(`protected ${build.buildId}`, () =>
      this.agent.log.info(
        { build: build.buildId, challengerBond, capacity, protectedBuilds: size, room },
        "this build is protected: one bond is reserved for it",
      ),
    );
  }

  /** A bond that is reserved for one build is never lent to another: what cannot be protected is said and counted. */
  async #sayUnprotected(build: FinishedBuild, claims: readonly ClaimRecord[], reserve: Reserve): Promise<void> {
    const { agent } = this;
    for (const claim of claims) {
      const { verdict } = await this.#assessor.assess(claim, build);
      if (verdict === "wrong") this.#unprotected.add(claim.claimId);
    }
    const { challengerBond } = agent.chain.parameters;
    const balance = await agent.chain.provider.getBalance(agent.address);
    const facts = { build: build.buildId, balance, setAside: reserve.setAside, challengerBond };
    agent.once(`unprotected ${build.buildId}`, () =>
      agent.log.error(
        { ...facts, protectedBuilds: reserve.protected.size, address: agent.address },
        "no money to protect this build: its claims are checked but not challenged; send ether to this address",
      ),
    );
  }

  /** Leaves the first go to the solver, whose bond it is. */
  async #finalize(claim: ClaimRecord): Promise<boolean> {
    if (this.#assessor.verdictOf(claim.claimId) !== "right") return false;
    const own = this.agent.isMine(claim.solver);
    return await finalizeClaim(this.agent, claim, own ? 0 : this.agent.chain.parameters.reactionSeconds);
  }

  #notice({ name, args, block }: Happening): void {
    const { agent } = this;
    const { history } = agent.ledger;
    if (name === "ChallengeLost") {
      const challenge = history.challenges.get(args.challengeId as Root);
      if (challenge === undefined || !agent.isMine(challenge.challenger)) return;
      const facts = { challenge: challenge.id, claim: challenge.claimId, block };
      if (block > agent.startBlock) {
        agent.duties.missedDeadlines++;
        agent.log.error(facts, "a deadline was missed: the challenge is lost");
      } else {
        agent.log.warn(facts, "an own challenge has been lost");
      }
    }
    if (name === "ClaimRefuted") {
      const claimId = args.claimId as Root;
      this.#unchecked.delete(claimId);
      this.#unprotected.delete(claimId);
      const { cause, rewarded, paid, burned } = history.claims.get(claimId)!.refutation!;
      agent.log.info({ claim: claimId, cause, rewarded, paid, burned, block }, "claim refuted");
    }
    if (name === "BuildFinalized") {
      const claimId = args.claimId as Root;
      if (this.#assessor.verdictOf(claimId) === "wrong") {
        agent.log.error({ claim: claimId, build: args.buildId, block }, "a wrong claim has become final");
      } else {
        agent.log.info({ claim: claimId, build: args.buildId, block }, "build final");
      }
    }
  }
}

function buildOf({ fields }: ClaimRecord): Root {
  return fields.buildId;
}
