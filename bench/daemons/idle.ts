import { connect } from "../../src/chain/assay.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { deployLocally } from "../../src/deployment/local.ts";
import { startFaultyProxy } from "../../test/support/faultyProxy.ts";
import { startServer } from "../../test/support/rpcServer.ts";
import type { Figure } from "../figure.ts";

const idlePolls = 100;

/** Requests of one refresh, on a real chain that makes a block for each and holds none of the contract's events. */
export async function idle(): Promise<Figure[]> {
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
    return [{ name: "daemons.idleRequests", value: requests / idlePolls, unit: "", target: 2, better: "lower" }];
  } finally {
    await proxy.close();
    await server.close();
  }
}
