import { Interface } from "ethers";
import { describe, expect, it } from "vitest";
import type { AssayChain } from "../../src/chain/assay.ts";
import { BlockLogs } from "../../src/chain/blockLogs.ts";
import { BlockReader } from "../../src/chain/blockReader.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { MemoryLedgerStore } from "../../src/chain/ledgerStore.ts";
import { recheck } from "../../src/chain/recheck.ts";
import { challengeWord } from "../../src/protocol/challenge.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import { contractAddress, FakeChainServer, requestLog } from "../support/fakeChainServer.ts";

const word = (byte: string) => `0x${byte.repeat(32)}`;

/** A ledger that has read of a challenge, and what servers say of it when they are asked again. */
async function scene() {
  const server = new FakeChainServer();
  const packed = {
    id: word("01"),
    challengerAndRange: 1n,
    solverAndClocks: 2n,
    startRoot: word("02"),
    endRoot: word("03"),
    row: word("04"),
  };
  const values = [word("05"), word("01"), contractAddress, 0n, packed];
  const opened = new Interface(IAssay__factory.abi).encodeEventLog("ChallengeOpened", values);
  const { hash } = server.mine([{ address: contractAddress, ...opened }]);
  const said = { word: "", hash: hash as string | undefined, blocks: [] as unknown[] };
  const provider = Object.assign(server, {
    getBlock: async (block: unknown) => {
      said.blocks.push(block);
      return said.hash === undefined ? null : { hash: said.hash };
    },
  });
  const contract = {
    challengeOf: async (_: string, { blockTag }: { blockTag: unknown }) => {
      said.blocks.push(blockTag);
      return said.word;
    },
  };
  const ledger = new Ledger({ ...server.asChain(), provider, contract } as unknown as AssayChain);
  await ledger.refresh();
  const [challenge] = ledger.history.challenges.values();
  return { ledger, said, challenge: challenge! };
}

describe("a challenge that the events tell of", () => {
  it("is stored where the contract keeps its word, asked at the block that has been read", async () => {
    const { ledger, said, challenge } = await scene();
    said.word = challengeWord(challenge.at);
    expect(await ledger.isStored(challenge)).toBe(true);
    expect(said.blocks).toEqual([1]);
  });

  it("is not stored where the contract keeps another word in the very block that has been read", async () => {
    const { ledger, said, challenge } = await scene();
    said.word = word("00");
    expect(await ledger.isStored(challenge)).toBe(false);
    expect(said.blocks).toEqual([1, 1]);
  });

  it.each([
    ["another one", word("99")],
    ["gone", undefined],
  ])("is not doubted where the block that has been read is %s", async (_, hash) => {
    const { ledger, said, challenge } = await scene();
    [said.word, said.hash] = [word("00"), hash];
    expect(await ledger.isStored(challenge)).toBeUndefined();
  });

  it("is not asked for where the history has it otherwise, or not at all", async () => {
    const { ledger, said, challenge } = await scene();
    const other = { ...challenge, at: { ...challenge.at, since: 77 } };
    expect(await ledger.isStored(other)).toBeUndefined();
    ledger.distrust();
    expect(await ledger.isStored(challenge)).toBeUndefined();
    expect(said.blocks).toEqual([]);
  });
});

describe("a chain that has not come to the deployment", () => {
  it("is waited for: nothing is opened before its block has a hash", async () => {
    const server = new FakeChainServer();
    server.mine();
    const chain = server.asChain();
    const opened: unknown[] = [];
    class FakeStore extends MemoryLedgerStore {
      override async open(...[source]: unknown[]) {
        opened.push((source as { deploymentHash: string }).deploymentHash);
        return await super.open();
      }
    }
    const deployment = { ...chain.deployment, deploymentBlock: 2 };
    const ledger = new Ledger({ ...chain, deployment }, { store: new FakeStore() });
    expect(await ledger.refresh()).toEqual({ events: [] });
    expect([ledger.block, ledger.head?.number, opened]).toEqual([-1, 1, []]);
    const { hash } = server.mine([requestLog(1)]);
    expect((await ledger.refresh()).events).toHaveLength(1);
    expect([ledger.block, opened]).toEqual([2, [hash]]);
  });
});

describe("everything that is read again", () => {
  /** Blocks 1 to 10 with a log each, none of which is kept. */
  async function again(upTo: number, signal = new AbortController().signal) {
    const server = new FakeChainServer();
    for (let build = 1; build <= 10; build++) server.mine([requestLog(build)]);
    const ranges: number[][] = [];
    server.instead = (method, [filter]) => {
      const { fromBlock, toBlock } = filter as { fromBlock?: string; toBlock?: string };
      if (method === "eth_getLogs" && fromBlock !== undefined) ranges.push([Number(fromBlock), Number(toBlock)]);
      return undefined;
    };
    const reader = new BlockReader(server);
    const blockLogs = new BlockLogs(server, contractAddress, () => {});
    const options = { address: contractAddress, firstBlock: 2, depth: 0, maxRange: 4 };
    const repairs = await recheck({ reader, blockLogs, store: new MemoryLedgerStore(), options }, upTo, signal);
    return { repaired: repairs.map(({ block, logs }) => [block.number, logs.length]), ranges };
  }

  it("is all from the deployment up to a block, in ranges", async () => {
    const { repaired, ranges } = await again(7);
    expect(ranges).toEqual([
      [2, 5],
      [6, 7],
    ]);
    expect(repaired).toEqual([2, 3, 4, 5, 6, 7].map((number) => [number, 1]));
  });

  it("is nothing once it is ended", async () => {
    expect(await again(7, AbortSignal.abort())).toEqual({ repaired: [], ranges: [] });
  });
});
