import { saltOf } from "../chain/claims.ts";
import { publish } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { CheckpointTree, encodeCheckpoints } from "../protocol/checkpoints.ts";
import { type Address, type ClaimFields, type ClaimReference, claimIdOf, referenceOf } from "../protocol/claim.ts";
import { claimWindowSeconds } from "../protocol/parameters.ts";
import { isReturnable } from "../protocol/rounds.ts";
import type { Agent } from "./agent.ts";
import { tooSlowToAnswer } from "./answeringTime.ts";
import type { FinishedBuild } from "./builds.ts";

/** A claim of one's own, on its way: everything in it follows from the build and the key. */
export interface OwnClaim {
  readonly claimId: Root;
  readonly salt: Root;
  readonly fields: ClaimFields;
  readonly reference: ClaimReference;
  readonly build: FinishedBuild;
  /** How many commitments to the same have been returned or have expired before it. */
  readonly attempt: number;
}

/** Commits to claims and reveals them. Keeps nothing: after a crash the same build gives the same claim again. */
export class Claimant {
  private readonly claims = new Map<string, OwnClaim>();

  /** @param saltSecret salts are derived from it (`saltOf`). */
  constructor(
    private readonly agent: Agent,
    private readonly saltSecret: string,
  ) {}

  /** The claim that this solver makes about a build. Publishes what verifiers need, since the locator is part of it. */
  async claimOn(build: FinishedBuild, attempt = 0): Promise<OwnClaim> {
    const name = `${build.buildId} ${attempt}`;
    const known = this.claims.get(name);
    if (known !== undefined) return known;
    const { agent } = this;
    const { chainId, assay } = agent.ports.contract;
    const list = { roots: build.checkpoints };
    const checkpoints = list.roots.length === 0 ? undefined : await agent.store.put(encodeCheckpoints(list));
    const locator = await publish(agent.store, {
      kind: "assay-claim",
      version: 1,
      build: {
        ...{ kind: "assay-build", version: 1, environment: build.environment, input: build.input },
        ...(build.dependencies && { dependencies: build.dependencies }),
      },
      ...(checkpoints !== undefined && { checkpoints }),
    });
    const fields: ClaimFields = {
      buildId: build.buildId,
      finalRoot: build.finalRoot,
      log2Ticks: build.log2Ticks,
      log2CheckpointTicks: build.log2CheckpointTicks,
      checkpointRoot: new CheckpointTree(list).root,
      locator,
      outcome: build.outcome,
    };
    const salt = saltOf(this.saltSecret, chainId, assay, fields, attempt);
    const reference = referenceOf(agent.address as Address, salt, fields);
    const claim = { claimId: claimIdOf(chainId, assay, reference), salt, fields, reference, build, attempt };
    this.claims.set(name, claim);
    return claim;
  }

  /** The build that an own commitment is about, if this process has prepared its claim. */
  buildCommittedTo(claimId: Root): Root | undefined {
    return [...this.claims.values()].find((claim) => claim.claimId === claimId)?.build.buildId;
  }

  /** The next thing to be done about a claim that is not revealed. */
  async advance(claim: OwnClaim, wanted: boolean): Promise<boolean> {
    const { agent } = this;
    const { ledger, account, calls, parameters } = agent;
    const { claimId, fields } = claim;
    if (ledger.history.claims.has(claimId)) return false;
    const facts = { claim: claimId, build: fields.buildId };
    const { status, committedAt } = await account.commitment(claimId);
    if (status === "returned") return await this.advance(await this.claimOn(claim.build, claim.attempt + 1), wanted);
    if (status === "committed") return this.advanceCommitment(claim, committedAt, facts);
    if (status !== "none" || !wanted || !this.canJoin(claim) || !(await this.canClaim(claim))) return false;
    const call = calls.commit(claimId, parameters.solverBond);
    return agent.make({ key: `commit ${claimId}`, call, facts: { ...facts, kind: "commit" } });
  }

