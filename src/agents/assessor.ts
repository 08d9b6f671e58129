import type { ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import { isRightClaim, type Start, startOfChallenge } from "../protocol/assessClaim.ts";
import { disputeCapacity } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { longestTickSeconds } from "./answeringTime.ts";
import type { FinishedBuild } from "./builds.ts";
import { PublishedLists } from "./publishedLists.ts";
import { nextStake } from "./stakes.ts";
import type { Verdict } from "./verdicts.ts";

/** Verdicts on claims that are not open any more: a reorganisation can open them again, when it is too late for another check. */
const keptOfOthers = 256;

/** Compares claims with one's own run and challenges the wrong ones. */
export class Assessor {
  private readonly verdicts: Map<Root, Verdict>;
  private readonly lists: PublishedLists;

  constructor(private readonly agent: Agent) {
    this.verdicts = new Map(agent.ports.verdicts.load().map((verdict) => [verdict.claimId, verdict]));
    this.lists = new PublishedLists(agent);
  }

  /** What this process, or one before it, has found. */
  verdictOf(claimId: Root): "right" | "wrong" | undefined {
    const verdict = this.verdicts.get(claimId);
    return verdict && (verdict.isRight ? "right" : "wrong");
  }

  /** Compares a claim with the own run of its build; remembered, since neither ever changes. @returns whether it is right. */
  async assess(claim: ClaimRecord, build: FinishedBuild): Promise<boolean> {
    return (await this.verdictOn(claim, build)).isRight;
  }

  /** Forgets verdicts on other claims than these, all but the newest of them, in the state directory too. */
  keepOnly(claims: Iterable<Root>): void {
    const needed = new Set(claims);
    const others = [...this.verdicts.keys()].filter((claimId) => !needed.has(claimId));
    for (const claimId of others.slice(0, Math.max(0, others.length - keptOfOthers))) {
      this.verdicts.delete(claimId);
      this.lists.forget(claimId);
      this.agent.ports.verdicts.remove(claimId);
    }
  }

  private async verdictOn(claim: ClaimRecord, { buildId, finalRoot, trace }: FinishedBuild): Promise<Verdict> {
    const { claimId, solver, fields, windowEnd } = claim;
    const { ledger, log } = this.agent;
    const known = this.verdicts.get(claimId);
    if (known !== undefined && known.buildId === buildId && known.ownFinalRoot === finalRoot) return known;
    const isRight = await isRightClaim(ledger.claimView(claim), trace);
    const verdict = { claimId, buildId, ownFinalRoot: finalRoot, isRight };
    this.keep(verdict);
    const facts = { claim: claimId, build: buildId, solver, finalRoot: fields.finalRoot, own: finalRoot };
    if (isRight) log.info(facts, "claim is right");
    else log.warn({ ...facts, windowEnd, secondsLeft: windowEnd - ledger.now }, "claim is wrong");
    return verdict;
  }

  /** Where to challenge a wrong claim, decided once; undefined while its checkpoint list is worth waiting for. */
  private async startOf(claim: ClaimRecord, build: FinishedBuild): Promise<Start | undefined> {
    const verdict = await this.verdictOn(claim, build);
    if (verdict.start !== undefined) return verdict.start;
    const fetched = this.lists.listOf(claim);
    if (fetched === undefined) return undefined;
    const start = await startOfChallenge(this.agent.ledger.claimView(claim), build.trace, fetched.list);
    this.lists.forget(claim.claimId);
    this.keep({ ...verdict, start });
    return start;
  }

  private keep(verdict: Verdict): void {
    this.verdicts.set(verdict.claimId, verdict);
    this.agent.ports.verdicts.put(verdict);
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
      if (await this.assess(claim, build)) continue;
      const isPlaying = ledger.history
        .challengesTo(claim.claimId)
        .some(({ challenger, status }) => agent.isMine(challenger) && status === "open");
      if (isPlaying) disputed++;
      else if (ledger.isChallengeable(claim)) wrong.push(claim);
    }
    const room = this.capacityFor(build) - disputed;
    if (wrong.length > room) this.sayOverloaded(build, disputed + wrong.length);
    const soon = ledger.now + 4 * agent.parameters.minResponseSeconds;
    const due: Due[] = [];
    for (const claim of wrong.sort((a, b) => a.windowEnd - b.windowEnd)) {
      const start = await this.startOf(claim, build);
      if (start !== undefined && (due.length < room || claim.windowEnd <= soon)) due.push({ claim, start });
    }
    return due.length > 0 && (await this.challengeAll(build.buildId, due));
  }

  /** The first brings the stake along where there is none yet; it covers the others as soon as it is mined. */
  private async challengeAll(buildId: Root, due: readonly Due[]): Promise<boolean> {
    const { agent } = this;
    const { stakeNumber, value } = await nextStake(agent, buildId);
    if (value === 0n) return due.map((one) => this.challenge(one, stakeNumber, 0n)).includes(true);
    const isStakeUnderWay = agent.ledger.history
      .openClaims(buildId)
      .some(({ claimId }) => agent.isUnconfirmed(keyOf(claimId, stakeNumber)));
    return !isStakeUnderWay && this.challenge(due[0]!, stakeNumber, value);
  }

  private challenge({ claim, start }: Due, stakeNumber: bigint, value: bigint): boolean {
    const { agent } = this;
    const { claimId, reference, details, windowEnd } = claim;
    const call = agent.calls.challenge(reference, details, start, stakeNumber, value);
    const facts = { claim: claimId, kind: "challenge", from: nameOf(start), stakeNumber, bond: value };
    return agent.make({ key: keyOf(claimId, stakeNumber), call, facts, deadline: windowEnd });
  }

  private sayOverloaded(build: FinishedBuild, disputes: number): void {
    const { log } = this.agent;
    const capacity = this.capacityFor(build);
    this.agent.once(`capacity ${build.buildId} ${disputes}`, () => {
      log.error(
        { build: build.buildId, disputes, capacity },
        "more wrong claims than this machine can dispute at once for certain: run a second verifier, or a faster machine",
      );
    });
  }
}

/** A claim that is to be challenged now. */
interface Due {
  readonly claim: ClaimRecord;
  readonly start: Start;
}

/** The same whether a challenge brings the stake along or not: it is made once, and not again before it is confirmed. */
function keyOf(claimId: Root, stakeNumber: bigint): string {
  return `challenge ${claimId} ${stakeNumber}`;
}

function nameOf(start: Start): string {
  return start.kind === "whole" ? "the first state" : `checkpoint ${start.index}`;
}
