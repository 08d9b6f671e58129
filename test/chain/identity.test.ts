import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BlockReader } from "../../src/chain/blockReader.ts";
import { ChainIdentity } from "../../src/chain/identity.ts";
import { FakeChainServer, refused } from "../support/fakeChainServer.ts";

const deploymentBlock = 3;
const wrong = { code: "chain/wrong-chain" };

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** A chain of so many blocks on top of the first, with the contract in block 3. */
function chainOf(name: string, height: number): FakeChainServer {
  const server = new FakeChainServer(name);
  for (let i = 0; i < height; i++) server.mine();
  return server;
}

/** An identity that has been learned of a chain, and what servers of that or of another one are taken for. */
async function scene(height: number, at = deploymentBlock) {
  let server = chainOf("one", height);
  const asked: string[] = [];
  const requests = {
    servers: 1,
    hostOf: () => "fake",
    ask: async (method: string, params: readonly unknown[]) => {
      asked.push(String(params[0]));
      return await server.ask(method, params);
    },
  };
  const reader = new BlockReader(requests);
  const identity = new ChainIdentity(reader, at);
  const learned = await identity.learn(await reader.tagged("latest"));
  const check = async (upTo: number | undefined, atOnce = true) => {
    const head = await reader.tagged("latest");
    asked.length = 0;
    await identity.check(head, upTo === undefined ? undefined : { number: upTo, hash: "any" }, atOnce);
  };
  const serve = (other: FakeChainServer) => {
    server = other;
  };
  return { identity, reader, learned, check, serve, asked, server };
}

describe("a chain", () => {
  it("is not known before it has come to the deployment, and then by the deployment's block", async () => {
    const { learned, check, server, identity, reader } = await scene(2);
    expect(learned).toBeUndefined();
    await check(undefined);
    const block = server.mine();
    expect(await identity.learn(await reader.tagged("latest"))).toBe(block.hash);
  });

  it("is looked at each minute, and at once where something gives cause to doubt", async () => {
    const { check, asked } = await scene(100);
    vi.advanceTimersByTime(59_999);
    await check(100, false);
    expect(asked).toEqual([]);
    await check(100, true);
    expect(asked).toEqual(["0x3"]);
    vi.advanceTimersByTime(59_999);
    await check(100, false);
    expect(asked).toEqual([]);
    vi.advanceTimersByTime(1);
    await check(100, false);
    expect(asked).toEqual(["0x3"]);
  });

  it("is another one where the deployment's block is another, each time until the server is back", async () => {
    const { check, serve, server } = await scene(100);
    serve(chainOf("two", 100));
    for (const atOnce of [true, false, false]) await expect(check(68, atOnce)).rejects.toMatchObject(wrong);
    serve(server);
    await check(68, false);
  });

  it.each([
    [67, false],
    [68, true],
  ])("with block %d taken in is another one where block 3 is another: %s", async (upTo, isOther) => {
    const { check, serve } = await scene(100);
    serve(chainOf("two", 100));
    if (isOther) return await expect(check(upTo)).rejects.toMatchObject(wrong);
    // A reorganisation of a young deployment: from now on it is known by the new block.
    await check(upTo);
    await check(100);
  });

  it("is known by its first block while a server has not come to the deployment", async () => {
    const { check, serve } = await scene(100);
    serve(chainOf("one", 2));
    await check(100);
    serve(chainOf("two", 2));
    await expect(check(100)).rejects.toMatchObject(wrong);
  });

  it("is not doubted where a server has not come to the deployment and does not give the first block either", async () => {
    const { check, serve } = await scene(100);
    const short = chainOf("two", 2);
    short.instead = (method, [number]) => {
      if (number === "0x0") throw refused(method);
    };
    serve(short);
    await check(100);
  });

  it("that has the contract in its first block is known by it at once", async () => {
    const { check, serve, learned, server } = await scene(1, 0);
    expect(learned).toBe(server.chain()[0]!.hash);
    serve(chainOf("two", 1));
    await expect(check(undefined)).rejects.toMatchObject(wrong);
  });
});
