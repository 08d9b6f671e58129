import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { AssayChain } from "../../chain/assay.ts";
import { Ledger } from "../../chain/ledger.ts";
import { SqliteLedgerStore } from "../../chain/node/sqliteLedgerStore.ts";
import { isAssayError } from "../../core/errors.ts";
import { pause } from "../../core/pause.ts";
import type { ChainKey, IndexedChain } from "../records.ts";
import type { ExplorerLog } from "./explorerLog.ts";
import { type IndexChange, IndexWriter } from "./indexWriter.ts";

/** A contract that is indexed. */
export interface ExplorerChain {
  readonly key: ChainKey;
  /** For people. */
  readonly name: string;
  /** @throws AssayError; codes that end in `-fault` pass. */
  connect(): Promise<AssayChain>;
}

export interface ChainIndexerOptions {
  readonly chain: ExplorerChain;
  readonly database: DatabaseSync;
  readonly log: ExplorerLog;
  readonly onChange: (change: IndexChange) => void;
  /** The index cannot be written any more, or is damaged. */
  readonly onBroken: (error: unknown) => void;
}

const longestPauseMilliseconds = 60_000;

/** Follows one contract: its ledger keeps the logs, and what they say of builds is written beside them. */
export class ChainIndexer {
  private connection: AssayChain | undefined;
  private ledger: Ledger | undefined;
  private writer: IndexWriter | undefined;
  private draining: Promise<void> | undefined;
  private why: string | undefined;
  /** The last block that is known to be in the index. */
  private block = -1;
  private readonly ended = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: ChainIndexerOptions) {}

  /** The newest block seen by this process. */
  get head(): IndexedChain["head"] {
    const head = this.ledger?.head;
    return head && { number: head.number, timestamp: head.timestamp };
  }

  /** Why nothing new is read, if nothing is. */
  get fault(): string | undefined {
    return this.why;
  }

  /**
   * Connects, and goes on in the background. What may pass is tried again.
   * @throws AssayError when the chain or the contract is not what it should be
   */
  async start(): Promise<void> {
    try {
      await this.connected();
    } catch (error) {
      if (!isAssayError(error) || !error.code.endsWith("-fault")) throw error;
      this.note(error);
    }
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.ended.abort();
    this.connection?.close();
    await this.running;
    await this.draining;
    await this.ledger?.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.round();
        if (failures > 0) this.options.log.info({ chain: this.options.chain.key }, "the chain is read again");
        this.stand(undefined);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.note(error);
        failures++;
      }
      const poll = this.connection?.provider.limits.pollMilliseconds ?? 1000;
      await pause(Math.min(longestPauseMilliseconds, poll * 2 ** Math.min(failures, 10)), signal).catch(() => {});
    }
  }

  private async round(): Promise<void> {
    const { chain } = this.options;
    const connection = await this.connected();
    const store = () =>
      new SqliteLedgerStore("", {
        database: this.options.database,
        onUnwritable: (why) => this.options.onBroken(why),
        alongside: ({ droppedFrom }, source) => {
          if (droppedFrom !== undefined) this.change(this.writerOf(source).drop(droppedFrom));
          else this.writerOf(source);
          void this.drain().catch(() => {});
        },
      });
    if (this.ledger === undefined) {
      const kept = store();
      this.ledger = new Ledger(connection, {
        store: kept,
        withHistory: false,
        onEvent: ({ kind, ...facts }) => this.options.log.debug({ chain: chain.key, ...facts }, kind),
      });
      await this.ledger.refresh();
      if (kept.sourceId !== 0) this.writerOf(kept.sourceId);
    } else {
      await this.ledger.refresh();
    }
    await this.drain();
  }

  private async connected(): Promise<AssayChain> {
    this.connection ??= await this.options.chain.connect();
    return this.connection;
  }

  private writerOf(source: number): IndexWriter {
    const { key } = this.options.chain;
    if (this.writer === undefined) {
      this.writer = new IndexWriter(this.options.database, { source, key, parameters: this.connection!.parameters });
      this.block = this.writer.block;
    }
    return this.writer;
  }

  /** Takes in what is kept, a little at a time, so that others are answered in between. */
  private async drain(): Promise<void> {
    this.draining ??= this.takeAllIn().finally(() => {
      this.draining = undefined;
    });
    await this.draining;
  }

  private async takeAllIn(): Promise<void> {
    try {
      for (;;) {
        await setImmediate();
        if (this.ended.signal.aborted || this.writer === undefined) return;
        const change = this.writer.takeIn();
        if (change === undefined) return;
        this.change(change);
      }
    } catch (error) {
      this.options.onBroken(error);
      throw error;
    }
  }

  private note(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const code = isAssayError(error) ? error.code : undefined;
    if (why !== this.why)
      this.options.log.warn({ chain: this.options.chain.key, code, why }, "the chain cannot be read");
    this.stand(why);
  }

  /** That a chain cannot be read any more, or can again, is a change like any other: who listens does not ask meanwhile. */
  private stand(why: string | undefined): void {
    if (why === this.why) return;
    this.why = why;
    this.change({ chain: this.options.chain.key, block: this.block, builds: [] });
  }

  private change(change: IndexChange): void {
    this.block = change.block;
    this.options.onChange(change);
  }
}
