import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chainError } from "../../src/chain/errors.ts";
import { hostOf } from "../../src/chain/rpcEndpoints.ts";
import { type RpcLimits, RpcProvider } from "../../src/chain/rpcProvider.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { type LocalServer, startServer } from "../support/rpcServer.ts";

const limits: RpcLimits = { timeoutMilliseconds: 1500, retries: 2, retryMilliseconds: 10, pollMilliseconds: 50 };
let server: LocalServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  server = await startServer();
  proxy = await startFaultyProxy(server.url);
});
beforeEach(() => {
  proxy.behave(() => "pass");
  proxy.seen.clear();
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

describe("a provider before a faulty RPC server", () => {
  it("gives up on a server that stalls after a bounded number of attempts", async () => {
    proxy.behave(({ method }) => (method === "eth_blockNumber" ? "stall" : "pass"));
    const provider = new RpcProvider(proxy.url, 31337n, limits);
    await expect(provider.getBlockNumber()).rejects.toMatchObject({
      code: "chain/stalled-fault",
      details: { method: "eth_blockNumber" },
    });
    expect(proxy.seen.get("eth_blockNumber")).toBe(3);
  });

  it("gets its answer from a server that stalls once", async () => {
    let stalls = 1;
    proxy.behave(({ method }) => (method === "eth_blockNumber" && stalls-- > 0 ? "stall" : "pass"));
    expect(await new RpcProvider(proxy.url, 31337n, limits).getBlockNumber()).toBe(0);
    expect(proxy.seen.get("eth_blockNumber")).toBe(2);
  });

  it.each([429, 502, 503])("asks again after HTTP %i", async (status) => {
    let failures = 2;
    proxy.behave(() => (failures-- > 0 ? { status, body: "busy" } : "pass"));
    expect(await new RpcProvider(proxy.url, 31337n, limits).getBlockNumber()).toBe(0);
  });

  it.each([
    [429, { code: 429, message: "Your app has exceeded its compute units per second capacity" }],
    [200, { code: -32005, message: "rate limit exceeded" }],
    [200, { code: -32000, message: "header not found" }],
    [500, { code: -32603, message: "Internal error" }],
  ])("asks again after HTTP %i with the error %o", async (status, error) => {
    let failures = 2;
    proxy.behave(({ id, method }) =>
      method === "eth_blockNumber" && failures-- > 0
        ? { status, body: JSON.stringify({ jsonrpc: "2.0", id, error }) }
        : "pass",
    );
    expect(await new RpcProvider(proxy.url, 31337n, limits).getBlockNumber()).toBe(0);
    expect(proxy.seen.get("eth_blockNumber")).toBe(3);
  });

  it("says that a server speaks no JSON-RPC, at once", async () => {
    proxy.behave(() => ({ status: 200, body: "<html>welcome</html>" }));
    const provider = new RpcProvider(proxy.url, 31337n, limits);
    await expect(provider.getBlockNumber()).rejects.toMatchObject({ code: "chain/bad-answer-fault" });
    expect(proxy.seen.get("eth_chainId")).toBe(1);
    expect(proxy.seen.get("eth_blockNumber")).toBeUndefined();
  });

  it("says that nobody listens, without the path of the address", async () => {
    const provider = new RpcProvider("http://127.0.0.1:1/secret-access-key", 31337n, limits);
    const error = await provider.getBlockNumber().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "chain/unreachable-fault", details: { host: "127.0.0.1:1" } });
    expect(String(error)).not.toContain("secret-access-key");
    expect(hostOf("https://user:pass@node.example/key?token=1")).toBe("node.example");
  });

  it("believes nothing of another chain, and names both", async () => {
    const provider = new RpcProvider(proxy.url, 1n, limits);
    const error = await provider.getBlockNumber().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "chain/wrong-chain" });
    expect(String(error)).toContain("serves chain 31337, not 1");
    expect(proxy.seen.get("eth_blockNumber")).toBeUndefined();
  });

  it("does not repeat a request that was answered with an error", async () => {
    const provider = new RpcProvider(proxy.url, 31337n, limits);
    const error = await provider.send("eth_notAMethod", []).catch((e: unknown) => chainError(e, [], "ask"));
    expect(error).toMatchObject({ code: "chain/rpc-fault" });
    expect(proxy.seen.get("eth_notAMethod")).toBe(1);
  });
});

describe("a provider before several RPC servers", () => {
  it("asks the next one at once when one fails, whatever is wrong with it", async () => {
    const good = await startFaultyProxy(server.url);
    try {
      for (const how of [
        { status: 503, body: "busy" },
        { status: 403, body: "forbidden" },
        { status: 200, body: "<html>welcome</html>" },
        { status: 200, body: JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0x1" }) },
      ]) {
        good.seen.clear();
        proxy.behave(() => how);
        const provider = new RpcProvider([proxy.url, good.url], 31337n, limits);
        expect(await provider.getBlockNumber()).toBe(0);
        expect(good.seen.get("eth_blockNumber")).toBe(1);
        expect(provider.host).toBe(hostOf(good.url));
      }
    } finally {
      await good.close();
    }
  });

  it("comes back to the first one when that is well again", async () => {
    const second = await startFaultyProxy(server.url);
    try {
      const provider = new RpcProvider([proxy.url, second.url], 31337n, { ...limits, retryMilliseconds: 1 });
      proxy.behave(() => ({ status: 503, body: "busy" }));
      await provider.getBlockNumber();
      expect(provider.host).toBe(hostOf(second.url));
      proxy.behave(() => "pass");
      const answeredBy = async () => {
        await provider.getBlockNumber();
        return provider.host;
      };
      await expect.poll(answeredBy, { timeout: 300_000, interval: 10 }).toBe(hostOf(proxy.url));
    } finally {
      await second.close();
    }
  });

  it("fails with what the last one said when all fail", async () => {
    const second = await startFaultyProxy(server.url);
    try {
      proxy.behave(() => ({ status: 503, body: "busy" }));
      second.behave(() => ({ status: 429, body: "slow down" }));
      const provider = new RpcProvider([proxy.url, second.url], 31337n, { ...limits, retries: 1 });
      await expect(provider.getBlockNumber()).rejects.toMatchObject({ code: "chain/rate-limited-fault" });
    } finally {
      await second.close();
    }
  });
});
