import type { Root } from "../core/bytes.ts";
import { type PackedChallenge, stakeKeyOf, unpackChallenge } from "../protocol/challenge.ts";
import {
  type Address,
  type ClaimDetails,
  type ClaimFields,
  type ClaimReference,
  detailsOf,
  referenceWith,
} from "../protocol/claim.ts";
import { hashBytes } from "../protocol/hash.ts";
import type { ChainLog } from "./blocks.ts";
import { type ContractEvent, decodeEvent } from "./events.ts";
import type {
  BuildRecord,
  ChallengeRecord,
  ClaimRecord,
  CommitmentRecord,
  Refutation,
  RequestRecord,
  StakeRecord,
} from "./records.ts";

/** Something that happened, in the order in which it happened: what daemons react to and the demo tells. */
export interface HistoryEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly block: number;
  readonly timestamp: number;
  readonly transaction: string;
}

const causes = ["fault", "timeout", "concession"] as const;

/**
 * Everything the contract's events say, folded in order. Holds no connection; it is thrown away and built anew when the chain
 * is reorganised.
 */
export class History {
  readonly claims = new Map<Root, ClaimRecord>();
  /** Those that are neither revealed nor ended, by `commitmentKey`: anybody can commit to an id that it has seen. */
  readonly commitments = new Map<string, CommitmentRecord>();
  readonly challenges = new Map<Root, ChallengeRecord>();
  readonly stakes = new Map<Root, StakeRecord>();
  readonly requests = new Map<Root, RequestRecord>();
  readonly builds = new Map<Root, BuildRecord>();

  private readonly challengesByClaim = new Map<Root, ChallengeRecord[]>();
  private readonly stakesByBuild = new Map<Root, StakeRecord[]>();

  challengesTo(claimId: Root): ChallengeRecord[] {
    return [...(this.challengesByClaim.get(claimId) ?? [])];
  }

  /** All stakes that an account has ever had on a build. */
  stakesOn(buildId: Root, challenger: string): StakeRecord[] {
    const own = challenger.toLowerCase();
    return (this.stakesByBuild.get(buildId) ?? []).filter(({ challenger }) => challenger.toLowerCase() === own);
  }

  /** Claims of a build that are not refuted: open or final. */
  livingClaims(buildId: Root): ClaimRecord[] {
    const ids = this.builds.get(buildId)?.claims ?? [];
    return ids.map((id) => this.claims.get(id)!).filter(({ status }) => status !== "refuted");
  }

  openClaims(buildId: Root): ClaimRecord[] {
    return this.livingClaims(buildId).filter(({ status }) => status === "open");
  }

  /**
   * Takes one log in. @param timestamp of its block.
   * @returns what happened; undefined for a log that is none of the contract's events.
   * @throws AssayError `chain/bad-answer-fault` for a log that the contract cannot have written
   */
  apply(log: ChainLog, timestamp: number): HistoryEvent | undefined {
    const event = decodeEvent(log);
    return event && this.applyEvent(event, log, timestamp);
  }

  /** The same for a log that has been decoded. */
  applyEvent(event: ContractEvent, log: ChainLog, timestamp: number): HistoryEvent {
    this.fold(event, log, timestamp);
    const { name, args } = event;
    return { name, args, block: log.blockNumber, timestamp, transaction: log.transactionHash };
  }

