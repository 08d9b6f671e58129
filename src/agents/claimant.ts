import { saltOf } from "../chain/claims.ts";
import { publish } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { CheckpointTree, encodeCheckpoints } from "../protocol/checkpoints.ts";
import { type ClaimFields, claimIdOf } from "../protocol/claim.ts";
import { claimWindowSeconds } from "../protocol/parameters.ts";
import type { Agent } from "./agent.ts";
import { tooSlowToAnswer } from "./answeringTime.ts";
import type { FinishedBuild } from "./builds.ts";

/** A claim of one's own, on its way: everything in it follows from the build and the key. */
export interface OwnClaim {
  readonly claimId: Root;
  readonly salt: Root;
  readonly fields: ClaimFields;
  readonly build: FinishedBuild;
}

/** Commits to claims and reveals them. Keeps nothing: after a crash the same build gives the same claim again. */
export class Claimant {
  readonly #claims = new Map<Root, OwnClaim>();

  /** @param privateKey salts are derived from it; it is used for nothing else here. */
  constructor(
    private readonly agent: Agent,
    private readonly privateKey: string,
  ) {}

  /** The claim that this solver makes about a build. Publishes what verifiers need, since the locator is part of it. */
  async claimOn(build: FinishedBuild): Promise<OwnClaim> {
    const known = this.#claims.get(build.buildId);
    if (known !== undefined) return known;
    const { agent } = this;
    const { chainId, assay } = agent.chain.deployment;
    const list = { roots: build.checkpoints };
    const checkpoints = list.roots.length === 0 ? undefined : await agent.store.put(encodeCheckpoints(list));
    const locator = await publish(agent.store, {
      kind: "assay-claim",
      version: 1,
      build: { kind: "assay-build", version: 1, environment: build.environment, input: build.input },
      ...(checkpoints !== undefined && { checkpoints }),
    });
    const fields: ClaimFields = {
      buildId: build.buildId,
      finalRoot: build.finalRoot,
      log2Ticks: build.log2Ticks,
      log2CheckpointTicks: build.log2CheckpointTicks,
      checkpointRoot: new CheckpointTree(list).root,
      locator,
    };
    const salt = saltOf(this.privateKey, chainId, assay, fields);
    const claim = { claimId: claimIdOf(chainId, assay, agent.address, salt, fields), salt, fields, build };
    this.#claims.set(build.buildId, claim);
    return claim;
  }

  /** The next thing to be done about a claim that is not revealed. */
  async advance(claim: OwnClaim, wanted: boolean): Promise<boolean> {
    const { agent } = this;
    const { ledger, chain, calls, log } = agent;
    const { claimId, fields } = claim;
    if (ledger.history.claims.has(claimId)) return false;
    const commitment = await chain.contract.commitmentOf(agent.address, claimId);
    const facts = { claim: claimId, build: fields.buildId };
    if (commitment.number === 0n) {
      // A claim that has been revealed, or whose commitment has expired, has no commitment either.
      const known = await chain.contract.claimOf(claimId);
      if (!wanted || known.status !== 0n || ledger.history.expired.has(claimId)) return false;
      if (!(await this.#canClaim(claim))) return false;
      return await agent.make(`commit ${claimId}`, calls.commit(claimId, chain.parameters.solverBond), {
        ...facts,
        kind: "commit",
      });
    }
    const age = ledger.now - Number(commitment.committedAt);
    const { minCommitAgeSeconds, maxCommitAgeSeconds } = chain.parameters;
    if (age < minCommitAgeSeconds) return false;
    if (age <= maxCommitAgeSeconds) {
      const { startProof, endProof } = claim.build;
      return await agent.make(`reveal ${claimId}`, calls.reveal(fields, claim.salt, startProof, endProof), {
        ...facts,
        kind: "reveal",
      });
    }
    agent.once(`expired ${claimId}`, () => {
      agent.duties.missedDeadlines++;
      log.error(facts, "the claim was not revealed in time");
    });
    return await agent.make(`expire ${claimId}`, calls.expireCommit(agent.address, claimId), {
      ...facts,
      kind: "expire",
    });
  }

  /** Refuses, aloud, what could not be defended in time or paid for. */
  async #canClaim({ fields, build }: OwnClaim): Promise<boolean> {
    const { agent } = this;
    const { parameters, provider } = agent.chain;
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
    const balance = await provider.getBalance(agent.address);
    if (balance <= parameters.solverBond) {
      return refuse("the balance does not pay the bond", { balance, bond: parameters.solverBond });
    }
    return true;
  }
}
