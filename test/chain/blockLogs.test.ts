import { describe, expect, it } from "vitest";
import { BlockLogs } from "../../src/chain/blockLogs.ts";
import { BlockReader } from "../../src/chain/blockReader.ts";
import type { LedgerEvent } from "../../src/chain/ledgerEvents.ts";
import { contractAddress, FakeChainServer, refused, requestLog } from "../support/fakeChainServer.ts";

/** Logs of the newest block, and what was said about the servers. */
async function read(server: FakeChainServer) {
  const events: LedgerEvent[] = [];
  const logs = new BlockLogs(server, contractAddress, (event) => events.push(event));
  const header = await new BlockReader(server).tagged("latest");
  server.asked.length = 0;
  const found = await logs.read(header).then(
    (given) => given.map(({ topics }) => Number(topics[2])),
    (error: { code: string }) => error.code,
  );
  return { found, events };
}

const stranger = `0x${"bb".repeat(20)}`;
const withoutReceipts = (method: string) => {
  if (/Receipt/.test(method)) throw refused(method);
};

describe("logs of a block", () => {
  it("are not asked for where the bloom filter does not hold the contract", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1, stranger)]);
    expect(await read(server)).toEqual({ found: [], events: [] });
    expect(server.asked).toEqual([]);
  });

  it("are read by number where a server takes no hash", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    server.instead = (method, [filter]) => {
      if (method === "eth_getLogs" && (filter as { blockHash?: string }).blockHash !== undefined) throw refused(method);
      return undefined;
    };
    expect(await read(server)).toEqual({ found: [1], events: [] });
  });

  it("are read whole from the receipts of the only server, which leaves one out of two", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1), requestLog(2)]);
    const header = await new BlockReader(server).tagged("latest");
    server.instead = (method, params) =>
      method === "eth_getLogs" ? (server.answer(method, params) as unknown[]).slice(1) : undefined;
    const logs = new BlockLogs(server, contractAddress, () => {});
    expect([(await logs.read(header)).length, (await logs.readWhole(header)).length]).toEqual([1, 2]);
  });

  it("are refused where they are of another contract, which its server was not asked for", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1), requestLog(2, stranger)]);
    server.instead = (method, [filter]) =>
      method === "eth_getLogs" ? server.answer(method, [{ ...(filter as object), address: stranger }]) : undefined;
    expect(await read(server)).toEqual({ found: "chain/bad-answer-fault", events: [] });
  });

  it.each([
    ["left out", () => []],
    [
      "invented",
      (given: object[]) => [{ ...given[0], topics: [requestLog(7).topics[0], ...requestLog(7).topics.slice(1)] }],
    ],
  ])("that were %s are taken from the receipts, and the server is named", async (_, change) => {
    const server = new FakeChainServer();
    server.mine([requestLog(1), requestLog(2, stranger)]);
    server.instead = (method, params) =>
      method === "eth_getLogs" ? change(server.answer(method, params) as object[]) : undefined;
    expect(await read(server)).toEqual({
      found: [1],
      events: [{ kind: "logs contradicted", block: 1, host: "fake0", settledBy: "fake0" }],
    });
  });

  it("are taken from another server where nobody has receipts", async () => {
    const server = new FakeChainServer();
    server.servers = 2;
    server.mine([requestLog(1)]);
    server.instead = (method, _, only) => {
      withoutReceipts(method);
      return method === "eth_getLogs" && only !== 1 ? [] : undefined;
    };
    expect(await read(server)).toEqual({
      found: [1],
      events: [{ kind: "logs contradicted", block: 1, host: "fake0", settledBy: "fake1" }],
    });
  });

  it("are believed to be none when two answers say so, or the receipts: a filter can match by chance", async () => {
    const server = new FakeChainServer();
    server.mine([
      { address: stranger, topics: [contractAddress.padEnd(66, "0"), requestLog(1).topics[0]!], data: "0x" },
    ]);
    // The filter gets the contract's address by another block's log.
    const both = new FakeChainServer();
    both.mine([requestLog(1)]);
    const bloom = (both.answer("eth_getBlockByNumber", ["latest"]) as { logsBloom: string }).logsBloom;
    server.instead = (method, params) => {
      withoutReceipts(method);
      if (method !== "eth_getBlockByNumber") return undefined;
      return { ...(server.answer(method, params) as object), logsBloom: bloom };
    };
    const byChance = { kind: "bloom matched by chance", block: 1, host: "fake0" };
    expect(await read(server)).toEqual({ found: [], events: [byChance] });
    expect(server.asked.filter((method) => method === "eth_getLogs").length).toBe(2);
  });

  it("are refused when nothing that is said can be so", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    server.instead = (method, params) => {
      withoutReceipts(method);
      if (method !== "eth_getLogs") return undefined;
      return (server.answer(method, params) as object[]).map((log) => ({ ...log, topics: requestLog(9).topics }));
    };
    expect(await read(server)).toEqual({
      found: "chain/contradiction-fault",
      events: [{ kind: "logs contradicted", block: 1, host: "fake0" }],
    });
  });

  it("are not believed to be none by receipts that do not make the bloom filter", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    server.instead = (method) => {
      if (method === "eth_getLogs") return [];
      return method === "eth_getBlockReceipts" ? [{ logs: [] }] : undefined;
    };
    expect((await read(server)).found).toBe("chain/contradiction-fault");
  });

  it("are read on a chain that leaves its filters empty", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    const logsBloom = `0x${"00".repeat(256)}`;
    server.instead = (method, params) =>
      method === "eth_getBlockByNumber" ? { ...(server.answer(method, params) as object), logsBloom } : undefined;
    expect((await read(server)).found).toEqual([1]);
  });
});
