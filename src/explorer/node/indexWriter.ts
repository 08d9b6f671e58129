import type { DatabaseSync } from "node:sqlite";
import type { DatedLog } from "../../chain/blocks.ts";
import { decodeEvent } from "../../chain/events.ts";
import { History, type HistoryEvent } from "../../chain/history.ts";
import { keptLog } from "../../chain/node/sqliteLedgerStore.ts";
import type { Root } from "../../core/bytes.ts";
import type { Parameters } from "../../protocol/parameters.ts";
import type { ChainKey } from "../records.ts";
import { ExplorerView } from "../view.ts";
import { BuildRows } from "./buildRows.ts";
import { inTransaction, Statements } from "./indexTables.ts";

/** A contract whose logs are kept in the index, and its terms. */
export interface IndexedSource {
  /** Of the table of sources. */
  readonly source: number;
  readonly key: ChainKey;
  readonly parameters: Parameters;
}

/** What has changed in the index. */
export interface IndexChange {
  readonly chain: ChainKey;
  /** The last block that is in the index. */
  readonly block: number;
  readonly builds: readonly Root[];
}

/** Logs that are taken in at once: so many that little is spent on the transaction, so few that nobody waits for it. */
const logsAtOnce = 500;
/** Not as `BETWEEN`: SQLite would look at all logs of the source then. */
const inRange = "log.source = ? AND log.number >= ? AND log.number <= ?";

/**
 * Keeps what a contract's logs say of each build, from the logs that its ledger keeps in the same database. A build is computed from its own
 * events alone, by the view that the page uses too.
 */
export class IndexWriter {
  private readonly statements: Statements;
  private readonly rows: BuildRows;

  constructor(
    private readonly database: DatabaseSync,
    private readonly of: IndexedSource,
  ) {
    this.statements = new Statements(database);
    this.rows = new BuildRows(this.statements, of);
    if (database.isTransaction) this.begin();
    else inTransaction(database, () => this.begin());
  }

  /** The last block that is in the index; -1 before the first. */
  get block(): number {
    return Number(this.statements.get("SELECT block FROM explorer_chain WHERE source = ?", this.of.source)!.block);
  }

  /** Takes out what is from a block on. Called within the transaction that drops the logs. */
  drop(from: number): IndexChange {
    const { source } = this.of;
    const touched = this.statements
      .all("SELECT DISTINCT build FROM explorer_event WHERE source = ? AND number >= ?", source, from)
      .map(({ build }) => Number(build));
    const dropped = this.statements.get(
      "SELECT count(*) AS events FROM explorer_event WHERE source = ? AND number >= ?",
      source,
      from,
    );
    this.statements.run("DELETE FROM explorer_event WHERE source = ? AND number >= ?", source, from);
    const builds = touched.map((build) => this.rows.idOf(build));
    for (const [i, build] of touched.entries()) this.write(builds[i]!, build);
    return this.advance(Math.min(this.block, from - 1), -Number(dropped!.events), builds);
  }

  /** Takes in some of the logs that are kept and not in the index. @returns undefined when there are none. */
  takeIn(): IndexChange | undefined {
    const { source } = this.of;
    const from = this.block + 1;
    const end = this.statements.get(
      "SELECT number FROM log WHERE source = ? AND number >= ? ORDER BY number, position LIMIT 1 OFFSET ?",
      ...[source, from, logsAtOnce - 1],
    );
    const top = this.statements.get("SELECT max(number) AS number FROM block WHERE source = ?", source)?.number;
    const to = Number(end?.number ?? top ?? -1);
    if (to < from) return undefined;
    return inTransaction(this.database, () => this.takeInBlocks(from, to));
  }

