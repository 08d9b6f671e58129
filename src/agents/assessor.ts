import type { ClaimRecord } from "../chain/records.ts";
import { fetchPublication } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { type Assessment, assessClaim } from "../protocol/assessClaim.ts";
import { type CheckpointList, checkpointCount, decodeCheckpoints } from "../protocol/checkpoints.ts";
import { planAgainst, type RivalClaim } from "../protocol/contradictionPlan.ts";
import type { Agent } from "./agent.ts";
import type { FinishedBuild } from "./builds.ts";
import { disputeCost } from "./funds.ts";

/** Compares claims with one's own run and challenges the wrong ones. */
export class Assessor {
  readonly #verdicts = new Map<Root, Assessment>();

  constructor(private readonly agent: Agent) {}

  verdictOf(claimId: Root): Assessment["verdict"] | undefined {
    return this.#verdicts.get(claimId)?.verdict;
  }

  /** Compares a claim with the own run of its build; remembered, since neither ever changes. */
  async assess(claim: ClaimRecord, build: FinishedBuild): Promise<Assessment> {
    const known = this.#verdicts.get(claim.claimId);
    if (known !== undefined) return known;
    const list = await this.#publishedList(claim);
    const assessment = await assessClaim(this.agent.ledger.claimView(claim), build.trace, list);
    this.#verdicts.set(claim.claimId, assessment);
    const { claimId, solver, fields } = claim;
    const facts = { claim: claimId, build: fields.buildId, solver, finalRoot: fields.finalRoot, own: build.finalRoot };
    if (assessment.verdict === "right") this.agent.log.info(facts, "claim is right");
    else this.agent.log.warn({ ...facts, from: startOf(assessment) }, "claim is wrong");
    return assessment;
  }

  /**
   * Challenges the wrong claims among the living claims of a build, as far as the money reaches.
   * @returns `act`: something was done; `ownClaim`: a claim of one's own would hold up those that the money does not reach.
   */
  async challengeWrong(build: FinishedBuild): Promise<{ readonly acted: boolean; readonly ownClaim: boolean }> {
    const { agent } = this;
    const { ledger, chain, calls } = agent;
    const living = ledger.history.livingClaims(build.buildId).filter(({ status }) => status === "open");
    const rivals: RivalClaim[] = [];
    for (const claim of living) {
      const { verdict } = await this.assess(claim, build);
      const challenged = ledger.history
        .challengesTo(claim.claimId)
        .some(({ challenger, status }) => agent.isMine(challenger) && status !== "closed");
      const { challengerBond } = chain.parameters;
      rivals.push({ claimId: claim.claimId, challengerBond, verdict, challenged, windowEnd: claim.windowEnd });
    }
    if (!rivals.some(({ verdict, challenged }) => verdict === "wrong" && !challenged)) {
      return { acted: false, ownClaim: false };
    }
    const { challengerBond, solverBond } = chain.parameters;
    const balance = await chain.provider.getBalance(agent.address);
    const reserve = await disputeCost(agent, 0n);
    const plan = planAgainst(rivals, balance > reserve ? balance - reserve : 0n, solverBond);
    if (plan.challenge.length === 0) {
      agent.once(`poor ${build.buildId}`, () =>
        agent.log.error({ build: build.buildId, balance, challengerBond }, "no money to challenge a wrong claim"),
      );
    }
    const acted = await agent.each(plan.challenge, "challenge", async (claimId) => {
      const assessment = this.#verdicts.get(claimId);
      if (assessment?.verdict !== "wrong" || !(await chain.contract.isChallengeable(claimId))) return false;
      const call = calls.challenge(claimId, assessment.start, challengerBond);
      return await agent.make(`challenge ${claimId}`, call, {
        claim: claimId,
        kind: "challenge",
        from: startOf(assessment),
      });
    });
    return { acted, ownClaim: plan.claim };
  }

  /** The checkpoint list that a claim's locator leads to; undefined if there is none, or none of the right length. */
  async #publishedList({ fields }: ClaimRecord): Promise<CheckpointList | undefined> {
    const count = checkpointCount(fields.log2Ticks, fields.log2CheckpointTicks);
    if (count === 0) return undefined;
    try {
      const { checkpoints } = await fetchPublication(this.agent.store, fields.locator);
      if (checkpoints === undefined) return undefined;
      return decodeCheckpoints(await this.agent.store.get(checkpoints, 32 * count), count);
    } catch (error) {
      this.agent.log.debug({ locator: fields.locator, why: (error as Error).message }, "no checkpoint list");
      return undefined;
    }
  }
}

function startOf(assessment: Assessment): string | undefined {
  if (assessment.verdict === "right") return undefined;
  return assessment.start.kind === "whole" ? "the first state" : `checkpoint ${assessment.start.index}`;
}
