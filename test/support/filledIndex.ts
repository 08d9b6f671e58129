import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { DatedLog } from "../../src/chain/blocks.ts";
import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import type { Root } from "../../src/core/bytes.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import { SearchReader } from "../../src/explorer/node/indexSearch.ts";
import { openIndex } from "../../src/explorer/node/indexTables.ts";
import { IndexWriter } from "../../src/explorer/node/indexWriter.ts";
import type { ExplorerView } from "../../src/explorer/view.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";
import { blocksOf } from "./encodedLogs.ts";

export const indexedContract = `0x${"a5".repeat(20)}`;
export const indexedChain = chainKeyOf(31337, indexedContract);

/** An index into which a test puts logs itself. */
export class FilledIndex {
  readonly folder = mkdtempSync(join(tmpdir(), "assay-index-"));
  readonly database: DatabaseSync = openIndex(join(this.folder, "index.sqlite"));
  readonly reader = new SearchReader(this.database, [indexedChain]);
  private constructor(
    readonly store: SqliteLedgerStore,
    readonly parameters: Parameters,
  ) {}

  writer!: IndexWriter;

  static async open(parameters: Parameters): Promise<FilledIndex> {
    let index: FilledIndex | undefined;
    const filled = new FilledIndex(undefined as never, parameters);
    const store = new SqliteLedgerStore("", {
      database: filled.database,
      onUnwritable: (why) => {
        throw new Error(why);
      },
      alongside: ({ droppedFrom }) => {
        if (droppedFrom !== undefined) index!.writer.drop(droppedFrom);
      },
    });
    index = Object.assign(filled, { store });
    await store.open({ chainId: 31337n, deploymentHash: `0x${"01".repeat(32)}`, address: indexedContract });
    index.writer = new IndexWriter(filled.database, { source: store.sourceId, key: indexedChain, parameters });
    return index;
  }

  /** Takes logs in as a ledger and its index do. */
  async take(logs: readonly DatedLog[], droppedFrom?: number, fork = 0): Promise<void> {
    await this.store.save({ ...(droppedFrom !== undefined && { droppedFrom }), blocks: blocksOf(logs, fork), logs });
    while (this.writer.takeIn() !== undefined);
  }

  close(): void {
    this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Everything that can be asked of a chain, by the index. */
export function answersOf(reader: SearchReader, ids: Ids, chain = indexedChain) {
  return {
    builds: reader.builds({}, 1000).items,
    details: ids.builds.map((id) => reader.build(chain, id)),
    claims: ids.claims.map((id) => reader.claim(chain, id)),
    disputes: ids.disputes.map((id) => reader.dispute(chain, id)),
    operators: reader.operators(undefined, 1000).items,
    watch: reader.watch(),
  };
}

/** The same by the view that the page computes. */
export function viewedOf(view: ExplorerView, ids: Ids) {
  return {
    builds: view.builds(),
    details: ids.builds.map((id) => view.buildDetail(id)),
    claims: ids.claims.map((id) => view.claimDetail(id)),
    disputes: ids.disputes.map((id) => view.disputeDetail(id)),
    operators: view.operators(),
    watch: view.watch(),
  };
}

export interface Ids {
  readonly builds: readonly Root[];
  readonly claims: readonly Root[];
  readonly disputes: readonly Root[];
}

export function idsIn({ history }: ExplorerView): Ids {
  return {
    builds: [...history.builds.keys()],
    claims: [...history.claims.keys()],
    disputes: [...history.challenges.keys()],
  };
}
