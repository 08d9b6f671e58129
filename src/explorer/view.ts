import type { DatedLog } from "../chain/blocks.ts";
import { History, type HistoryEvent } from "../chain/history.ts";
import { LedgerView } from "../chain/ledgerView.ts";
import type { BuildRecord, ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import { printable } from "../core/printable.ts";
import type { Parameters } from "../protocol/parameters.ts";
import {
  addressOf,
  disputeMoveOf,
  eventRecordOf,
  mostTextCharacters,
  outcomeOf,
  requestDetailOf,
  turnOf,
} from "./claimRecords.ts";
import { actsOf, operatorSummaryOf } from "./operators.ts";
import type {
  BuildAbout,
  BuildDetail,
  BuildState,
  BuildSummary,
  ChainKey,
  ClaimDetail,
  ClaimSummary,
  DisputeDetail,
  DisputeSummary,
  OperatorSummary,
  Outcome,
  Watch,
} from "./records.ts";

export interface ViewOptions {
  readonly chain: ChainKey;
  readonly parameters: Parameters;
  readonly history: History;
  /** All events of the history, in their order. */
  readonly events: readonly HistoryEvent[];
  /** What is said of builds outside of the chain. */
  readonly about?: (buildId: Root) => BuildAbout | undefined;
}

/** The most events of one build that are told. */
export const mostEvents = 1000;
/** The most entries of each list of `Watch`. */
export const mostWatched = 200;

/**
 * What the page shows, computed from a history: the whole one of a contract, or that of one build. Nothing in it depends on the time
 * of asking. The methods that take an id return undefined for one that the history does not have.
 */
export class ExplorerView extends LedgerView {
  override readonly now = 0;
  private readonly eventsByBuild = new Map<Root, HistoryEvent[]>();
  private readonly eventsByChallenge = new Map<Root, HistoryEvent[]>();
  private readonly reveals = new Map<Root, HistoryEvent>();
  private readonly challengesByBuild = new Map<Root, Root[]>();

  constructor(private readonly options: ViewOptions) {
    super();
    for (const event of options.events) this.note(event);
    for (const { id, claimId } of this.history.challenges.values()) {
      const buildId = this.history.claims.get(claimId)?.fields.buildId;
      if (buildId !== undefined) listIn(this.challengesByBuild, buildId).push(id);
    }
  }

  /** The view of logs that a ledger's store keeps. @param logs in order. */
  static ofLogs(options: Pick<ViewOptions, "chain" | "parameters" | "about">, logs: readonly DatedLog[]): ExplorerView {
    const history = new History();
    const events = logs.flatMap((log) => history.apply(log, log.timestamp) ?? []);
    return new ExplorerView({ ...options, history, events });
  }

  override get history(): History {
    return this.options.history;
  }

  get chain(): ChainKey {
    return this.options.chain;
  }

  protected override get parameters(): Parameters {
    return this.options.parameters;
  }

  buildSummary(buildId: Root): BuildSummary | undefined {
    const build = this.history.builds.get(buildId);
    return build && this.summaryOf(build);
  }

  buildDetail(buildId: Root): BuildDetail | undefined {
    const build = this.history.builds.get(buildId);
    if (build === undefined) return undefined;
    const { finalClaim, joinDeadline, rewardPaid } = build;
    return {
      ...this.summaryOf(build),
      requests: build.requests.map((id) => requestDetailOf(this.history.requests.get(id)!)),
      claimList: build.claims.map((id) => this.claimSummary(id)!),
      disputeList: this.disputesOf(buildId).map((id) => this.disputeSummary(id)!),
      events: (this.eventsByBuild.get(buildId) ?? []).slice(-mostEvents).map(eventRecordOf),
      joinDeadline,
      rewardPaid,
      ...(finalClaim !== undefined && { finalClaim }),
    };
  }

  claimSummary(claimId: Root): ClaimSummary | undefined {
    const claim = this.history.claims.get(claimId);
    if (claim === undefined) return undefined;
    const { solver, fields, status, block, windowEnd, refutation } = claim;
    return {
      chain: this.chain,
      claimId,
      buildId: fields.buildId,
      solver: addressOf(solver),
      status,
      outcome: outcomeOf(claim),
      finalRoot: fields.finalRoot,
      locator: printable(fields.locator, mostTextCharacters),
      block,
      revealedAt: this.reveals.get(claimId)?.timestamp ?? 0,
      windowEnd,
      finalizableFrom: this.finalizableFrom(claim),
      bond: this.parameters.solverBond.toString(),
      ...(refutation !== undefined && {
        refutation: {
          cause: refutation.cause,
          challengeId: refutation.challengeId,
          rewarded: addressOf(refutation.rewarded),
          paid: refutation.paid.toString(),
          burned: refutation.burned.toString(),
          transaction: refutation.transaction,
        },
      }),
    };
  }

  claimDetail(claimId: Root): ClaimDetail | undefined {
    const claim = this.history.claims.get(claimId);
    if (claim === undefined) return undefined;
    const { log2Ticks, log2CheckpointTicks, checkpointRoot } = claim.fields;
    return {
      ...this.claimSummary(claimId)!,
      ...{ log2Ticks, log2CheckpointTicks, checkpointRoot },
      disputes: this.history.challengesTo(claimId).map(({ id }) => this.disputeSummary(id)!),
    };
  }

  disputeSummary(challengeId: Root): DisputeSummary | undefined {
    const challenge = this.history.challenges.get(challengeId);
    const claim = challenge && this.history.claims.get(challenge.claimId);
    if (challenge === undefined || claim === undefined) return undefined;
    const events = this.eventsByChallenge.get(challengeId) ?? [];
    return {
      chain: this.chain,
      challengeId,
      claimId: claim.claimId,
      buildId: claim.fields.buildId,
      solver: addressOf(claim.solver),
      challenger: addressOf(challenge.challenger),
      status: challenge.status,
      won: claim.refutation?.challengeId === challengeId,
      openedAt: events[0]?.timestamp ?? 0,
      changed: events.at(-1)?.timestamp ?? 0,
      moves: events.length,
    };
  }

  disputeDetail(challengeId: Root): DisputeDetail | undefined {
    const summary = this.disputeSummary(challengeId);
    if (summary === undefined) return undefined;
    const { log2Arity, minResponseSeconds } = this.parameters;
    const challenge = this.history.challenges.get(challengeId)!;
    const claim = this.history.claims.get(challenge.claimId)!;
    const events = this.eventsByChallenge.get(challengeId) ?? [];
    return {
      ...summary,
      moveList: events.flatMap((event) => disputeMoveOf(event) ?? []),
      claim: this.claimSummary(challenge.claimId)!,
      log2Ticks: claim.fields.log2Ticks,
      log2Arity,
      ...(challenge.status === "open" && { turn: turnOf(challenge, minResponseSeconds) }),
      stakeNumber: challenge.stakeNumber.toString(),
    };
  }

  operator(address: string): OperatorSummary | undefined {
    return this.operators().find((one) => one.address === addressOf(address));
  }

  /** All accounts that have claimed or challenged; the one that did so last first. */
  operators(): OperatorSummary[] {
    const claims = [...this.history.claims.keys()].map((id) => this.claimSummary(id)!);
    const disputes = [...this.history.challenges.keys()].flatMap((id) => this.disputeDetail(id) ?? []);
    const addresses = new Set(actsOf(claims, disputes).map(({ address }) => address));
    return [...addresses]
      .map((address) => operatorSummaryOf(this.chain, addressOf(address), claims, disputes))
      .sort((a, b) => b.lastSeen - a.lastSeen || compare(b.address, a.address));
  }

  /** All builds, the newest first. */
  builds(): BuildSummary[] {
    return [...this.history.builds.values()]
      .map((build) => this.summaryOf(build))
      .sort((a, b) => b.since - a.since || compare(b.buildId, a.buildId));
  }

  watch(): Watch {
    const alone = (claim: ClaimRecord) => this.isUnwatched(claim.claimId);
    const disputes = [...this.history.challenges.values()].filter(({ status }) => status === "open");
    return {
      contradicted: this.builds()
        .filter(({ state }) => state === "contradicted")
        .slice(0, mostWatched),
      unwatched: [...this.history.claims.values()]
        .filter(alone)
        .sort((a, b) => a.windowEnd - b.windowEnd || compare(a.claimId, b.claimId))
        .slice(0, mostWatched)
        .map(({ claimId }) => this.claimSummary(claimId)!),
      disputes: disputes
        .flatMap(({ id }) => this.disputeSummary(id) ?? [])
        .sort((a, b) => b.openedAt - a.openedAt || compare(b.challengeId, a.challengeId))
        .slice(0, mostWatched),
    };
  }

  /** Whether a claim is open, alone on its build, and in no open challenge. */
  isUnwatched(claimId: Root): boolean {
    const claim = this.history.claims.get(claimId);
    if (claim?.status !== "open" || this.history.livingClaims(claim.fields.buildId).length > 1) return false;
    return this.history.challengesTo(claimId).every(({ status }) => status !== "open");
  }

  /** Ids of the challenges to the claims of a build, in the order in which they were opened. */
  disputesOf(buildId: Root): readonly Root[] {
    return this.challengesByBuild.get(buildId) ?? [];
  }

  private summaryOf(build: BuildRecord): BuildSummary {
    const { buildId, claims, finalClaim, finalizedAt } = build;
    const living = this.history.livingClaims(buildId);
    const roots = new Set(living.map(({ fields }) => fields.finalRoot)).size;
    const events = this.eventsByBuild.get(buildId) ?? [];
    const decided = finalClaim === undefined ? undefined : this.history.claims.get(finalClaim);
    const told = decided ?? (roots === 1 ? living[0] : undefined);
    const outcome: Outcome | undefined = told && outcomeOf(told);
    const open = this.disputesOf(buildId).filter((id) => this.history.challenges.get(id)!.status === "open");
    return {
      chain: this.chain,
      buildId,
      state: stateOf(build, living.length, roots),
      claims: claims.length,
      refuted: claims.length - living.length,
      disputes: open.length,
      since: events[0]?.timestamp ?? 0,
      changed: events.at(-1)?.timestamp ?? 0,
      ...(finalizedAt !== undefined && { finalizedAt }),
      ...(outcome !== undefined && { outcome }),
      about: this.options.about?.(buildId) ?? {},
    };
  }

  private note(event: HistoryEvent): void {
    const { name, args } = event;
    const challengeId = args.challengeId as Root | undefined;
    const claimId = (args.claimId ?? this.history.challenges.get(challengeId!)?.claimId) as Root | undefined;
    // Anybody can commit to any id: a commitment belongs to no build.
    if (name === "ClaimCommitted" || name === "CommitEnded") return;
    if (name === "ClaimRevealed") this.reveals.set(claimId!, event);
    if (challengeId !== undefined) listIn(this.eventsByChallenge, challengeId).push(event);
    const buildId = (args.buildId ?? this.history.claims.get(claimId!)?.fields.buildId) as Root | undefined;
    if (buildId !== undefined) listIn(this.eventsByBuild, buildId).push(event);
  }
}

function stateOf({ finalClaim, claims }: BuildRecord, living: number, roots: number): BuildState {
  if (finalClaim !== undefined) return "final";
  if (claims.length === 0) return "requested";
  if (living === 0) return "refuted";
  return roots > 1 ? "contradicted" : "open";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function listIn<T>(lists: Map<Root, T[]>, key: Root): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
