import type { ClaimRecord } from "../chain/records.ts";
import { fetchPublication } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { type Assessment, assessClaim } from "../protocol/assessClaim.ts";
import { type CheckpointList, checkpointCount, decodeCheckpoints, mostCheckpoints } from "../protocol/checkpoints.ts";
import { disputeCapacity } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { longestTickSeconds } from "./answeringTime.ts";
import type { FinishedBuild } from "./builds.ts";
import { nextStake } from "./stakes.ts";

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
    else {
      const secondsLeft = claim.windowEnd - this.agent.ledger.now;
      this.agent.log.warn(
        { ...facts, from: startOf(assessment), windowEnd: claim.windowEnd, secondsLeft },
        "claim is wrong",
      );
    }
    return assessment;
  }

  /** How many claims of a build this machine can dispute at once for certain, if each goes to another tick. */
  capacityFor(build: FinishedBuild): number {
    const { challengerBudgetSeconds } = this.agent.parameters;
    return disputeCapacity(longestTickSeconds(build.measure, build.maxLog2Steps), challengerBudgetSeconds);
  }

  /**
   * Challenges every wrong claim among the open claims of a build, all with one stake, whatever other claims there are. Beyond
   * the capacity a claim waits until another dispute has ended, or its own time runs out.
   * @returns whether something was done.
   */
  async challengeWrong(build: FinishedBuild): Promise<boolean> {
    const { agent } = this;
    const { ledger } = agent;
    const wrong: ClaimRecord[] = [];
    let disputed = 0;
    for (const claim of ledger.history.openClaims(build.buildId)) {
      if ((await this.assess(claim, build)).verdict !== "wrong") continue;
      const isPlaying = ledger.history
        .challengesTo(claim.claimId)
        .some(({ challenger, status }) => agent.isMine(challenger) && status === "open");
      if (isPlaying) disputed++;
      else if (ledger.isChallengeable(claim)) wrong.push(claim);
    }
    const room = this.capacityFor(build) - disputed;
    if (wrong.length > room) this.#sayOverloaded(build, disputed + wrong.length);
    const soon = ledger.now + 4 * agent.parameters.minResponseSeconds;
    const due = wrong
      .sort((a, b) => a.windowEnd - b.windowEnd)
      .filter(({ windowEnd }, i) => i < room || windowEnd <= soon);
    return due.length > 0 && (await this.#challengeAll(build.buildId, due));
  }

  /** The first brings the stake along where there is none yet; it covers the others as soon as it is mined. */
  async #challengeAll(buildId: Root, claims: readonly ClaimRecord[]): Promise<boolean> {
    const { agent } = this;
    const { stakeNumber, value } = await nextStake(agent, buildId);
    const bringsStake = `stake ${buildId} ${stakeNumber}`;
    if (value > 0n) return this.#challenge(bringsStake, claims[0]!, stakeNumber, value);
    const sent = claims.map((claim) =>
      this.#challenge(`challenge ${claim.claimId} ${stakeNumber}`, claim, stakeNumber, 0n),
    );
    return sent.includes(true);
  }

  #challenge(key: string, claim: ClaimRecord, stakeNumber: bigint, value: bigint): boolean {
    const { agent } = this;
    const { claimId, reference, details, windowEnd } = claim;
    const assessment = this.#verdicts.get(claimId);
    if (assessment?.verdict !== "wrong") return false;
    const call = agent.calls.challenge(reference, details, assessment.start, stakeNumber, value);
    const facts = { claim: claimId, kind: "challenge", from: startOf(assessment), stakeNumber, bond: value };
    return agent.make({ key, call, facts, deadline: windowEnd });
  }

  #sayOverloaded(build: FinishedBuild, disputes: number): void {
    const { log } = this.agent;
    const capacity = this.capacityFor(build);
    this.agent.once(`capacity ${build.buildId} ${disputes}`, () => {
      log.error(
        { build: build.buildId, disputes, capacity },
        "more wrong claims than this machine can dispute at once for certain: run a second verifier, or a faster machine",
      );
    });
  }

  /** The checkpoint list that a claim's locator leads to; undefined if there is none, or none of the right length. */
  async #publishedList({ fields }: ClaimRecord): Promise<CheckpointList | undefined> {
    const count = checkpointCount(fields.log2Ticks, fields.log2CheckpointTicks);
    if (count === 0 || count > mostCheckpoints) return undefined;
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
