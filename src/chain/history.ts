import { Interface, type Log, type LogDescription } from "ethers";
import type { Root } from "../core/bytes.ts";
import { zeroRoot } from "../protocol/hash.ts";
import { nodeOf } from "../protocol/node.ts";
import { isStepParent } from "../protocol/reveal.ts";
import type { Answer, ChallengeId, Position } from "../protocol/views.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { decodePosition } from "./positions.ts";
import {
  type BuildRecord,
  type ChallengeRecord,
  type ClaimRecord,
  type CommitmentRecord,
  challengerOf,
  type Refutation,
  type RequestRecord,
} from "./records.ts";

/** Something that happened, in the order in which it happened: what daemons react to and the demo tells. */
export interface Happening {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly block: number;
  readonly timestamp: number;
  readonly transaction: string;
}

const abi = new Interface(IAssay__factory.abi);
const causes = ["fault", "timeout", "concession"] as const;

/**
 * Everything the contract's events say, folded in order. Holds no connection; it is thrown away and built anew when the chain
 * is reorganised.
 */
export class History {
  readonly claims = new Map<Root, ClaimRecord>();
  readonly commitments = new Map<Root, CommitmentRecord>();
  /** Commitments that ended without a reveal. */
  readonly expired = new Set<Root>();
  readonly challenges = new Map<ChallengeId, ChallengeRecord>();
  readonly requests = new Map<Root, RequestRecord>();
  readonly builds = new Map<Root, BuildRecord>();
  readonly #answers = new Map<Root, Answer>();
  readonly #demanders = new Map<Root, ChallengeId>();

  /** @param log2Arity of the deployment: decides for which nodes the first demander is recorded. */
  constructor(private readonly log2Arity: number) {}

  /** The solver's answer for a node, if there is one. */
  answerOf(node: Root): Answer | undefined {
    return this.#answers.get(node);
  }

  /** The first challenge that came to a node, as the contract has recorded it; zero where it does not. */
  firstDemanderOf(node: Root): ChallengeId {
    return this.#demanders.get(node) ?? zeroRoot;
  }

  challengesTo(claimId: Root): ChallengeRecord[] {
    return [...this.challenges.values()].filter((challenge) => challenge.claimId === claimId);
  }

  /** Claims of a build that are neither refuted nor superseded: open or final. */
  livingClaims(buildId: Root): ClaimRecord[] {
    const ids = this.builds.get(buildId)?.claims ?? [];
    return ids.map((id) => this.claims.get(id)!).filter(({ status }) => status !== "refuted");
  }

  /**
   * Takes one log in. @param timestamp of its block.
   * @returns what happened; undefined for a log that is none of the contract's events.
   */
  apply(log: Log, timestamp: number): Happening | undefined {
    const parsed = abi.parseLog(log);
    if (parsed === null) return undefined;
    this.#fold(parsed, log, timestamp);
    return {
      name: parsed.name,
      args: parsed.args.toObject(),
      block: log.blockNumber,
      timestamp,
      transaction: log.transactionHash,
    };
  }

