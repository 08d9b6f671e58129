import type { Root } from "../core/bytes.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { challengeableUntil, finalizableFrom, type RoundView, rewardDueFrom } from "../protocol/rounds.ts";
import type { ClaimView, DisputeView } from "../protocol/views.ts";
import type { History } from "./history.ts";
import type { ClaimRecord } from "./records.ts";

/** What a history means at one moment, under the terms of one deployment. Asks nobody. */
export abstract class LedgerView {
  abstract get history(): History;

  /** The earliest time the next block can have. Seconds. */
  abstract get now(): number;

  protected abstract get parameters(): Parameters;

  /** Everything about one challenge at this moment, as the game logic wants it. */
  disputeView(id: Root): DisputeView {
    const { status, stakeNumber, at, roots, claimId } = this.history.challenges.get(id)!;
    return {
      now: this.now,
      claim: this.claimView(this.history.claims.get(claimId)!),
      challenge: { status, stakeNumber, at, roots },
    };
  }

  claimView({ claimId, status, reference, fields }: ClaimRecord): ClaimView {
    const { log2Arity, maxLog2Steps, minResponseSeconds } = this.parameters;
    const { log2CheckpointTicks, checkpointRoot } = fields;
    const terms = { log2Arity, maxLog2Steps, minResponseSeconds };
    return { claimId, status, ...reference, log2CheckpointTicks, checkpointRoot, ...terms };
  }

  /** What the claims of a build mean for each other. */
  roundOf(buildId: Root): RoundView {
    const build = this.history.builds.get(buildId);
    const { contradictionEndedAt = 0, joinDeadline = 0, finalizedAt = 0 } = build ?? {};
    const openRoots = new Set(this.history.livingClaims(buildId).map(({ fields }) => fields.finalRoot)).size;
    return { openRoots, contradictionEndedAt, joinDeadline, finalizedAt };
  }

  isChallengeable({ status, windowEnd, fields }: ClaimRecord): boolean {
    const { reactionSeconds } = this.parameters;
    return status === "open" && this.now < challengeableUntil(windowEnd, this.roundOf(fields.buildId), reactionSeconds);
  }

  /** The second from which a claim can be finalized, as far as time decides it. */
  finalizableFrom({ windowEnd, fields }: ClaimRecord): number {
    return finalizableFrom(windowEnd, this.roundOf(fields.buildId), this.parameters.reactionSeconds);
  }

  /** The second from which the reward on a final build can be paid. */
  rewardDueFrom(buildId: Root): number {
    const openClaims = this.history.openClaims(buildId).length;
    return rewardDueFrom(this.roundOf(buildId), openClaims, this.parameters);
  }
}
