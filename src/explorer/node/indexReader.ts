import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { DatedLog } from "../../chain/blocks.ts";
import { decodeEvent } from "../../chain/events.ts";
import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { eventRecordOf } from "../claimRecords.ts";
import type {
  BuildDetail,
  BuildFilter,
  BuildSummary,
  ChainKey,
  ClaimDetail,
  ClaimSummary,
  DisputeDetail,
  DisputeSummary,
  EventRecord,
  Page,
  Watch,
} from "../records.ts";
import { mostEvents, mostWatched } from "../view.ts";
import { Statements } from "./indexTables.ts";

type Row = Readonly<Record<string, unknown>>;

/** What an index has of a chain. */
export interface KeptChain {
  readonly source: number;
  readonly key: ChainKey;
  readonly block: number;
  readonly builds: number;
  readonly events: number;
}

const buildColumns =
  "explorer_build.n, explorer_build.id, explorer_build.summary, explorer_build.about, explorer_build.since";

/** Answers from an index, about the chains that are named. */
export class IndexReader {
  protected readonly statements: Statements;

  /** @param keys of the chains: what else is in the index is not told. */
  constructor(
    database: DatabaseSync,
    protected readonly keys: readonly ChainKey[],
  ) {
    this.statements = new Statements(database);
  }

  chains(): KeptChain[] {
    return this.statements
      .all("SELECT * FROM explorer_chain ORDER BY key")
      .map(({ source, key, block, builds, events }) => ({
        source: Number(source),
        key: String(key) as ChainKey,
        block: Number(block),
        builds: Number(builds),
        events: Number(events),
      }))
      .filter(({ key }) => this.keys.includes(key));
  }

  /** Builds, the newest first. @throws AssayError `explorer/bad-question` for a cursor that is none. */
  builds(filter: BuildFilter, limit: number, cursor?: string): Page<BuildSummary> {
    const sources = this.sources(filter.chain);
    const { chain, ...narrower } = filter;
    // The plus keeps SQLite from going through all builds of a chain where another index leads to the few that are wanted.
    const isOfChain = chain !== undefined && Object.values(narrower).every((value) => value === undefined);
    const conditions: string[] = [`${isOfChain ? "" : "+"}source IN (${sources.join(", ")})`];
    const values: SQLInputValue[] = [];
    const where = (condition: string, ...given: SQLInputValue[]) => {
      conditions.push(condition);
      values.push(...given);
    };
    const order = filter.operator === undefined ? "explorer_build" : "explorer_part";
    const number = filter.operator === undefined ? "n" : "build";
    if (filter.operator !== undefined) where("explorer_part.address = ?", filter.operator);
    if (filter.state !== undefined) where("state = ?", filter.state);
    if (filter.environment !== undefined) {
      where(/^0x/.test(filter.environment) ? "environment = ?" : "environment_name = ?", filter.environment);
    }
    if (filter.repository !== undefined) where("repository = ?", filter.repository);
    const after = cursorIn(cursor);
    if (after !== undefined) where(`(${order}.since, ${order}.id, ${order}.${number}) < (?, ?, ?)`, ...after);
    const from = filter.operator === undefined ? "explorer_build" : "explorer_part JOIN explorer_build ON n = build";
    const rows = this.statements.all(
      `SELECT ${buildColumns} FROM ${from} WHERE ${conditions.join(" AND ")} ` +
        `ORDER BY ${order}.since DESC, ${order}.id DESC, ${order}.${number} DESC LIMIT ?`,
      ...values,
      limit + 1,
    );
    return pageOf(rows, limit, buildSummaryIn, ({ since, id, n }) => `${since}~${id}~${n}`);
  }

  build(chain: ChainKey, id: Root): BuildDetail | undefined {
    const row = this.row("explorer_build", chain, id);
    if (row === undefined) return undefined;
    const n = Number(row.n);
    const of = (table: string) =>
      this.statements.all(`SELECT document FROM ${table} WHERE build = ? ORDER BY rowid`, n).map(documentIn);
    return {
      ...buildSummaryIn(row),
      ...(JSON.parse(String(row.rest)) as Pick<BuildDetail, "requests" | "joinDeadline" | "finalClaim" | "rewardPaid">),
      claimList: of("explorer_claim").map((one) => claimSummaryIn(one as ClaimDetail)),
      disputeList: of("explorer_dispute").map((one) => disputeSummaryIn(one as DisputeDetail)),
      events: this.eventsOf(n),
    };
  }

