import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chainError } from "../../src/chain/errors.ts";
import { hostOf, type RpcLimits, RpcProvider, readChainId } from "../../src/chain/rpcProvider.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { type LocalServer, startServer } from "../support/rpcServer.ts";

const limits: RpcLimits = { timeoutMilliseconds: 300, retries: 2, retryMilliseconds: 10, pollMilliseconds: 50 };
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
    proxy.behave(() => "stall");
    const provider = new RpcProvider(proxy.url, 31337n, limits);
    await expect(provider.getBlockNumber()).rejects.toMatchObject({
      code: "chain/stalled-fault",
      details: { method: "eth_blockNumber" },
    });
    expect(proxy.seen.get("eth_blockNumber")).toBe(3);
  });

  it("gets its answer from a server that stalls once", async () => {
    let stalls = 1;
    proxy.behave(() => (stalls-- > 0 ? "stall" : "pass"));
    expect(await new RpcProvider(proxy.url, 31337n, limits).getBlockNumber()).toBe(0);
    expect(proxy.seen.get("eth_blockNumber")).toBe(2);
  });

  it.each([429, 502, 503])("asks again after HTTP %i", async (status) => {
    let failures = 2;
    proxy.behave(() => (failures-- > 0 ? { status, body: "busy" } : "pass"));
    expect(await new RpcProvider(proxy.url, 31337n, limits).getBlockNumber()).toBe(0);
  });

  it("says that a server speaks no JSON-RPC, at once", async () => {
    proxy.behave(() => ({ status: 200, body: "<html>welcome</html>" }));
    await expect(readChainId(proxy.url, limits)).rejects.toMatchObject({ code: "chain/bad-answer-fault" });
    expect(proxy.seen.get("eth_chainId")).toBe(1);
  });

  it("says that nobody listens, without the path of the address", async () => {
    const error = await readChainId("http://127.0.0.1:1/secret-access-key", limits).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "chain/unreachable-fault", details: { host: "127.0.0.1:1" } });
    expect(String(error)).not.toContain("secret-access-key");
    expect(hostOf("https://user:pass@node.example/key?token=1")).toBe("node.example");
  });

  it("reads the chain id", async () => {
    expect(await readChainId(proxy.url, limits)).toBe(31337n);
  });

  it("does not repeat a request that was answered with an error", async () => {
    const provider = new RpcProvider(proxy.url, 31337n, limits);
    const error = await provider.send("eth_notAMethod", []).catch((e: unknown) => chainError(e, [], "ask"));
    expect(error).toMatchObject({ code: "chain/rpc-fault" });
    expect(proxy.seen.get("eth_notAMethod")).toBe(1);
  });
});
