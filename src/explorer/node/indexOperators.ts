import type { Address } from "../../protocol/claim.ts";
import type { ChainKey, OperatorSummary, Page } from "../records.ts";
import { cursorIn, IndexReader, pageOf } from "./indexReader.ts";

/** Accounts that have claimed or challenged, as an index has them. */
export class OperatorReader extends IndexReader {
  /** The one that did something last comes first. @throws AssayError `explorer/bad-question` for a cursor that is none. */
  operators(chain: ChainKey | undefined, limit: number, cursor?: string): Page<OperatorSummary> {
    const keys = new Map(this.chains().map(({ source, key }) => [source, key]));
    const after = cursorIn(cursor);
    const rows = this.statements.all(
      `SELECT * FROM explorer_operator WHERE +source IN (${this.sources(chain).join(", ")}) ` +
        `${after === undefined ? "" : "AND (last_seen, address, source) < (?, ?, ?) "}` +
        "ORDER BY last_seen DESC, address DESC, source DESC LIMIT ?",
      ...(after ?? []),
      limit + 1,
    );
    return pageOf(
      rows,
      limit,
      ({ source, address, last_seen: seen }) =>
        this.summaryOf(Number(source), keys.get(Number(source))!, String(address) as Address, Number(seen)),
      ({ last_seen: seen, address, source }) => `${seen}~${address}~${source}`,
    );
  }

  operator(chain: ChainKey, address: Address): OperatorSummary | undefined {
    const [source] = this.sources(chain);
    if (source === undefined) return undefined;
    const text = "SELECT last_seen FROM explorer_operator WHERE source = ? AND address = ?";
    const row = this.statements.get(text, source, address);
    return row && this.summaryOf(source, chain, address, Number(row.last_seen));
  }

  private summaryOf(source: number, chain: ChainKey, address: Address, lastSeen: number): OperatorSummary {
    const counts = (column: string, table: string, who: string) =>
      new Map(
        this.statements
          .all(
            `SELECT ${column} AS fact, count(*) AS count FROM ${table} WHERE source = ? AND ${who} = ? GROUP BY ${column}`,
            ...[source, address],
          )
          .map(({ fact, count }) => [String(fact), Number(count)]),
      );
    const claims = counts("status", "explorer_claim", "solver");
    const challenges = counts("result", "explorer_dispute", "challenger");
    const total = (all: Map<string, number>) => [...all.values()].reduce((sum, count) => sum + count, 0);
    const duties = "SELECT count(*) AS count FROM explorer_dispute WHERE source = ? AND duty = ?";
    const median = this.medianSeconds(source, address);
    return {
      ...{
        chain,
        address,
        claims: total(claims),
        final: claims.get("final") ?? 0,
        refuted: claims.get("refuted") ?? 0,
      },
      ...{ challenges: total(challenges), won: challenges.get("won") ?? 0, lost: challenges.get("lost") ?? 0 },
      duties: Number(this.statements.get(duties, source, address)!.count),
      ...(median !== undefined && { medianResponseSeconds: median }),
      lastSeen,
    };
  }

  private medianSeconds(source: number, address: string): number | undefined {
    const own = "FROM explorer_act WHERE source = ? AND address = ? AND seconds IS NOT NULL";
    const count = Number(this.statements.get(`SELECT count(*) AS count ${own}`, source, address)!.count);
    const at = (count - 1) >> 1;
    const row = this.statements.get(`SELECT seconds ${own} ORDER BY seconds LIMIT 1 OFFSET ?`, source, address, at);
    return count === 0 ? undefined : Number(row!.seconds);
  }
}
