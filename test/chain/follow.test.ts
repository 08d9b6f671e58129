import { keccak256, toUtf8Bytes } from "ethers";
import { describe, expect, it } from "vitest";
import { History } from "../../src/chain/history.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import type { LedgerEvent } from "../../src/chain/ledgerEvents.ts";
import { type FakeBlock, FakeChainServer, refused, requestLog } from "../support/fakeChainServer.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

/** The history that these blocks tell. */
function historyOf(blocks: readonly FakeBlock[]): History {
  const history = new History();
  for (const { hash, number, timestamp, logs } of blocks) {
    logs.forEach((log, index) => {
      const transactionHash = keccak256(toUtf8Bytes(`${hash} ${index}`));
      history.apply({ ...log, blockHash: hash, blockNumber: number, index, transactionHash }, timestamp);
    });
  }
  return history;
}

const buildsOf = (ledger: Ledger) => [...ledger.history.builds.keys()].map(Number);

describe("a ledger that follows a chain", () => {
  it.each([0, 2, 5])(
    "knows after any reorganisations what the chain's blocks say (%i confirmations)",
    async (depth) => {
      const random = new Random(seed + depth);
      const server = new FakeChainServer();
      const ledger = new Ledger(server.asChain(depth, 7));
      const told = new Set<string>();
      let build = 0;
      const mine = (count: number) => {
        for (let i = 0; i < count; i++) {
          server.mine(Array.from({ length: random.below(3) }, () => requestLog(++build)));
        }
      };
      const forks: FakeBlock[] = [];
      for (let round = 0; round < 60; round++) {
        const before = server.head;
        const back = Math.min(1 + random.below(8), before.number);
        const kind = random.below(4);
        if (kind === 0) mine(1 + random.below(3));
        else if (kind === 1) mine(random.below(30) === 0 ? 200 : 1);
        else if (kind === 2) {
          forks.push(before);
          server.head = server.chain().at(-1 - back)!;
          mine(back + random.below(2));
        } else {
          // A branch that was left comes back, and grows past the one that has taken its place.
          server.head = forks[random.below(Math.max(1, forks.length))] ?? before;
          if (before.number - server.head.number > 8) server.head = before;
          mine(Math.max(0, before.number - server.head.number) + random.below(2));
        }
        const { events, droppedFrom } = await ledger.refresh();
        const confirmed = server.chain().filter(({ number }) => number <= server.head.number - depth);
        expect(ledger.history).toEqual(historyOf(confirmed));
        expect(ledger.now).toBe(server.head.timestamp + 1);
        for (const { transaction } of events) {
          expect(told.has(transaction), `told twice in round ${round}`).toBe(false);
          told.add(transaction);
        }
        if (droppedFrom !== undefined) expect(droppedFrom).toBeGreaterThan(before.number - 200);
      }
      expect(build).toBeGreaterThan(20);
    },
  );

  it("drops the blocks that a reorganisation has replaced, and asks for no others", async () => {
    const server = new FakeChainServer();
    for (let build = 1; build <= 20; build++) server.mine([requestLog(build)]);
    const ledger = new Ledger(server.asChain());
    await ledger.refresh();
    server.head = server.chain()[17]!;
    for (let build = 101; build <= 104; build++) server.mine([requestLog(build)]);
    server.asked.length = 0;
    const { events, droppedFrom } = await ledger.refresh();
    expect(droppedFrom).toBe(18);
    expect(events.map(({ block }) => block)).toEqual([18, 19, 20, 21]);
    expect(server.asked.filter((method) => method === "eth_getLogs").length).toBe(4);
  });

  it("keeps all that is older when the chain was reorganised while it was far behind", async () => {
    const server = new FakeChainServer();
    for (let build = 1; build <= 20; build++) server.mine([requestLog(build)]);
    const ledger = new Ledger(server.asChain());
    await ledger.refresh();
    server.head = server.chain()[12]!;
    for (let build = 101; build <= 300; build++) server.mine(build % 10 === 0 ? [requestLog(build)] : []);
    const { droppedFrom } = await ledger.refresh();
    expect(droppedFrom).toBe(13);
    expect(ledger.history).toEqual(historyOf(server.chain()));
  });

  it("asks once while nothing happens, and once for a block without the contract's events", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    const ledger = new Ledger(server.asChain(0));
    await ledger.refresh();
    server.asked.length = 0;
    await ledger.refresh();
    server.mine([requestLog(2, `0x${"bb".repeat(20)}`)]);
    await ledger.refresh();
    expect(server.asked).toEqual(["eth_getBlockByNumber", "eth_getBlockByNumber"]);
  });

  it("forgets everything when it is distrusted, and reads it again without telling it twice", async () => {
    const server = new FakeChainServer();
    for (const build of [1, 2]) server.mine([requestLog(build)]);
    const ledger = new Ledger(server.asChain());
    await ledger.refresh();
    ledger.distrust();
    expect([ledger.block, buildsOf(ledger)]).toEqual([-1, []]);
    server.mine([requestLog(3)]);
    const { events, droppedFrom } = await ledger.refresh();
    expect([ledger.block, buildsOf(ledger), droppedFrom]).toEqual([3, [1, 2, 3], 0]);
    expect(events.map(({ block }) => block)).toEqual([3]);
    expect(await ledger.refresh()).toEqual({ events: [] });
  });

  it("drops nothing when it is distrusted before it has read anything", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    const ledger = new Ledger(server.asChain());
    ledger.distrust();
    const { events, ...rest } = await ledger.refresh();
    expect([events.length, rest]).toEqual([1, {}]);
  });

  it("follows the block that a tag names, and takes its time from the newest", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    server.mine([requestLog(2)]);
    const ledger = new Ledger(server.asChain("safe"));
    server.instead = (method, params) => (params[0] === "safe" ? server.answer(method, ["0x1"]) : undefined);
    await ledger.refresh();
    expect(buildsOf(ledger)).toEqual([1]);
    expect(ledger.now).toBe(server.head.timestamp + 1);
    server.instead = (_, params) => {
      if (params[0] === "safe") throw refused("safe");
      return undefined;
    };
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/no-block-tag" });
  });

  it("takes in a text that is not UTF-8: anybody can write one", async () => {
    const server = new FakeChainServer();
    const log = requestLog(1);
    const data = log.data.replace(Buffer.from("place").toString("hex"), `ff${Buffer.from("lace").toString("hex")}`);
    server.mine([{ ...log, data }, requestLog(2)]);
    const ledger = new Ledger(server.asChain());
    await ledger.refresh();
    expect([...ledger.history.requests.values()].map(({ locator }) => locator)).toEqual(["\ufffdlace 1", "place 2"]);
  });

  it("refuses a log that the contract cannot have written, and goes on when the server has come to itself", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    const ledger = new Ledger(server.asChain());
    server.instead = (method, params) => {
      if (method === "eth_getBlockReceipts") return [];
      if (method !== "eth_getLogs") return undefined;
      return (server.answer(method, params) as object[]).map((log) => ({ ...log, data: "0x" }));
    };
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/contradiction-fault" });
    expect(buildsOf(ledger)).toEqual([]);
    server.instead = () => undefined;
    await ledger.refresh();
    expect(buildsOf(ledger)).toEqual([1]);
  });
});

