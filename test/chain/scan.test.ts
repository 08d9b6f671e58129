import { describe, expect, it } from "vitest";
import { readLogs } from "../../src/chain/scan.ts";
import { contractAddress, FakeChainServer, refused, requestLog } from "../support/fakeChainServer.ts";

interface Range {
  readonly fromBlock: string;
  readonly toBlock: string;
}

/** Blocks 1 to 20 with a log each, on a server that refuses ranges of more blocks than `most`. */
async function read(most: number, from: number, to: number, maxRange = 8) {
  const server = new FakeChainServer();
  for (let i = 1; i <= 20; i++) server.mine([requestLog(i)]);
  const ranges: [number, number][] = [];
  server.instead = (method, [filter]) => {
    const { fromBlock, toBlock } = filter as Range;
    const range = [Number(fromBlock), Number(toBlock)] as const;
    ranges.push([...range]);
    if (range[1] - range[0] + 1 > most) throw refused(method);
    return undefined;
  };
  const found = await readLogs(server, { address: contractAddress, maxRange }, from, to).then(
    (logs) => logs.map(({ topics }) => Number(topics[2])),
    ({ code }: { code: string }) => code,
  );
  return { found, ranges };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("logs of a range of blocks", () => {
  it("are read in ranges of as many blocks as are allowed, without gaps and none twice", async () => {
    expect(await read(8, 1, 18)).toEqual({
      found: numbers(1, 18),
      ranges: [
        [1, 8],
        [9, 16],
        [17, 18],
      ],
    });
  });

  it("are read in halves, then quarters, while the server refuses", async () => {
    expect(await read(3, 1, 8)).toEqual({
      found: numbers(1, 8),
      ranges: [
        [1, 8],
        [1, 4],
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
      ],
    });
  });

  it("are given up where the server refuses a single block", async () => {
    expect(await read(0, 5, 6)).toEqual({
      found: "chain/rpc-fault",
      ranges: [
        [5, 6],
        [5, 5],
      ],
    });
  });

  it("are none of an empty range", async () => {
    expect(await read(8, 5, 4)).toEqual({ found: [], ranges: [] });
  });

  it.each([
    ["of a block before the range", "chain/reorganised-fault", 4, contractAddress],
    ["of a block after it", "chain/reorganised-fault", 7, contractAddress],
    ["of another contract", "chain/bad-answer-fault", 5, `0x${"bb".repeat(20)}`],
  ])("are refused %s", async (_, code, block, address) => {
    const server = new FakeChainServer();
    for (let i = 1; i <= 10; i++) server.mine([requestLog(i, address)]);
    const number = `0x${block.toString(16)}`;
    const others = server.answer("eth_getLogs", [{ address, fromBlock: number, toBlock: number }]);
    server.instead = () => others;
    const filter = { address: contractAddress, maxRange: 8 };
    await expect(readLogs(server, filter, 5, 6)).rejects.toMatchObject({ code });
  });
});
