import { performance } from "node:perf_hooks";
import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import { openIndex } from "../../src/explorer/node/indexTables.ts";
import { IndexWriter } from "../../src/explorer/node/indexWriter.ts";
import { blockOf } from "./encodedLogs.ts";
import { contractAddress, type FakeLog } from "./fakeChainServer.ts";
import { fakeKey } from "./fakeExplorer.ts";
import { finishedBuild } from "./finishedBuilds.ts";
import { gameParameters } from "./game/gameParameters.ts";

/** As `finishedBuild`, a hundred times as fast: ids are those of an example, with the number in them. */
function quickBuild(number: number): FakeLog[] {
  const residue = number % examples.length;
  const { logs, ids, digits } = examples[residue]!;
  const own = number.toString(16).padStart(16, "0");
  const first = ((number * 2_654_435_761) >>> 0).toString(16).padStart(8, "0");
  const put = (text: string) => {
    let filled = text.replaceAll(digits, own);
    for (const id of ids) filled = filled.replaceAll(id, `${first}${id.slice(8, 48)}${own}`);
    return filled;
  };
  return logs.map(({ address, topics, data }) => ({ address, topics: topics.map(put), data: put(data) }));
}

const examples = Array.from({ length: 20 }, (_, i) => {
  const number = 20 * 0x1abc_def0_1234 + i;
  const logs = finishedBuild(number);
  const digits = number.toString(16).padStart(16, "0");
  const ids = new Set(logs.map(({ topics }) => topics[1]!.slice(2)).filter((id) => !id.startsWith("0000")));
  return { logs, ids: [...ids], digits };
});

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
      quickBuild(number).map(({ topics, data }, index) => {
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