  private takeInBlocks(from: number, to: number): IndexChange {
    const { source } = this.of;
    const byBuild = new Map<Root, BuildLogs>();
    const claims = new Map<Root, Root>();
    const challenges = new Map<Root, Root>();
    let events = 0;
    for (const log of this.logs(inRange, source, from, to)) {
      const event = decodeEvent(log);
      // Anybody can commit to any id: a commitment belongs to no build.
      if (event === undefined || event.name === "ClaimCommitted" || event.name === "CommitEnded") continue;
      const { claimId, challengeId, buildId } = event.args as Readonly<Record<string, Root | undefined>>;
      const of =
        buildId ??
        (claimId && (claims.get(claimId) ?? this.rows.buildOfClaim(claimId))) ??
        (challengeId && (challenges.get(challengeId) ?? this.rows.buildOfDispute(challengeId)));
      if (of === undefined) continue;
      if (claimId !== undefined) claims.set(claimId, of);
      if (challengeId !== undefined) challenges.set(challengeId, of);
      let build = byBuild.get(of);
      if (build === undefined) {
        const known = this.rows.numberOf(of);
        build = { n: known ?? this.rows.add(of), isNew: known === undefined, logs: [] };
        byBuild.set(of, build);
      }
      build.logs.push(log);
      this.statements.run(
        "INSERT INTO explorer_event VALUES (?, ?, ?, ?)",
        ...[source, log.blockNumber, log.index, build.n],
      );
      events++;
    }
    for (const [buildId, { n, isNew, logs }] of byBuild) this.write(buildId, n, isNew ? logs : undefined);
    return this.advance(to, events, [...byBuild.keys()]);
  }

  private advance(block: number, events: number, builds: readonly Root[]): IndexChange {
    const { source, key } = this.of;
    this.statements.run(
      "UPDATE explorer_chain SET block = ?, events = events + ?, builds = builds + ? WHERE source = ?",
      ...[block, events, this.rows.takeCount(), source],
    );
    return { chain: key, block, builds };
  }

  /** Computes a build from its events and keeps it; one without any is taken out. */
  private write(buildId: Root, n: number, logs: readonly DatedLog[] = this.logsOf(n)): void {
    if (logs.length === 0) return this.rows.remove(n);
    const history = new History();
    const events: HistoryEvent[] = [];
    for (const log of logs) {
      const event = history.apply(log, log.timestamp);
      if (event !== undefined) events.push(event);
    }
    const { key: chain, parameters } = this.of;
    this.rows.write(n, buildId, new ExplorerView({ chain, parameters, history, events }));
  }

  private logsOf(build: number): DatedLog[] {
    return this.logs(
      "(log.source, log.number, log.position) IN (SELECT source, number, position FROM explorer_event WHERE build = ?)",
      build,
    );
  }

  private logs(where: string, ...values: number[]): DatedLog[] {
    return this.statements
      .all(
        `SELECT log.*, block.hash, block.timestamp FROM log JOIN block USING (source, number) WHERE ${where} ` +
          "ORDER BY log.number, log.position",
        ...values,
      )
      .map((row) => keptLog(row, ""));
  }

  /** Another contract under the same key was on a chain that is gone: what is kept of it goes too. */
  private begin(): void {
    const { source, key } = this.of;
    const known = this.statements.get("SELECT source FROM explorer_chain WHERE key = ?", key)?.source;
    if (known === source) return;
    if (known !== undefined) {
      for (const { n } of this.statements.all("SELECT n FROM explorer_build WHERE source = ?", known)) {
        this.rows.remove(Number(n));
      }
      this.rows.takeCount();
      for (const table of ["explorer_event", "explorer_operator", "explorer_chain", "log", "block"]) {
        this.statements.run(`DELETE FROM ${table} WHERE source = ?`, known);
      }
      this.statements.run("DELETE FROM source WHERE id = ?", known);
    }
    this.statements.run("INSERT INTO explorer_chain VALUES (?, ?, -1, 0, 0)", source, key);
  }
}

interface BuildLogs {
  readonly n: number;
  readonly isNew: boolean;
  readonly logs: DatedLog[];
}
