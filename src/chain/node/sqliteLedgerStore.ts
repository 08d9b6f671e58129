import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ConfirmedBlock, DatedLog } from "../blocks.ts";
import { type Change, keptBlocks } from "../follower.ts";
import { type LedgerSource, type LedgerStore, MemoryLedgerStore } from "../ledgerStore.ts";
import { openDatabase } from "./sqlite.ts";

/** Raised with every change of the tables: a database of another version is put aside. */
const schemaVersion = 1;

const schema = `
  CREATE TABLE source (
    id INTEGER PRIMARY KEY, chain_id TEXT NOT NULL, deployment_hash TEXT NOT NULL, address TEXT NOT NULL,
    UNIQUE (chain_id, deployment_hash, address)
  ) STRICT;
  CREATE TABLE block (
    source INTEGER NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL, parent_hash TEXT NOT NULL,
    timestamp INTEGER NOT NULL, has_logs INTEGER NOT NULL, PRIMARY KEY (source, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX empty_block ON block (source, number) WHERE has_logs = 0;
  CREATE TABLE log (
    source INTEGER NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL, transaction_hash TEXT NOT NULL,
    topics TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (source, number, position)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

export interface SqliteLedgerOptions {
  /** A database that is damaged, or is none of ours, has been renamed to this. */
  readonly onSetAside?: (file: string, why: string) => void;
  /** Nothing can be written any more (the disk is full): this process goes on from memory. Said once. */
  readonly onUnwritable?: (why: string) => void;
  /** A database that is open already (`openLedgerDatabase`): it is neither set aside nor closed here. */
  readonly database?: DatabaseSync;
  /** Called within the transaction of each change: what it writes to the database is kept with the change, or not at all. */
  readonly alongside?: (change: Change, source: number) => void;
}

/**
 * Opens a database of ledgers; a file that is not there is begun.
 * @throws for a file that is damaged or holds something else, and what SQLite throws
 */
export function openLedgerDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  const database = openDatabase(file);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
    const version = Number(database.prepare("PRAGMA user_version").get()!.user_version);
    const tables = Number(database.prepare("SELECT count(*) AS tables FROM sqlite_master").get()!.tables);
    if (version === 0 && tables === 0) database.exec(`BEGIN; ${schema} COMMIT;`);
    else if (version !== schemaVersion) throw new ForeignDatabase(`has version ${version}, not ${schemaVersion}`);
    const { quick_check: verdict } = database.prepare("PRAGMA quick_check(1)").get()!;
    if (verdict !== "ok") throw new ForeignDatabase(`is damaged: ${verdict}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Renames a file that cannot be used. @returns its new name. */
export function setDatabaseAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(":", "")}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

/**
 * Keeps a ledger in a SQLite database. Several contracts may share one; a process that is killed in the middle of a change leaves
 * the state before it. What is in the file can be read from the chain again: nothing that is wrong with it stops anything.
 */
export class SqliteLedgerStore implements LedgerStore {
  private database: DatabaseSync | undefined;
  private statements: Statements | undefined;
  private source: LedgerSource | undefined;
  private id = 0;
  /** Takes the file's place when it cannot be written. */
  private memory: MemoryLedgerStore | undefined;

  constructor(
    private readonly file: string,
    private readonly options: SqliteLedgerOptions = {},
  ) {}

  /** What the tables call the source; 0 before it is opened. */
  get sourceId(): number {
    return this.id;
  }

  async open(source: LedgerSource): Promise<readonly ConfirmedBlock[]> {
    this.source = source;
    try {
      try {
        return this.read(source);
      } catch (error) {
        if (isAboutDisk(error) || this.options.database !== undefined) throw error;
        this.setAside(error);
        return this.read(source);
      }
    } catch (error) {
      this.giveUp(error, []);
      return [];
    }
  }

  async save(change: Change): Promise<void> {
    if (this.memory !== undefined) return await this.memory.save(change);
    try {
      this.write(change);
    } catch (error) {
      this.giveUp(error, await this.logs(0, Number.MAX_SAFE_INTEGER));
      await this.memory!.save(change);
    }
  }

  async logs(from: number, to: number): Promise<readonly DatedLog[]> {
    if (this.memory !== undefined) return await this.memory.logs(from, to);
    const { address } = this.source!;
    return this.statements!.logs.all(this.id, from, to).map((row) => keptLog(row, address));
  }

