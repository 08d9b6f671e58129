import { isAssayError } from "../core/errors.ts";
import { challengeWord } from "../protocol/challenge.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { Agreement } from "./agreement.ts";
import type { AssayChain } from "./assay.ts";
import { BlockLogs } from "./blockLogs.ts";
import { BlockReader } from "./blockReader.ts";
import { type Header, nameOf } from "./blocks.ts";
import { consistencyFor } from "./consistency.ts";
import { decodeEvent } from "./events.ts";
import { type Change, Follower, type FollowOptions } from "./follower.ts";
import { HeadHealth } from "./health.ts";
import { History, type HistoryEvent } from "./history.ts";
import { ChainIdentity } from "./identity.ts";
import type { LedgerEvent } from "./ledgerEvents.ts";
import { type LedgerStore, MemoryLedgerStore } from "./ledgerStore.ts";
import { LedgerView } from "./ledgerView.ts";
import { type Repair, recheck } from "./recheck.ts";
import type { ChallengeRecord } from "./records.ts";

/** Where a ledger keeps what it has read, and what is told of its work. */
export interface LedgerOptions {
  /** Keeps what has been read for the next process; by default nothing is kept. The ledger closes it. */
  readonly store?: LedgerStore;
  /** How often everything is read again, in the background: a server that has left out a log once says so rarely. */
  readonly recheckSeconds?: number;
  /** A newest block older than this is worth a warning; 0: none is. */
  readonly headAgeSeconds?: number;
  /** `false` for who needs nothing but the store: the history stays empty and no events are told. */
  readonly withHistory?: boolean;
  readonly onEvent?: (event: LedgerEvent) => void;
}

/** What is new since the last time. */
export interface News {
  /** In their order. None is told twice, also if a reorganisation undoes it and brings the same block back. */
  readonly events: readonly HistoryEvent[];
  /** Everything from this block on had to be dropped: decisions made from it are void, moves made from it revert on their own. */
  readonly droppedFrom?: number;
}

/** What a party knows of the chain: the confirmed history, and what time it is there. */
export class Ledger extends LedgerView {
  private currentHistory = new History();
  /** The newest block seen. */
  private latest: Header | undefined;
  private follower: Follower | undefined;
  private isDistrusted = false;
  /** What has not been told yet, by name of the log. */
  private readonly untold = new Map<string, HistoryEvent>();
  private droppedFrom: number | undefined;
  /** Names of logs that have been dropped: some have been told before they come back. */
  private readonly told = new Set<string>();
  private runningRecheck: Promise<void> | undefined;
  private recheckedAt = performance.now();
  private repairs: readonly Repair[] = [];
  private refreshed: Promise<unknown> = Promise.resolve();
  private readonly closed = new AbortController();
  private readonly reader: BlockReader;
  private readonly blockLogs: BlockLogs;
  private readonly identity: ChainIdentity;
  private readonly health: HeadHealth;
  private readonly store: LedgerStore;
  private readonly recheckSeconds: number;
  private readonly withHistory: boolean;
  private readonly onEvent: (event: LedgerEvent) => void;

  constructor(
    readonly chain: AssayChain,
    {
      store = new MemoryLedgerStore(),
      recheckSeconds = 3600,
      headAgeSeconds = 0,
      withHistory = true,
      onEvent = () => {},
    }: LedgerOptions = {},
  ) {
    super();
    const { chainId, assay, deploymentBlock } = chain.deployment;
    this.reader = new BlockReader(chain.provider);
    this.blockLogs = new BlockLogs(chain.provider, assay.toLowerCase(), onEvent, consistencyFor(chainId, assay));
    this.identity = new ChainIdentity(this.reader, deploymentBlock);
    this.health = new HeadHealth(headAgeSeconds, onEvent);
    this.store = store;
    this.recheckSeconds = recheckSeconds;
    this.withHistory = withHistory;
    this.onEvent = onEvent;
  }