  /** A commitment is revealed as soon as it may be, or its bond taken back: whole where no reveal was possible. */
  private advanceCommitment(claim: OwnClaim, committedAt: number, facts: Readonly<Record<string, unknown>>): boolean {
    const { agent } = this;
    const { ledger, calls, log } = agent;
    const { claimId, fields, salt, reference, build } = claim;
    const { minCommitAgeSeconds, maxCommitAgeSeconds } = agent.parameters;
    const round = ledger.roundOf(fields.buildId);
    const lastReveal = committedAt + maxCommitAgeSeconds;
    if (isReturnable(committedAt, round, minCommitAgeSeconds)) {
      const call = calls.returnCommit(reference);
      return agent.make({
        key: `return ${claimId}`,
        call,
        facts: { ...facts, kind: "returnCommit" },
        deadline: lastReveal,
      });
    }
    if (ledger.now - committedAt < minCommitAgeSeconds) return false;
    if (ledger.now <= lastReveal) {
      // When the round that it has missed ends without a claim, it opens the next one.
      if (round.openRoots !== 0 && ledger.now >= round.joinDeadline) return false;
      const call = calls.reveal(fields, salt, build.startProof, build.endProof);
      const deadline = round.openRoots === 0 ? lastReveal : Math.min(lastReveal, round.joinDeadline);
      return agent.make({ key: `reveal ${claimId}`, call, facts: { ...facts, kind: "reveal" }, deadline });
    }
    agent.once(`expired ${claimId}`, () => {
      agent.duties.missedDeadlines++;
      log.error(facts, "the claim was not revealed in time");
    });
    const call = calls.expireCommit(agent.address, claimId);
    return agent.make({ key: `expire ${claimId}`, call, facts: { ...facts, kind: "expire" } });
  }

  /** Whether a commitment made now could still be revealed in the round that is open: there is a margin for slow blocks. */
  private canJoin({ fields }: OwnClaim): boolean {
    const { ledger, parameters, log } = this.agent;
    const { openRoots, joinDeadline, finalizedAt } = ledger.roundOf(fields.buildId);
    if (finalizedAt !== 0) return false;
    const { minCommitAgeSeconds, minResponseSeconds } = parameters;
    if (openRoots === 0 || ledger.now + minCommitAgeSeconds + minResponseSeconds <= joinDeadline) return true;
    this.agent.once(`late ${fields.buildId} ${joinDeadline}`, () =>
      log.info({ build: fields.buildId, joinDeadline }, "no claim: the round closes before it could be revealed"),
    );
    return false;
  }

  /** Refuses, aloud, what could not be defended in time or paid for. */
  private async canClaim({ fields, build }: OwnClaim): Promise<boolean> {
    const { agent } = this;
    const { parameters, account } = agent;
    const refuse = (why: string, facts: Readonly<Record<string, unknown>>) => {
      agent.once(`undefendable ${fields.buildId} ${why}`, () =>
        agent.log.error({ build: fields.buildId, ...facts }, `no claim: ${why}`),
      );
      return false;
    };
    const window = claimWindowSeconds(parameters, fields.log2Ticks);
    if (window > parameters.maxWindowSeconds) {
      return refuse("its window is longer than the contract allows", { window, most: parameters.maxWindowSeconds });
    }
    if (build.maxLog2Steps > parameters.maxLog2Steps) {
      return refuse("its ticks may have more steps than the contract allows", {
        log2Steps: build.maxLog2Steps,
        most: parameters.maxLog2Steps,
      });
    }
    const slow = tooSlowToAnswer(build, agent.limits.parallelChallenges, parameters.solverBudgetSeconds);
    if (slow !== undefined) return refuse(slow.why, slow.facts);
    const balance = await account.balance();
    if (balance <= parameters.solverBond) {
      return refuse("the balance does not pay the bond", { balance, bond: parameters.solverBond });
    }
    return true;
  }
}
