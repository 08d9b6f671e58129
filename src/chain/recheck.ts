import { type BlockLogs, isSame } from "./blockLogs.ts";
import type { BlockReader } from "./blockReader.ts";
import { type DatedLog, dated, type KnownBlock } from "./blocks.ts";
import type { FollowOptions } from "./follower.ts";
import type { LedgerStore } from "./ledgerStore.ts";
import { readLogs } from "./scan.ts";

/** What a block's logs should have been. */
export interface Repair {
  readonly block: KnownBlock;
  readonly logs: readonly DatedLog[];
}

/** What everything is read again with. */
export interface RecheckParts {
  readonly reader: BlockReader;
  readonly blockLogs: BlockLogs;
  readonly store: LedgerStore;
  readonly options: FollowOptions;
}

/**
 * Reads all logs up to a block again, one range after the other, and compares them with what is kept: a server that has left out a log
 * once says so rarely. Where they differ, the block itself is asked.
 * @param upTo number of the last block.
 * @param signal ends it early; the store is not touched afterwards.
 * @throws AssayError `chain/...-fault`
 */
export async function recheck(
  { reader, blockLogs, store, options }: RecheckParts,
  upTo: number,
  signal: AbortSignal,
): Promise<readonly Repair[]> {
  const repairs: Repair[] = [];
  for (let from = options.firstBlock; from <= upTo && !signal.aborted; from += options.maxRange) {
    const to = Math.min(upTo, from + options.maxRange - 1);
    const given = await readLogs(reader.requests, options, from, to);
    if (signal.aborted) break;
    const kept = await store.logs(from, to);
    if (isSame(given, kept)) continue;
    for (const number of [...new Set([...given, ...kept].map(({ blockNumber }) => blockNumber))].sort(
      (a, b) => a - b,
    )) {
      const here = kept.filter(({ blockNumber }) => blockNumber === number);
      if (
        isSame(
          given.filter(({ blockNumber }) => blockNumber === number),
          here,
        )
      )
        continue;
      const header = await reader.byNumber(number);
      const logs = await blockLogs.readWhole(header);
      if (!isSame(logs, here)) repairs.push({ block: header, logs: dated(logs, header) });
    }
  }
  return repairs;
}