  close(): void {
    if (this.options.database === undefined) this.database?.close();
    this.database = undefined;
  }

  private read({ chainId, deploymentHash, address }: LedgerSource): ConfirmedBlock[] {
    const database = this.options.database ?? openLedgerDatabase(this.file);
    this.database = database;
    const key = [chainId.toString(), deploymentHash, address];
    database.prepare("INSERT OR IGNORE INTO source (chain_id, deployment_hash, address) VALUES (?, ?, ?)").run(...key);
    const where = "chain_id = ? AND deployment_hash = ? AND address = ?";
    this.id = Number(database.prepare(`SELECT id FROM source WHERE ${where}`).get(...key)!.id);
    this.statements = statementsOf(database);
    return this.statements.blocks.all(this.id).map((row) => ({
      number: Number(row.number),
      hash: String(row.hash),
      parentHash: String(row.parent_hash),
      timestamp: Number(row.timestamp),
      hasLogs: row.has_logs === 1,
    }));
  }

  private write(change: Change): void {
    const { droppedFrom, blocks, logs } = change;
    const database = this.database!;
    const { dropBlocks, dropLogs, block, log, trim } = this.statements!;
    database.exec("BEGIN IMMEDIATE");
    try {
      if (droppedFrom !== undefined) {
        dropBlocks.run(this.id, droppedFrom);
        dropLogs.run(this.id, droppedFrom);
      }
      for (const { number, hash, parentHash, timestamp, hasLogs } of blocks) {
        block.run(this.id, number, hash, parentHash, timestamp, hasLogs ? 1 : 0);
      }
      for (const { blockNumber, index, transactionHash, topics, data } of logs) {
        log.run(this.id, blockNumber, index, transactionHash, topics.join(" "), data);
      }
      const top = blocks.at(-1);
      if (top !== undefined) trim.run(this.id, top.number - keptBlocks);
      this.options.alongside?.(change, this.id);
      database.exec("COMMIT");
    } catch (error) {
      // A full disk has rolled it back already.
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  private setAside(error: unknown): void {
    this.close();
    const aside = setDatabaseAside(this.file);
    this.options.onSetAside?.(aside, messageOf(error));
  }

  private giveUp(error: unknown, logs: readonly DatedLog[]): void {
    this.memory = new MemoryLedgerStore(logs);
    this.options.onUnwritable?.(messageOf(error));
  }
}

class ForeignDatabase extends Error {}

/** The file cannot be written or is held by another process: that says nothing against what is in it. */
export function isAboutDisk(error: unknown): boolean {
  if (error instanceof ForeignDatabase) return false;
  const { code, errcode } = error as { code?: string; errcode?: number };
  // Busy, locked, read-only, I/O error, full, cannot open.
  return code !== "ERR_SQLITE_ERROR" || [5, 6, 8, 10, 13, 14].includes((errcode ?? 0) & 255);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Statements = ReturnType<typeof statementsOf>;

function statementsOf(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => database.prepare(text);
  return {
    blocks: prepare("SELECT * FROM block WHERE source = ? ORDER BY number"),
    logs: prepare(
      "SELECT log.*, block.hash, block.timestamp FROM log JOIN block USING (source, number) " +
        "WHERE source = ? AND log.number >= ? AND log.number <= ? ORDER BY log.number, position",
    ),
    dropBlocks: prepare("DELETE FROM block WHERE source = ? AND number >= ?"),
    dropLogs: prepare("DELETE FROM log WHERE source = ? AND number >= ?"),
    block: prepare("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?)"),
    log: prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)"),
    trim: prepare("DELETE FROM block WHERE source = ? AND number < ? AND has_logs = 0"),
  };
}

/** A log as it is kept, with its block's hash and time. @param address of the contract. */
export function keptLog(row: Readonly<Record<string, unknown>>, address: string): DatedLog {
  return {
    address,
    blockHash: String(row.hash),
    blockNumber: Number(row.number),
    index: Number(row.position),
    timestamp: Number(row.timestamp),
    transactionHash: String(row.transaction_hash),
    topics: String(row.topics).split(" "),
    data: String(row.data),
  };
}
