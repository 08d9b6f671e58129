import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import { blockOf, logsOf, source } from "./ledgerStoreRecords.ts";

/** Writes block after block into the database it is given, three logs in each, and says so; goes on until it is killed. */
const store = new SqliteLedgerStore(process.argv[2]!, { onUnwritable: (why) => console.log(`unwritable ${why}`) });
const limit = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const kept = await store.open(source());
let number = (kept.at(-1)?.number ?? 0) + 1;
for (const end = number + limit; number < end; number++) {
  await store.save({ blocks: [blockOf(number)], logs: logsOf(number) });
  console.log(`saved ${number}`);
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(`logs ${(await store.logs(0, number)).length}`);
