import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RpcEndpoints } from "../../src/chain/rpcEndpoints.ts";

const limits = { timeoutMilliseconds: 1000, retries: 2, retryMilliseconds: 100, pollMilliseconds: 50 };
const payload = { jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] } as never;
const [a, b] = ["http://a.example/", "http://b.example/"] as const;
type Reply = { status?: number; headers?: Record<string, string>; result?: unknown };

/** What each server says to a method; by default it is well, and of chain 5. */
let replies: (host: string, method: string) => Reply | undefined;
/** What was asked, in order: host, method, and milliseconds since the beginning. */
let asked: [string, string, number][];
let began: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  [asked, began, replies] = [[], Date.now(), () => undefined];
  const fakeFetch = async (url: string, { body }: { body: string }) => {
    const { method } = JSON.parse(body) as { method: string };
    const { host } = new URL(url);
    asked.push([host[0]!, method, Date.now() - began]);
    const { status = 200, headers = {}, result = "0x5" } = replies(host[0]!, method) ?? {};
    return new Response(status === 200 ? JSON.stringify({ jsonrpc: "2.0", id: 1, result }) : "", { status, headers });
  };
  vi.stubGlobal("fetch", fakeFetch);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Makes a request while time passes as it has to. @returns the number of the server that answered, or the error's code. */
async function request(endpoints: RpcEndpoints, only?: number): Promise<number | string> {
  const answered = endpoints.request(payload, only).then(
    ({ server }) => server,
    ({ code }: { code: string }) => code,
  );
  await vi.runAllTimersAsync();
  return await answered;
}

const times = () => asked.filter(([, method]) => method === "eth_blockNumber").map(([host, , at]) => [host, at]);
const busy = { status: 503 };

describe("requests to one server", () => {
  it("are made again after pauses that double, as often as is allowed", async () => {
    replies = () => busy;
    expect(await request(new RpcEndpoints([a], undefined, limits))).toBe("chain/unreachable-fault");
    expect(times()).toEqual([
      ["a", 0],
      ["a", 200],
      ["a", 600],
    ]);
  });

  it("are made again when the server itself says so, but not at once again and again", async () => {
    replies = () => ({ ...busy, headers: { "retry-after": "0" } });
    await request(new RpcEndpoints([a], undefined, limits));
    expect(times()).toEqual([
      ["a", 0],
      ["a", 100],
      ["a", 300],
    ]);
  });

  it("come after the question which chain it is of, once in a while", async () => {
    const endpoints = new RpcEndpoints([a], 5n, limits);
    for (let i = 0; i < 3; i++) expect(await request(endpoints)).toBe(0);
    expect(asked.map(([, method]) => method)).toEqual([
      "eth_chainId",
      "eth_blockNumber",
      "eth_blockNumber",
      "eth_blockNumber",
    ]);
  });

  it.each([
    ["chain/bad-answer-fault", "five"],
    ["chain/wrong-chain", "0x6"],
  ])("end at once with %s where it answers that with %j", async (code, result) => {
    replies = () => ({ result });
    expect(await request(new RpcEndpoints([a], 5n, limits))).toBe(code);
    expect(asked.map(([, method]) => method)).toEqual(["eth_chainId"]);
  });
});

describe("requests to several servers", () => {
  it("go to the next at once, and to the first again when it has rested", async () => {
    const endpoints = new RpcEndpoints([a, b], undefined, limits);
    replies = (host) => (host === "a" && asked.length === 1 ? busy : undefined);
    expect(await request(endpoints)).toBe(1);
    expect(endpoints.failures.get("a.example")).toBe(1);
    vi.setSystemTime(began + 199);
    expect(await request(endpoints)).toBe(1);
    vi.setSystemTime(began + 200);
    expect(await request(endpoints)).toBe(0);
    expect(endpoints.host).toBe("a.example");
    expect(times().map(([host]) => host)).toEqual(["a", "b", "b", "a"]);
  });

  it("are made once to the one that alone is asked", async () => {
    const endpoints = new RpcEndpoints([a, b], undefined, limits);
    replies = (host) => (host === "b" ? busy : undefined);
    expect(await request(endpoints, 1)).toBe("chain/unreachable-fault");
    expect(await request(endpoints, 0)).toBe(0);
    expect(times().map(([host]) => host)).toEqual(["b", "a"]);
  });
});