  private fold(event: ContractEvent, log: ChainLog, timestamp: number): void {
    const { name, args } = event;
    const claimId = args.claimId as Root;
    const buildId = args.buildId as Root;
    switch (name) {
      case "ClaimCommitted":
        this.commitments.set(commitmentKey(args.solver as string, claimId), {
          claimId,
          solver: args.solver as string,
          committedAt: timestamp,
        });
        return;
      case "CommitEnded":
        this.commitments.delete(commitmentKey(args.solver as string, claimId));
        return;
      case "ClaimRevealed":
        this.reveal(event, log);
        return;
      case "ClaimRefuted":
        this.refute(args, log, timestamp);
        return;
      case "ClaimFinalized":
        this.claim(claimId, (claim) => {
          claim.status = "final";
        });
        return;
      case "BuildFinalized": {
        const build = this.build(buildId);
        build.finalClaim = claimId;
        build.finalRoot = args.finalRoot as Root;
        build.finalizedAt = timestamp;
        return;
      }
      case "ChallengeOpened":
        this.open(args, log);
        return;
      case "Answered":
      case "Selected":
        this.challenge(args, (challenge) => {
          challenge.at = challengeIn(args);
          challenge.roots = name === "Answered" ? [...(args.interiorRoots as Root[])] : [];
          if (name === "Selected") challenge.selections++;
        });
        return;
      case "ChallengeLost":
        this.challenge(args, (challenge) => {
          challenge.status = "lost";
          this.stakeOf(challenge, (stake) => {
            stake.status = "lost";
          });
        });
        return;
      case "ChallengeClosed":
        this.challenge(args, (challenge) => {
          challenge.status = "closed";
        });
        return;
      case "StakeReturned": {
        const key = stakeKeyOf(args.challenger as Address, buildId, args.stakeNumber as bigint);
        const stake = this.stakes.get(key);
        if (stake !== undefined) stake.status = "returned";
        return;
      }
      case "BuildRequested": {
        const requestId = args.requestId as Root;
        this.build(buildId).requests.push(requestId);
        this.requests.set(requestId, {
          requestId,
          buildId,
          requester: args.requester as Address,
          amount: args.amount as bigint,
          expiry: Number(args.expiry),
          number: args.number as bigint,
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
        this.build(buildId).rewardPaid = true;
        return;
    }
  }

  private reveal(event: ContractEvent, log: ChainLog): void {
    const { args } = event;
    const claimId = args.claimId as Root;
    const solver = args.solver as Address;
    const fields = fieldsIn(args);
    this.commitments.delete(commitmentKey(solver, claimId));
    const build = this.build(fields.buildId);
    build.claims.push(claimId);
    build.joinDeadline = Number(args.joinDeadline);
    if (args.opensRound as boolean) build.contradictionEndedAt = 0;
    // Rationale: hashing would be most of the time that a long history takes, and of most claims nobody asks again.
    let reference: ClaimReference | undefined;
    let details: ClaimDetails | undefined;
    this.claims.set(claimId, {
      claimId,
      solver,
      fields,
      get reference() {
        reference ??= referenceWith(solver, fields, this.details);
        return reference;
      },
      get details() {
        details ??= detailsIn(event);
        return details;
      },
      windowEnd: Number(args.windowEnd),
      joinDeadline: build.joinDeadline,
      block: log.blockNumber,
      status: "open",
    });
  }

  private refute(args: ContractEvent["args"], log: ChainLog, timestamp: number): void {
    const build = this.build(args.buildId as Root);
    this.claim(args.claimId as Root, (claim) => {
      const before = this.roots(build.buildId);
      claim.status = "refuted";
      claim.refutation = refutationOf(args, log);
      if (build.finalClaim === undefined && before > 1 && this.roots(build.buildId) === 1)
        build.contradictionEndedAt = timestamp;
    });
    // The challenge that brings a claim down ends with it, without an event of its own.
    this.challenge(args, (challenge) => {
      challenge.status = "closed";
    });
  }

  private open(args: ContractEvent["args"], log: ChainLog): void {
    const id = args.challengeId as Root;
    const claimId = args.claimId as Root;
    const challenger = args.challenger as Address;
    const stakeNumber = args.stakeNumber as bigint;
    const at = challengeIn(args);
    const common = { challenger, stakeNumber, status: "open" as const };
    const challenge = { id, claimId, ...common, at, roots: [], selections: 0, block: log.blockNumber };
    this.challenges.set(id, challenge);
    listIn(this.challengesByClaim, claimId).push(challenge);
    const buildId = this.claims.get(claimId)?.fields.buildId;
    if (buildId === undefined) return;
    const key = stakeKeyOf(challenger, buildId, stakeNumber);
    if (this.stakes.has(key)) return;
    const stake: StakeRecord = { key, challenger, buildId, stakeNumber, status: "live" };
    this.stakes.set(key, stake);
    listIn(this.stakesByBuild, buildId).push(stake);
  }

  private roots(buildId: Root): number {
    return new Set(this.livingClaims(buildId).map(({ fields }) => fields.finalRoot)).size;
  }

  private claim(claimId: Root, change: (claim: ClaimRecord) => void): void {
    const claim = this.claims.get(claimId);
    if (claim !== undefined) change(claim);
  }

  private challenge(args: ContractEvent["args"], change: (challenge: ChallengeRecord) => void): void {
    const challenge = this.challenges.get(args.challengeId as Root);
    if (challenge !== undefined) change(challenge);
  }

  private stakeOf(challenge: ChallengeRecord, change: (stake: StakeRecord) => void): void {
    const buildId = this.claims.get(challenge.claimId)?.fields.buildId;
    if (buildId === undefined) return;
    const stake = this.stakes.get(stakeKeyOf(challenge.challenger as Address, buildId, challenge.stakeNumber));
    if (stake !== undefined) change(stake);
  }

  private build(buildId: Root): BuildRecord {
    let build = this.builds.get(buildId);
    if (build === undefined) {
      build = { buildId, claims: [], requests: [], joinDeadline: 0, contradictionEndedAt: 0, rewardPaid: false };
      this.builds.set(buildId, build);
    }
    return build;
  }
}

function listIn<T>(lists: Map<Root, T[]>, key: Root): T[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

/** Commitments are kept by solver, as the contract keeps them. */
export function commitmentKey(solver: string, claimId: Root): string {
  return `${solver.toLowerCase()} ${claimId}`;
}

function challengeIn(args: ContractEvent["args"]) {
  return unpackChallenge(args.challenge as PackedChallenge);
}

/** What a revealed claim hides behind its reference. The locator is hashed as it was sent: anybody can send one that is not text. */
export function detailsIn({ args, text }: ContractEvent): ClaimDetails {
  const details = detailsOf(fieldsIn(args), args.salt as Root);
  return text === undefined ? details : { ...details, locatorHash: hashBytes(text) };
}

/** The fields of a revealed claim. */
export function fieldsIn(args: ContractEvent["args"]): ClaimFields {
  const fields = args.fields as Readonly<Record<string, unknown>>;
  const outcome = args.outcome as Readonly<Record<string, unknown>>;
  return {
    buildId: fields.buildId as Root,
    finalRoot: fields.finalRoot as Root,
    log2Ticks: Number(fields.log2Ticks),
    log2CheckpointTicks: Number(fields.log2CheckpointTicks),
    checkpointRoot: fields.checkpointRoot as Root,
    locator: fields.locator as string,
    outcome: {
      endStatus: Number(outcome.endStatus),
      code: Number(outcome.code),
      recordVersion: Number(outcome.recordVersion),
      artifactSize: outcome.artifactSize as bigint,
      artifactSha256: outcome.artifactSha256 as Root,
    },
  };
}

function refutationOf(args: ContractEvent["args"], log: ChainLog): Refutation {
  return {
    cause: causes[Number(args.cause)]!,
    challengeId: args.challengeId as Root,
    rewarded: args.rewarded as string,
    paid: args.paid as bigint,
    burned: args.burned as bigint,
    block: log.blockNumber,
    transaction: log.transactionHash,
  };
}
