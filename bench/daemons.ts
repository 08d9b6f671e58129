import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { deployLocally } from "../deploy/assay.ts";
import { connect } from "../src/chain/assay.ts";
import { Ledger } from "../src/chain/ledger.ts";
import { SqliteLedgerStore } from "../src/chain/node/sqliteLedgerStore.ts";
import { FakeChainServer } from "../test/support/fakeChainServer.ts";
import { startFaultyProxy } from "../test/support/faultyProxy.ts";
import { finishedBuild } from "../test/support/finishedBuilds.ts";
import { startServer } from "../test/support/rpcServer.ts";
import { type Figure, median } from "./figure.ts";

export const parts = ["restart", "idle"] as const;

const pastBuilds = 10_000;
const rounds = 3;
const idlePolls = 100;

/** What daemons cost when little happens: starting on a contract with a long past, and waiting. */
export async function run(wanted: ReadonlySet<string>): Promise<Figure[]> {
  return [...(wanted.has("restart") ? [await restart()] : []), ...(wanted.has("idle") ? [await idle()] : [])];
}

/** From opening the database to the end of the first refresh, on a contract with many past builds. */
async function restart(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  try {
    const server = new FakeChainServer();
    for (let build = 0; build < pastBuilds; build++) server.mine(finishedBuild(build));
    const file = join(folder, "ledger.sqlite");
    const open = () => new Ledger(server.asChain(2), { store: new SqliteLedgerStore(file) });
    const first = open();
    const begun = performance.now();
    const { happenings } = await first.refresh();
    const megabytes = (statSync(file).size / 2 ** 20).toFixed(0);
    console.log(`${happenings.length} events read in ${since(begun).toFixed(1)} s, kept in ${megabytes} MiB`);
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
    return { name: "daemons.restartSeconds", value: median(seconds), unit: "s", target: 5, better: "lower" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Requests of one refresh, on a real chain that makes a block for each and holds none of the contract's events. */
async function idle(): Promise<Figure> {
  const server = await startServer();
  const proxy = await startFaultyProxy(server.url);
  try {
    const { assay } = await deployLocally(server.url);
    const deployment = { rpc: proxy.url, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 2, logRange: 2000 };
    const chain = await connect(deployment);
    const ledger = new Ledger(chain);
    await ledger.refresh();
    proxy.seen.clear();
    for (let poll = 0; poll < idlePolls; poll++) {
      await server.send("evm_mine");
      await ledger.refresh();
    }
    const requests = [...proxy.seen.values()].reduce((sum, count) => sum + count, 0);
    console.log(`${requests} requests in ${idlePolls} polls: ${[...proxy.seen].join("; ")}`);
    await ledger.close();
    chain.close();
    return { name: "daemons.idleRequests", value: requests / idlePolls, unit: "", target: 2, better: "lower" };
  } finally {
    await proxy.close();
    await server.close();
  }
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}
