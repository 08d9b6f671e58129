import type { DatabaseSync } from "node:sqlite";
import type { ChainKey, IndexedChain } from "../records.ts";
import { ChainIndexer, type ExplorerChain } from "./chainIndexer.ts";
import type { ExplorerLog } from "./explorerLog.ts";
import { SearchReader } from "./indexSearch.ts";
import { openIndex } from "./indexTables.ts";
import type { IndexChange } from "./indexWriter.ts";

export interface IndexServiceOptions {
  /** The database. */
  readonly file: string;
  readonly chains: readonly ExplorerChain[];
  readonly log: ExplorerLog;
}

/** Something that works on an open index besides those who follow chains. */
export interface IndexWork {
  close(): Promise<void>;
}

/** The shortest time between two openings of an index that broke. */
const reopenMilliseconds = 1000;

/** An index of several chains that is kept up to date, and opened again when it breaks. */
export class IndexService {
  private database: DatabaseSync | undefined;
  private indexers = new Map<ChainKey, ChainIndexer>();
  private current: SearchReader | undefined;
  private work: IndexWork | undefined;
  private readonly listeners = new Set<(change: IndexChange) => void>();
  private reopening: Promise<void> | undefined;
  private isClosed = false;

  private constructor(
    private readonly options: IndexServiceOptions,
    private readonly startWork: (database: DatabaseSync, service: IndexService) => IndexWork | undefined,
  ) {}

  /**
   * @param startWork what else is done with the index each time that it has been opened.
   * @throws AssayError when a chain or contract is not what it should be
   */
  static async start(
    options: IndexServiceOptions,
    startWork: (database: DatabaseSync, service: IndexService) => IndexWork | undefined = () => undefined,
  ): Promise<IndexService> {
    const service = new IndexService(options, startWork);
    try {
      await service.open();
      return service;
    } catch (error) {
      await service.close();
      throw error;
    }
  }

  /** Undefined for the moment in which a broken index is opened again. */
  get reader(): SearchReader | undefined {
    return this.current;
  }

  chains(): IndexedChain[] {
    const kept = new Map((this.current?.chains() ?? []).map((chain) => [chain.key, chain]));
    return this.options.chains.map(({ key, name }) => {
      const { block = -1, builds = 0, events = 0 } = kept.get(key) ?? {};
      const { head, fault } = this.indexers.get(key) ?? {};
      const [chainId, assay] = key.split("-") as [string, IndexedChain["assay"]];
      return {
        ...{ key, name, chainId: Number(chainId), assay, block, builds, events },
        ...(head !== undefined && { head }),
        ...(fault !== undefined && { fault }),
      };
    });
  }

  /** @returns ends it. */
  onChange(listener: (change: IndexChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Tells those who listen. */
  tell(change: IndexChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** Something went wrong with an answer: that may be for damage. */
  noteFault(error: unknown): void {
    const { code } = error as { code?: string };
    const why = error instanceof Error ? error.message : String(error);
    if (code === "ERR_SQLITE_ERROR" || code === "ERR_INVALID_STATE") this.noteBroken(error);
    else this.options.log.error({ why }, "a question could not be answered");
  }

  /** The index could not be read or written: it is opened again, and made again if it is damaged. */
  noteBroken(error: unknown): void {
    if (this.isClosed || this.reopening !== undefined) return;
    const why = error instanceof Error ? error.message : String(error);
    this.options.log.error({ file: this.options.file, why }, "the index has broken and is opened again");
    this.reopening = this.reopen().finally(() => {
      this.reopening = undefined;
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.reopening;
    await this.shut();
  }

  private async open(): Promise<void> {
    const { file, chains, log } = this.options;
    const database = openIndex(file, (aside, why) =>
      log.warn({ file: aside, why }, "the index cannot be used: it has been put aside and is made again"),
    );
    this.database = database;
    this.current = new SearchReader(
      database,
      chains.map(({ key }) => key),
    );
    for (const chain of chains) {
      const parts = { chain, database, log };
      const onChange = (change: IndexChange) => this.tell(change);
      const indexer = new ChainIndexer({ ...parts, onChange, onBroken: (error) => this.noteBroken(error) });
      this.indexers.set(chain.key, indexer);
      await indexer.start();
    }
    this.work = this.startWork(database, this);
  }

  private async reopen(): Promise<void> {
    while (!this.isClosed) {
      await new Promise((resolve) => setTimeout(resolve, reopenMilliseconds));
      try {
        await this.shut();
        if (!this.isClosed) await this.open();
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.options.log.error({ file: this.options.file, why }, "the index cannot be opened");
      }
    }
  }

  private async shut(): Promise<void> {
    this.current = undefined;
    await this.work?.close();
    this.work = undefined;
    for (const indexer of this.indexers.values()) await indexer.close();
    this.indexers.clear();
    this.database?.close();
    this.database = undefined;
  }
}