  claim(chain: ChainKey, id: Root): ClaimDetail | undefined {
    const row = this.row("explorer_claim", chain, id);
    if (row === undefined) return undefined;
    const text = "SELECT document FROM explorer_dispute WHERE build = ? AND claim = ? ORDER BY rowid";
    const disputes = this.statements.all(text, Number(row.build), id).map(documentIn) as DisputeDetail[];
    return { ...(documentIn(row) as Omit<ClaimDetail, "disputes">), disputes: disputes.map(disputeSummaryIn) };
  }

  dispute(chain: ChainKey, id: Root): DisputeDetail | undefined {
    const row = this.row("explorer_dispute", chain, id);
    if (row === undefined) return undefined;
    const claim = documentIn(this.row("explorer_claim", chain, String(row.claim))!) as ClaimDetail;
    return { ...(documentIn(row) as Omit<DisputeDetail, "claim">), claim: claimSummaryIn(claim) };
  }

  watch(chain?: ChainKey): Watch {
    const among = `+source IN (${this.sources(chain).join(", ")})`;
    const all = (table: string, where: string, order: string) =>
      this.statements
        .all(`SELECT document FROM ${table} WHERE ${where} AND ${among} ORDER BY ${order} LIMIT ?`, mostWatched)
        .map(documentIn);
    return {
      contradicted: this.builds({ chain, state: "contradicted" }, mostWatched).items,
      unwatched: all("explorer_claim", "unwatched = 1", "window_end, id").map((one) =>
        claimSummaryIn(one as ClaimDetail),
      ),
      disputes: all("explorer_dispute", "result = 'open'", "opened DESC, id DESC").map((one) =>
        disputeSummaryIn(one as DisputeDetail),
      ),
    };
  }

  /** Numbers of the sources of a chain, or of all; those of no chain are none. */
  protected sources(chain?: ChainKey): number[] {
    return this.chains()
      .filter(({ key }) => chain === undefined || key === chain)
      .map(({ source }) => source);
  }

  private row(table: string, chain: ChainKey, id: string): Row | undefined {
    const [source] = this.sources(chain);
    return source === undefined
      ? undefined
      : this.statements.get(`SELECT * FROM ${table} WHERE source = ? AND id = ?`, source, id);
  }

  private eventsOf(build: number): EventRecord[] {
    const rows = this.statements.all(
      "SELECT log.*, block.timestamp FROM explorer_event JOIN log USING (source, number, position) " +
        "JOIN block USING (source, number) WHERE explorer_event.build = ? " +
        "ORDER BY explorer_event.number DESC, explorer_event.position DESC LIMIT ?",
      ...[build, mostEvents],
    );
    return rows.reverse().flatMap((row) => {
      const block = Number(row.number);
      const topics = String(row.topics).split(" ");
      const event = decodeEvent({ topics, data: String(row.data), blockNumber: block } satisfies Partial<DatedLog>);
      if (event === undefined) return [];
      const place = { block, timestamp: Number(row.timestamp), transaction: String(row.transaction_hash) };
      return [eventRecordOf({ name: event.name, args: event.args, ...place })];
    });
  }
}

/** Cuts one row more than were asked for into a page. */
export function pageOf<T>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => T,
  cursorOf: (row: Row) => string,
): Page<T> {
  const own = rows.slice(0, limit);
  return { items: own.map(item), ...(rows.length > limit && { next: cursorOf(own.at(-1)!) }) };
}

/** @throws AssayError `explorer/bad-question` */
export function cursorIn(cursor: string | undefined): [number, string, number] | undefined {
  if (cursor === undefined) return undefined;
  const parts = /^(\d{1,15})~(0x[0-9a-f]{1,64})~(\d{1,15})$/.exec(cursor);
  if (parts === null) {
    throw new AssayError("explorer/bad-question", "cursor: is none that an answer has had as its `next`");
  }
  return [Number(parts[1]), parts[2]!, Number(parts[3])];
}

export function buildSummaryIn(row: Row): BuildSummary {
  return {
    ...(JSON.parse(String(row.summary)) as Omit<BuildSummary, "about">),
    about: JSON.parse(String(row.about)) as BuildSummary["about"],
  };
}

function documentIn({ document }: Row): unknown {
  return JSON.parse(String(document));
}

function claimSummaryIn(document: ClaimDetail): ClaimSummary {
  const { log2Ticks, log2CheckpointTicks, checkpointRoot, disputes, ...summary } = document;
  return summary;
}

function disputeSummaryIn(document: DisputeDetail): DisputeSummary {
  const { moveList, claim, log2Ticks, log2Arity, turn, stakeNumber, ...summary } = document;
  return summary;
}
