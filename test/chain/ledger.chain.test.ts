import { Interface, parseEther, Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AssayChain, connect, createAssaySender, type Deployment } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import type { LedgerEvent } from "../../src/chain/ledgerEvents.ts";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import type { Sender } from "../../src/chain/sender.ts";
import type { Root } from "../../src/core/bytes.ts";
import { deployLocally } from "../../src/deployment/local.ts";
import { type Address, requestIdOf } from "../../src/protocol/claim.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import { startAnvil } from "../support/anvil.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { type LocalServer, startServer } from "../support/rpcServer.ts";

const limits = { timeoutMilliseconds: 3000, retries: 0, retryMilliseconds: 1, pollMilliseconds: 10 };
let server: LocalServer;
let proxy: FaultyProxy;
let deployment: Deployment;
let chain: AssayChain;
let wallet: Wallet;
let sender: Sender;
beforeEach(async () => {
  server = await startServer();
  proxy = await startFaultyProxy(server.url);
  const { assay } = await deployLocally(server.url);
  deployment = { rpc: proxy.url, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 0, logRange: 1000 };
  chain = await connect(deployment, limits);
  wallet = new Wallet(Wallet.createRandom().privateKey);
  await server.send("hardhat_setBalance", [wallet.address, `0x${parseEther("10").toString(16)}`]);
  sender = await createAssaySender(chain, wallet, defaultFeePolicy);
});
afterEach(async () => {
  chain.close();
  await proxy.close();
  await server.close();
});

const buildId = (n: number): Root => `0x${n.toString(16).padStart(64, "0")}`;
async function request(n: number): Promise<void> {
  await sender.send(assayCalls(deployment.assay).request(buildId(n), 4_000_000_000, 0n, `place ${n}`, 1n));
}
const seen = (ledger: Ledger) => [...ledger.history.builds.keys()];