  override get history(): History {
    return this.currentHistory;
  }

  protected override get parameters(): Parameters {
    return this.chain.parameters;
  }

  /** Number of the last block that has been read; -1 before the first. */
  get block(): number {
    return (this.isDistrusted ? undefined : this.follower?.upTo?.number) ?? -1;
  }

  /** The newest block seen; undefined before the first. */
  get head(): Pick<Header, "number" | "timestamp"> | undefined {
    return this.latest;
  }

  override get now(): number {
    return this.latest === undefined ? 0 : this.latest.timestamp + 1;
  }

  /**
   * Reads what is new. A reorganisation drops what is not on the chain any more, and nothing else.
   * @throws AssayError `chain/wrong-chain` while the server is of another chain than before; `chain/...-fault`: nothing is lost, what
   * has been read is told by the next call that succeeds
   */
  async refresh(): Promise<News> {
    const run = this.refreshed.then(async () => await this.refreshOnce());
    this.refreshed = run.catch(() => {});
    return await run;
  }

  /** Reads everything again without delaying anything else; what was wrong is put right by the next `refresh`. */
  async recheck(): Promise<void> {
    this.runningRecheck ??= this.readAgain().finally(() => {
      this.runningRecheck = undefined;
      this.recheckedAt = performance.now();
    });
    await this.runningRecheck;
  }

  /** Ends what runs in the background, and closes the store. */
  async close(): Promise<void> {
    this.closed.abort();
    await this.refreshed;
    this.store.close();
  }

  /**
   * Whether the contract keeps what the events say of a challenge. A server can invent events, but none that hash to the word
   * that another answer of its own, or of the next server, says is stored.
   * @returns undefined when the chain has been reorganised since: the record is of a history that is gone, or the next `refresh` will
   * see it.
   */
  async isStored({ id, at }: ChallengeRecord): Promise<boolean | undefined> {
    const upTo = this.follower?.upTo;
    const known = this.currentHistory.challenges.get(id)?.at;
    if (known === undefined || challengeWord(known) !== challengeWord(at)) return undefined;
    if ((await this.chain.contract.challengeOf(id, { blockTag: this.block })) === challengeWord(at)) return true;
    const { hash } = (await this.chain.provider.getBlock(this.block)) ?? {};
    return hash === upTo?.hash ? false : undefined;
  }

  /** Forgets everything: the next `refresh` reads it again, from whichever server answers then. */
  distrust(): void {
    this.currentHistory = new History();
    this.isDistrusted = true;
  }

  private async refreshOnce(): Promise<News> {
    const { confirmations } = this.chain.deployment;
    try {
      const latest = await this.reader.tagged("latest");
      const hasOpened = await this.open(latest);
      const isLower = latest.number < (this.latest?.number ?? 0);
      // Whatever looks like a server that lags may be one of another chain.
      await this.identity.check(latest, this.follower?.upTo, isLower);
      if (!isLower) this.latest = latest;
      let isBehind = isLower;
      if (hasOpened) {
        await this.putRight();
        const head = typeof confirmations === "number" ? latest : await this.reader.tagged(confirmations);
        const outcome = await this.follower!.follow(head);
        if (typeof confirmations === "number") isBehind = outcome === "behind";
        if (!isBehind) this.latest = latest;
      }
      this.observe(latest, isBehind);
    } catch (error) {
      if (isAssayError(error, "chain/wrong-chain")) {
        this.health.foundOtherChain(error.message, this.chain.provider.host);
      }
      throw error;
    }
    if (performance.now() - this.recheckedAt >= this.recheckSeconds * 1000) void this.recheck();
    const news = { events: [...this.untold.values()] };
    const droppedFrom = this.droppedFrom;
    this.untold.clear();
    this.droppedFrom = undefined;
    return droppedFrom === undefined ? news : { ...news, droppedFrom };
  }

