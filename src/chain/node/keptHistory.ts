import { History } from "../history.ts";
import { openToRead } from "./database.ts";

/** What a daemon has kept of a contract's history, as it stands in its state folder. */
export interface KeptHistory {
  readonly history: History;
  /** The newest block that has been read, and its time in seconds. */
  readonly block: number;
  readonly timestamp: number;
}

/**
 * Reads the histories that daemons have kept of a contract, without any server: of chains with one id more than one may be there.
 * @param file `ledger.sqlite` of a state folder, which a daemon may be using. @returns none where there is no such file.
 */
export function readKeptHistories(file: string, chainId: bigint, assay: string): KeptHistory[] {
  const database = openToRead(file);
  if (database === undefined) return [];
  try {
    const address = assay.toLowerCase();
    const sources = database.prepare("SELECT id FROM source WHERE chain_id = ? AND address = ?");
    const newest = database.prepare(
      "SELECT number, timestamp FROM block WHERE source = ? ORDER BY number DESC LIMIT 1",
    );
    const logs = database.prepare(
      "SELECT log.*, block.hash, block.timestamp FROM log JOIN block USING (source, number) " +
        "WHERE source = ? ORDER BY number, position",
    );
    return sources.all(chainId.toString(), address).flatMap((source) => {
      const id = Number(source.id);
      const top = newest.get(id);
      if (top === undefined) return [];
      const history = new History();
      for (const row of logs.all(id)) {
        const log = {
          address,
          blockHash: String(row.hash),
          blockNumber: Number(row.number),
          index: Number(row.position),
          transactionHash: String(row.transaction_hash),
          topics: String(row.topics).split(" "),
          data: String(row.data),
        };
        history.apply(log, Number(row.timestamp));
      }
      return [{ history, block: Number(top.number), timestamp: Number(top.timestamp) }];
    });
  } finally {
    database.close();
  }
}
