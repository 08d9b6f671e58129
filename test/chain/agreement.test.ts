import { describe, expect, it } from "vitest";
import { Agreement } from "../../src/chain/agreement.ts";
import { BlockReader } from "../../src/chain/blockReader.ts";
import { logsFrom } from "../../src/chain/blocks.ts";
import type { LedgerEvent } from "../../src/chain/ledgerEvents.ts";
import { AssayError } from "../../src/core/errors.ts";
import { contractAddress, FakeChainServer, requestLog } from "../support/fakeChainServer.ts";

type Word = "same" | "other" | "fault";

/** Servers that say the same of the newest block as what was read of it, something else, or nothing. */
async function scene(words: readonly Word[], wanted: number) {
  const server = new FakeChainServer();
  server.mine([requestLog(1)]);
  const header = (await new BlockReader(server).tagged("latest"))!;
  const number = `0x${header.number.toString(16)}`;
  const filter = { address: contractAddress, fromBlock: number, toBlock: number };
  const logs = logsFrom(server.answer("eth_getLogs", [filter]), "fake");
  const events: LedgerEvent[] = [];
  const asked: number[] = [];
  server.servers = words.length;
  server.instead = (method, params, only) => {
    asked.push(only!);
    const word = words[only!];
    if (word === "fault")
      throw new AssayError("chain/unreachable-fault", "no answer", { host: "fake", method: "eth_call" });
    if (word === "same") return undefined;
    return method === "eth_getLogs" ? [] : { ...(server.answer(method, params) as object), timestamp: "0x1" };
  };
  const agreement = new Agreement(server, wanted, (event) => events.push(event));
  return { agreement, header, logs, events, asked };
}

const onBlock = async ({ agreement, header }: Awaited<ReturnType<typeof scene>>) => await agreement.onBlock(header);

describe("an agreement of servers on a block", () => {
  it("asks nobody where one server is enough", async () => {
    const given = await scene(["fault"], 1);
    await onBlock(given);
    expect(given.asked).toEqual([]);
  });

  it.each<[readonly Word[], number, readonly number[]]>([
    [["same", "same", "other"], 2, [0, 1]],
    [["other", "same", "fault", "same", "same"], 2, [0, 1, 2, 3]],
    [["same", "same", "same"], 3, [0, 1, 2]],
  ])("of %j, %d of whom have to say the same, is found once %j are asked", async (words, wanted, asked) => {
    const given = await scene(words, wanted);
    await onBlock(given);
    expect(given).toMatchObject({ asked, events: [] });
  });

  it("is not found where one is missing, and names those that say something else, or nothing", async () => {
    const given = await scene(["same", "other", "fault"], 2);
    const hosts = ["fake1", "fake2"];
    const details = { number: 1, agreed: 1, wanted: 2, hosts };
    for (let i = 0; i < 2; i++) {
      await expect(onBlock(given)).rejects.toMatchObject({ code: "chain/no-agreement-fault", details });
    }
    // Once for a block.
    expect(given.events).toEqual([{ kind: "no agreement", block: 1, hosts }]);
    await expect(given.agreement.onBlock({ ...given.header, number: 0 })).rejects.toMatchObject({
      code: "chain/no-agreement-fault",
    });
    expect(given.events).toHaveLength(2);
  });

  it("does not take a fault of its own for a word", async () => {
    const { header } = await scene(["same", "same"], 2);
    const broken = { servers: 2, hostOf: String, ask: async () => expect.fail("broken") };
    const agreement = new Agreement(broken, 2, () => {});
    await expect(agreement.onBlock(header)).rejects.toThrow("broken");
  });
});

describe("an agreement of servers on logs", () => {
  it.each<[readonly Word[], boolean]>([
    [["same", "same"], true],
    [["same", "other"], false],
  ])("of %j is found: %s", async (words, isFound) => {
    const { agreement, header, logs } = await scene(words, 2);
    const { number } = header;
    const agreed = agreement.onLogs({ address: contractAddress, maxRange: 10 }, number, number, logs);
    if (isFound) await agreed;
    else await expect(agreed).rejects.toMatchObject({ code: "chain/no-agreement-fault" });
  });
});