  private observe(head: Header, isBehind: boolean): void {
    const [wall, monotonic] = [Date.now() / 1000, performance.now() / 1000];
    this.health.observe({ head, isBehind, wall, monotonic, host: this.chain.provider.host });
  }

  /** Begins with what is kept. @returns false on a chain that has not come to the deployment yet. */
  private async open(latest: Header): Promise<boolean> {
    if (this.follower !== undefined) return true;
    const deploymentHash = await this.identity.learn(latest);
    if (deploymentHash === undefined) return false;
    const { chainId } = this.chain.deployment;
    const options = this.followOptions();
    const agreement = new Agreement(this.chain.provider, this.chain.deployment.agreement ?? 1, this.onEvent);
    const confirmed = await this.store.open({ chainId, deploymentHash, address: options.address });
    this.currentHistory = await this.fold(Number.MAX_SAFE_INTEGER);
    this.follower = new Follower(this.reader, this.blockLogs, agreement, options, confirmed, async (change) => {
      await this.take(change);
    });
    return true;
  }

  private followOptions(): FollowOptions {
    const { assay, deploymentBlock: firstBlock, confirmations, logRange: maxRange } = this.chain.deployment;
    const depth = typeof confirmations === "number" ? confirmations : 0;
    return { address: assay.toLowerCase(), firstBlock, depth, maxRange };
  }

  /** Forgets what is distrusted, and replaces what reading everything again has shown to be wrong. */
  private async putRight(): Promise<void> {
    const follower = this.follower!;
    if (this.isDistrusted) {
      await follower.rewind(this.chain.deployment.deploymentBlock);
      this.isDistrusted = false;
      this.repairs = [];
    }
    if (this.repairs.length === 0) return;
    const from = Math.min(...this.repairs.map(({ block }) => block.number));
    const kept = await this.store.logs(from, Number.MAX_SAFE_INTEGER);
    const blocks = await follower.repair(this.repairs, kept);
    this.repairs = [];
    if (blocks.length > 0) this.onEvent({ kind: "history repaired", blocks });
  }

  /** Takes a change in: keeps it, then folds it. A log that cannot be decoded keeps all of it out. */
  private async take(change: Change): Promise<void> {
    const { droppedFrom, logs } = change;
    const decoded = logs.map((log) => ({ log, event: decodeEvent(log) }));
    if (droppedFrom !== undefined) {
      await this.identity.check(this.latest!, this.follower!.upTo, true);
      const dropped = this.withHistory ? await this.store.logs(droppedFrom, Number.MAX_SAFE_INTEGER) : [];
      const history = await this.fold(droppedFrom - 1);
      await this.store.save(change);
      // What has not been told yet never happened.
      for (const name of dropped.map(nameOf)) if (!this.untold.delete(name)) this.told.add(name);
      this.currentHistory = history;
      this.droppedFrom = Math.min(droppedFrom, this.droppedFrom ?? droppedFrom);
    } else {
      await this.store.save(change);
    }
    for (const { log, event } of decoded) {
      if (event === undefined || !this.withHistory) continue;
      const applied = this.currentHistory.applyEvent(event, log, log.timestamp);
      const name = nameOf(log);
      if (!this.told.has(name)) this.untold.set(name, applied);
    }
  }

  private async fold(upTo: number): Promise<History> {
    const history = new History();
    if (!this.withHistory) return history;
    for (const log of await this.store.logs(0, upTo)) history.apply(log, log.timestamp);
    return history;
  }

  private async readAgain(): Promise<void> {
    if (this.follower?.upTo === undefined) return;
    const parts = { reader: this.reader, blockLogs: this.blockLogs, store: this.store };
    try {
      const options = this.followOptions();
      this.repairs = await recheck({ ...parts, options }, this.follower.upTo.number, this.closed.signal);
    } catch (error) {
      this.onEvent({ kind: "recheck failed", why: error instanceof Error ? error.message : String(error) });
    }
  }
}