  #fold({ name, args }: LogDescription, log: Log, timestamp: number): void {
    switch (name) {
      case "ClaimCommitted": {
        const { claimId, solver, number } = args as unknown as { claimId: Root; solver: string; number: bigint };
        this.commitments.set(claimId, { claimId, solver, number: Number(number), committedAt: timestamp });
        return;
      }
      case "CommitExpired":
        this.commitments.delete(args.claimId as Root);
        this.expired.add(args.claimId as Root);
        return;
      case "ClaimRevealed":
        this.#reveal(args, log);
        return;
      case "ClaimRefuted": {
        const claim = this.claims.get(args.claimId as Root);
        if (claim === undefined) return;
        claim.status = "refuted";
        claim.refutation = refutationOf(args, log);
        // The challenge that brings a claim down ends with it, its bond returned, without an event of its own.
        const winner = this.challenges.get(args.challengeId as ChallengeId);
        if (winner !== undefined) winner.status = "closed";
        return;
      }
      case "ClaimFinalized": {
        const claim = this.claims.get(args.claimId as Root);
        if (claim !== undefined) claim.status = "final";
        return;
      }
      case "BuildFinalized": {
        const build = this.#build(args.buildId as Root);
        build.finalClaim = args.claimId as Root;
        build.finalRoot = args.finalRoot as Root;
        return;
      }
      case "ChallengeOpened": {
        const position = decodePosition(args.position);
        const id = args.challengeId as ChallengeId;
        this.challenges.set(id, {
          id,
          claimId: args.claimId as Root,
          challenger: challengerOf(id),
          status: "open",
          position,
          moves: 0,
          block: log.blockNumber,
        });
        this.#demand(id, position);
        return;
      }
      case "CursorMoved": {
        const challenge = this.challenges.get(args.challengeId as ChallengeId);
        if (challenge === undefined) return;
        challenge.position = decodePosition(args.position);
        challenge.moves++;
        this.#demand(challenge.id, challenge.position);
        return;
      }
      case "RowPosted":
      case "TickOpened":
        this.#answer(name, args, timestamp);
        return;
      case "ChallengeLost":
      case "ChallengeClosed": {
        const challenge = this.challenges.get(args.challengeId as ChallengeId);
        if (challenge !== undefined) challenge.status = name === "ChallengeLost" ? "lost" : "closed";
        return;
      }
      case "BuildRequested": {
        const requestId = args.requestId as Root;
        const buildId = args.buildId as Root;
        this.#build(buildId).requests.push(requestId);
        this.requests.set(requestId, {
          requestId,
          buildId,
          requester: args.requester as string,
          amount: args.amount as bigint,
          expiry: Number(args.expiry),
          locator: args.locator as string,
          refunded: false,
        });
        return;
      }
      case "RequestRefunded": {
        const request = this.requests.get(args.requestId as Root);
        if (request !== undefined) request.refunded = true;
        return;
      }
      case "RewardPaid":
        this.#build(args.buildId as Root).rewardPaid = true;
        return;
    }
  }

  #reveal(args: LogDescription["args"], log: Log): void {
    const claimId = args.claimId as Root;
    const { fields } = args;
    this.commitments.delete(claimId);
    this.#build(args.buildId as Root).claims.push(claimId);
    this.claims.set(claimId, {
      claimId,
      solver: args.solver as string,
      fields: {
        buildId: fields.buildId as Root,
        finalRoot: fields.finalRoot as Root,
        log2Ticks: Number(fields.log2Ticks),
        log2CheckpointTicks: Number(fields.log2CheckpointTicks),
        checkpointRoot: fields.checkpointRoot as Root,
        locator: fields.locator as string,
      },
      windowEnd: Number(args.windowEnd),
      joinDeadline: Number(args.joinDeadline),
      block: log.blockNumber,
      status: "open",
    });
  }

  #answer(name: string, args: LogDescription["args"], timestamp: number): void {
    const node = args.node as Root;
    const common = { roots: [...(args.interiorRoots as Root[])], postedAt: timestamp };
    const answer: Answer =
      name === "RowPosted"
        ? { kind: "row", ...common }
        : { kind: "opening", ...common, log2Steps: Number(args.log2Steps), resumedRoot: args.resumedRoot as Root };
    this.#answers.set(node, answer);
  }

  /** The contract records who came first where the parent of a step can be: at one tick, and at a last row of steps. */
  #demand(id: ChallengeId, { cursor }: Position): void {
    if (!isStepParent(cursor, this.log2Arity)) return;
    const node = nodeOf(cursor);
    if (!this.#demanders.has(node)) this.#demanders.set(node, id);
  }

  #build(buildId: Root): BuildRecord {
    let build = this.builds.get(buildId);
    if (build === undefined) {
      build = { buildId, claims: [], requests: [], rewardPaid: false };
      this.builds.set(buildId, build);
    }
    return build;
  }
}

function refutationOf(args: LogDescription["args"], log: Log): Refutation {
  return {
    cause: causes[Number(args.cause)]!,
    challengeId: args.challengeId as ChallengeId,
    rewarded: args.rewarded as string,
    paid: args.paid as bigint,
    burned: args.burned as bigint,
    block: log.blockNumber,
    transaction: log.transactionHash,
  };
}