describe("a server that changes what an event says (attack 80)", () => {
  it("is not believed: the receipts tell the event as the contract wrote it", async () => {
    const server = new FakeChainServer();
    server.mine([requestLog(1)]);
    const ledger = new Ledger(server.asChain());
    server.instead = (method, params) => {
      if (method !== "eth_getLogs") return undefined;
      // The expiry is another one.
      return (server.answer(method, params) as { data: string }[]).map((log) => ({
        ...log,
        data: `${log.data.slice(0, 2 + 64)}${"0".repeat(63)}1${log.data.slice(2 + 128)}`,
      }));
    };
    await ledger.refresh();
    expect([...ledger.history.requests.values()].map(({ expiry }) => expiry)).toEqual([4_000_000_000]);
  });
});

describe("a ledger that wants its servers to agree", () => {
  it.each([5, 200])("takes nothing in that too few of them say, of %i blocks", async (blocks) => {
    const events: LedgerEvent[] = [];
    const server = new FakeChainServer();
    server.servers = 2;
    for (let build = 1; build <= blocks; build++) server.mine(build === 3 ? [requestLog(build)] : []);
    const ledger = new Ledger(server.asChain(0, 1000, 2), { onEvent: (event) => events.push(event) });
    server.instead = (method, _, only) => (method === "eth_getLogs" && only === 1 ? [] : undefined);
    for (let poll = 0; poll < 2; poll++) {
      await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/no-agreement-fault" });
    }
    expect(buildsOf(ledger)).toEqual([]);
    expect(events).toEqual([{ kind: "no agreement", block: blocks === 5 ? 3 : 200, hosts: ["fake1"] }]);
    server.servers = 3;
    await ledger.refresh();
    expect(buildsOf(ledger)).toEqual([3]);
  });

  it("takes no block whose bloom filter one of them has emptied", async () => {
    const server = new FakeChainServer();
    server.servers = 2;
    server.mine([requestLog(1)]);
    const ledger = new Ledger(server.asChain(0, 1000, 2));
    server.instead = (method, params, only) => {
      if (!/Block/.test(method) || only === 1) return undefined;
      const logsBloom = `0x${"00".repeat(256)}`;
      return { ...(server.answer(method, params) as object), logsBloom, transactions: [] };
    };
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/no-agreement-fault" });
  });
});

describe("a chain that is another one than before", () => {
  it("is refused until the server is back", async () => {
    const events: LedgerEvent[] = [];
    const server = new FakeChainServer();
    for (let build = 1; build <= 5; build++) server.mine([requestLog(build)]);
    const ledger = new Ledger(server.asChain(), { onEvent: (event) => events.push(event) });
    await ledger.refresh();
    const other = new FakeChainServer("another");
    for (let build = 11; build <= 19; build++) other.mine([requestLog(build)]);
    server.instead = (method, params) => other.answer(method, params);
    for (let poll = 0; poll < 3; poll++) {
      await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/wrong-chain" });
    }
    other.head = other.chain()[2]!;
    await expect(ledger.refresh()).rejects.toMatchObject({ code: "chain/wrong-chain" });
    server.instead = () => undefined;
    server.mine([requestLog(6)]);
    expect((await ledger.refresh()).events.map(({ args }) => Number(args.buildId))).toEqual([6]);
    expect(events).toMatchObject([
      { kind: "other chain", healed: false },
      { kind: "other chain", healed: true },
    ]);
  });
});
