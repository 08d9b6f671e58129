import { performance } from "node:perf_hooks";
import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import { openIndex } from "../../src/explorer/node/indexTables.ts";
import { IndexWriter } from "../../src/explorer/node/indexWriter.ts";
import { blockOf } from "./encodedLogs.ts";
import { contractAddress } from "./fakeChainServer.ts";
import { fakeKey } from "./fakeExplorer.ts";
import { finishedBuild } from "./finishedBuilds.ts";
import { gameParameters } from "./game/gameParameters.ts";

/** Builds whose logs are kept at once. */
const atOnce = 1000;

/** An index of so many finished builds, whose repositories are made up. @returns what it took, without making the logs. */
export async function filledIndex(
  file: string,
  builds: number,
): Promise<{ readonly events: number; readonly seconds: number; readonly claims: string[] }> {
  const database = openIndex(file);
  const store = new SqliteLedgerStore("", { database });
  const source = { chainId: 31337n, deploymentHash: `0x${"01".repeat(32)}`, address: contractAddress };
  await store.open(source);
  const writer = new IndexWriter(database, { source: store.sourceId, key: fakeKey, parameters: gameParameters });
  let events = 0;
  let milliseconds = 0;
  for (let from = 0; from < builds; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, builds - from) }, (_, i) => from + i);
    const logs = numbers.flatMap((number) =>
      finishedBuild(number).map(({ topics, data }, index) => {
        const { hash: blockHash, timestamp } = blockOf(number, 1_700_000_000 + 12 * number);
        const place = { address: contractAddress, blockHash, blockNumber: number, index, transactionHash: blockHash };
        return { ...place, topics, data, timestamp };
      }),
    );
    await store.save({ blocks: numbers.map((number) => blockOf(number, 1_700_000_000 + 12 * number)), logs });
    const begun = performance.now();
    while (writer.takeIn() !== undefined);
    milliseconds += performance.now() - begun;
    events += logs.length;
  }
  database.exec(
    "UPDATE explorer_build SET repository = 'https://git.example/project' || (n % 500), about = json_object('repository', 'https://git.example/project' || (n % 500));" +
      "INSERT INTO explorer_text (rowid, words) SELECT n, repository || ' ' || id FROM explorer_build;",
  );
  const claims = database.prepare("SELECT id FROM explorer_claim LIMIT 50000").all();
  database.close();
  return { events, seconds: milliseconds / 1000, claims: claims.map(({ id }) => String(id)) };
}
