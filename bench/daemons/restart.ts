import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Ledger } from "../../src/chain/ledger.ts";
import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import { FakeChainServer } from "../../test/support/fakeChainServer.ts";
import { finishedBuild } from "../../test/support/finishedBuilds.ts";
import { type Figure, median } from "../figure.ts";

const pastBuilds = 10_000;
const rounds = 3;

/** From opening the database to the end of the first refresh, on a contract with many past builds. */
export async function restart(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  try {
    const server = new FakeChainServer();
    for (let build = 0; build < pastBuilds; build++) server.mine(finishedBuild(build));
    const file = join(folder, "ledger.sqlite");
    const open = () => new Ledger(server.asChain(2), { store: new SqliteLedgerStore(file) });
    const first = open();
    const begun = performance.now();
    const { events } = await first.refresh();
    const megabytes = (statSync(file).size / 2 ** 20).toFixed(0);
    console.log(`${events.length} events read in ${since(begun).toFixed(1)} s, kept in ${megabytes} MiB`);
    await first.close();
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const ledger = open();
      const start = performance.now();
      await ledger.refresh();
      seconds.push(since(start));
      await ledger.close();
    }
    console.log(`restart: ${seconds.map((one) => one.toFixed(2)).join(", ")} s`);
    return [{ name: "daemons.restartSeconds", value: median(seconds), unit: "s", target: 5, better: "lower" }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}