describe("a ledger", () => {
  it("reads what is new, in order, each event once", async () => {
    const ledger = new Ledger(chain);
    await request(1);
    expect((await ledger.refresh()).events.map(({ args }) => args.buildId)).toEqual([buildId(1)]);
    expect((await ledger.refresh()).events).toEqual([]);
    await request(2);
    await request(3);
    expect((await ledger.refresh()).events.map(({ args }) => args.buildId)).toEqual([buildId(2), buildId(3)]);
    expect(seen(ledger)).toEqual([1, 2, 3].map(buildId));
  });

  it("believes a block only with the confirmations it was told to wait for", async () => {
    const ledger = new Ledger({ ...chain, deployment: { ...deployment, confirmations: 3 } });
    await request(1);
    await ledger.refresh();
    expect(seen(ledger)).toEqual([]);
    for (let i = 0; i < 3; i++) await server.send("evm_mine");
    await ledger.refresh();
    expect(seen(ledger)).toEqual([buildId(1)]);
  });

  it("forgets what a reorganisation has undone: attack 10, moves under a reorg", async () => {
    const ledger = new Ledger(chain);
    await request(1);
    const snapshot = await server.send("evm_snapshot");
    await request(2);
    await ledger.refresh();
    expect(seen(ledger)).toEqual([buildId(1), buildId(2)]);
    await server.send("evm_revert", [snapshot]);
    await server.send("evm_increaseTime", [100]);
    // A sender sends again what a reorganisation has dropped; a new one does not know of it.
    sender = await createAssaySender(chain, wallet, defaultFeePolicy);
    await request(3);
    await request(4);
    const { droppedFrom, events } = await ledger.refresh();
    expect(events.map(({ args }) => args.buildId)).toEqual([buildId(3), buildId(4)]);
    expect(droppedFrom).toBe(events[0]!.block);
    expect(seen(ledger)).toEqual([1, 3, 4].map(buildId));
  });

  it("asks no more than twice while nothing happens", async () => {
    const ledger = new Ledger(chain, { recheckSeconds: 3600 });
    await request(1);
    await ledger.refresh();
    proxy.seen.clear();
    for (let poll = 0; poll < 5; poll++) await ledger.refresh();
    expect([...proxy.seen]).toEqual([["eth_getBlockByNumber", 5]]);
    // A block without the contract's events costs nothing more.
    await server.send("evm_mine");
    await ledger.refresh();
    expect([...proxy.seen]).toEqual([["eth_getBlockByNumber", 6]]);
  });

  it("waits for a server that lags behind, and forgets nothing", async () => {
    const ledger = new Ledger(chain);
    await request(1);
    await request(2);
    await ledger.refresh();
    const [{ now }, old] = [ledger, await server.send("eth_getBlockByNumber", ["0x1", false])];
    const isNewest = ({ method, params }: { method: string; params: readonly unknown[] }) =>
      method === "eth_getBlockByNumber" && params[0] === "latest";
    proxy.behave((request) => (isNewest(request) ? { change: () => old } : "pass"));
    expect(await ledger.refresh()).toEqual({ events: [] });
    expect(seen(ledger)).toEqual([1, 2].map(buildId));
    expect(ledger.now).toBe(now);
  });

  it("asks for smaller ranges while the server refuses large ones", async () => {
    for (let n = 1; n <= 5; n++) await request(n);
    await server.send("hardhat_mine", ["0x64"]);
    proxy.behave(({ method, params }) => {
      if (method !== "eth_getLogs") return "pass";
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      if (Number(toBlock) - Number(fromBlock) < 20) return "pass";
      return {
        status: 200,
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32005, message: "too many" } }),
      };
    });
    const ledger = new Ledger(chain);
    await ledger.refresh();
    expect(seen(ledger)).toEqual([1, 2, 3, 4, 5].map(buildId));
  });

  it("loses nothing when the server fails in the middle", async () => {
    const ledger = new Ledger(chain);
    await request(1);
    await ledger.refresh();
    await request(2);
    proxy.behave(({ method }) => (method === "eth_getLogs" ? { status: 503, body: "busy" } : "pass"));
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/unreachable-fault" });
    expect(seen(ledger)).toEqual([buildId(1)]);
    proxy.behave(() => "pass");
    await ledger.refresh();
    expect(seen(ledger)).toEqual([1, 2].map(buildId));
  });

  it("reads from the receipts what a server leaves out of a block, and names the server: attack 33", async () => {
    const events: LedgerEvent[] = [];
    const ledger = new Ledger(chain, { onEvent: (event) => events.push(event) });
    await request(1);
    const { host } = new URL(proxy.url);
    proxy.behave(({ method }) => (method === "eth_getLogs" ? { change: () => [] } : "pass"));
    await ledger.refresh();
    expect(seen(ledger)).toEqual([buildId(1)]);
    expect(events).toEqual([{ kind: "logs contradicted", block: ledger.block, host, settledBy: host }]);
  });

  it("finds a log that a server left out of a range, when it reads everything again: attack 33", async () => {
    const repairs: LedgerEvent[] = [];
    const ledger = new Ledger(chain, { onEvent: (event) => repairs.push(event) });
    await request(1);
    await request(2);
    await server.send("hardhat_mine", ["0x64"]);
    await request(3);
    proxy.behave(({ method }) =>
      method === "eth_getLogs" ? { change: (logs) => (logs as unknown[]).slice(1) } : "pass",
    );
    await ledger.refresh();
    expect(seen(ledger)).toEqual([2, 3].map(buildId));
    proxy.behave(() => "pass");
    await ledger.recheck();
    expect(seen(ledger)).toEqual([2, 3].map(buildId));
    const { events, droppedFrom } = await ledger.refresh();
    expect(events.map(({ args }) => args.buildId)).toEqual([buildId(1)]);
    expect(repairs).toEqual([{ kind: "history repaired", blocks: [droppedFrom] }]);
    expect(seen(ledger)).toEqual([1, 2, 3].map(buildId));
    await ledger.recheck();
    expect(await ledger.refresh()).toEqual({ events: [] });
  });

  it("goes on reading what is new while a server refuses to have everything read again: attack 33", async () => {
    const events: LedgerEvent[] = [];
    const ledger = new Ledger(chain, { recheckSeconds: 0, onEvent: (event) => events.push(event) });
    await request(1);
    await ledger.refresh();
    await request(2);
    proxy.behave(({ method, params }) => {
      const { fromBlock } = (params[0] ?? {}) as { fromBlock?: string };
      return method === "eth_getLogs" && fromBlock === "0x0" ? { status: 429, body: "too many requests" } : "pass";
    });
    await ledger.refresh();
    await ledger.recheck();
    expect(seen(ledger)).toEqual([1, 2].map(buildId));
    expect(events).toMatchObject([{ kind: "recheck failed" }]);
  });

  it("never lets reading everything again delay the present", async () => {
    const ledger = new Ledger(chain, { recheckSeconds: 0 });
    await request(1);
    await ledger.refresh();
    await request(2);
    proxy.behave(({ method, params }) => {
      const { fromBlock } = (params[0] ?? {}) as { fromBlock?: string };
      return method === "eth_getLogs" && fromBlock === "0x0" ? "stall" : "pass";
    });
    const again = ledger.recheck();
    expect((await ledger.refresh()).events.length).toBe(1);
    await again;
  });

  it("never folds a block that the server does not know into its history: attack 76", async () => {
    const ledger = new Ledger(chain);
    await request(1);
    const { hash } = (await chain.provider.getBlock("latest"))!;
    await request(2);
    let nulls = 0;
    proxy.behave(({ method, params }) => {
      if (method !== "eth_getBlockByHash" || params[0] !== hash || nulls > 0) return "pass";
      nulls++;
      return { change: () => null };
    });
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/behind-fault" });
    expect([nulls, seen(ledger)]).toEqual([1, []]);
    await ledger.refresh();
    const fresh = new Ledger(chain);
    await fresh.refresh();
    expect(ledger.history).toEqual(fresh.history);
    expect(seen(ledger)).toEqual([1, 2].map(buildId));
  });

  it("refuses logs that lie outside of what it asked for", async () => {
    await request(1);
    proxy.behave(({ method }) =>
      method === "eth_getLogs"
        ? { change: (logs) => (logs as { blockNumber: string }[]).map((log) => ({ ...log, blockNumber: "0xffff" })) }
        : "pass",
    );
    await expect(new Ledger(chain).refresh()).rejects.toMatchObject({ code: "chain/reorganised-fault" });
  });

  it("refuses another chain behind the same address, and goes on when the first is back", async () => {
    const ledger = new Ledger(chain);
    await request(1);
    await ledger.refresh();
    const other = await startAnvil();
    await other.provider.send("anvil_mine", ["0x8"]);
    proxy.target(other.url);
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/wrong-chain" });
    expect(seen(ledger)).toEqual([buildId(1)]);
    await other.close();
    proxy.target(server.url);
    await request(2);
    expect((await ledger.refresh()).events.length).toBe(1);
  });

  it("gives reverts their name and values", async () => {
    const key = buildId(9);
    const call = assayCalls(deployment.assay).refundRequest({
      requester: sender.address as Address,
      buildId: key,
      expiry: 1,
      number: 2n,
    });
    const error = await sender.send(call).catch((thrown: unknown) => thrown);
    const requestId = requestIdOf({ requester: sender.address as Address, buildId: key, expiry: 1, number: 2n });
    expect(error).toMatchObject({ code: "chain/reverted", details: { name: "NoSuchRequest", args: [requestId] } });
    expect(new Interface(IAssay__factory.abi).getError("NoSuchRequest")).not.toBeNull();
  });
});
