import { describe, expect, it } from "vitest";
import { classify } from "../../src/chain/rpcAnswer.ts";

const error = (code: number, message: string) => JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code, message } });
const response = (status: number, body: string, retryAfter: string | null = null, method = "eth_call") => ({
  status,
  body,
  retryAfter,
  method,
});

describe("what a provider answers", () => {
  it.each([
    [429, "slow down", "plain text"],
    [429, "<html>slow down</html>", "a page"],
    [429, error(429, "Your app has exceeded its compute units per second capacity"), "Alchemy"],
    [200, error(-32005, "daily request count exceeded, request rate limited"), "Infura"],
    [200, error(-32005, "rate limit exceeded"), "with status 200"],
    [200, error(-32029, "Too Many Requests"), "dRPC"],
    [403, error(-32000, "requests per second limit reached"), "with another status"],
  ])("is a rate limit: %i %s (%s)", (status, body) => {
    expect(classify(response(status, body))).toMatchObject({ code: "chain/rate-limited-fault", again: true });
  });

  it.each([
    error(-32000, "header not found"),
    error(-32001, "Unknown block"),
    error(-32000, "missing trie node 0x12 (path )"),
    error(-39001, "block #123 not found"),
    error(-32000, "required historical state unavailable (reexec=128)"),
  ])("is a server that lags: %s", (body) => {
    expect(classify(response(200, body))).toMatchObject({ code: "chain/behind-fault", again: true });
  });

  it.each([
    [502, "<html>bad gateway</html>"],
    [500, error(-32603, "Internal error")],
    [503, ""],
    [200, error(-32002, "request timed out")],
  ])("is a server in trouble: %i %s", (status, body) => {
    expect(classify(response(status, body))).toMatchObject({ code: "chain/unreachable-fault", again: true });
  });

  it.each([
    [200, '{"jsonrpc":"2.0","id":1,"resu', true],
    [200, "", true],
    [200, "{}", true],
    [200, "<html>welcome</html>", false],
    [404, "not found", false],
  ])("is no answer, and may be one the next time or not: %i %s", (status, body, again) => {
    expect(classify(response(status, body))).toMatchObject({ code: "chain/bad-answer-fault", again });
  });

  it("is refused for good when the key is wrong", () => {
    expect(classify(response(401, "unauthorized"))).toMatchObject({ code: "chain/refused-fault", again: false });
    expect(classify(response(403, "forbidden"))).toMatchObject({ code: "chain/refused-fault", again: false });
  });

  it.each([
    [200, error(3, "execution reverted")],
    [200, error(-32000, "nonce too low")],
    [400, error(-32600, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.")],
    [413, error(-32614, "eth_getLogs is limited to a 10,000 range")],
    [200, error(-32005, "query returned more than 10000 results. Try with this block range [0x0, 0x3E7].")],
    [200, error(-32602, "range exceeds limit of 500")],
    [200, '{"jsonrpc":"2.0","id":1,"result":null}'],
    [500, error(3, "execution reverted: told with HTTP 500")],
  ])("is an answer about the request itself: %i %s", (status, body) => {
    expect(classify(response(status, body))).toMatchObject({ kind: "answered" });
  });

  it("is about the range where a limit on logs is exceeded in no words of its own", () => {
    const body = error(-32005, "limit exceeded");
    expect(classify(response(200, body, null, "eth_getLogs"))).toMatchObject({ kind: "answered" });
    expect(classify(response(200, body))).toMatchObject({ code: "chain/rate-limited-fault" });
  });

  it("says how long it wants to be left alone, which is believed up to a minute", () => {
    const at = (retryAfter: string) => classify(response(429, "", retryAfter), Date.UTC(2030, 0, 1));
    expect(at("2")).toMatchObject({ afterMilliseconds: 2000 });
    expect(at("100000")).toMatchObject({ afterMilliseconds: 60_000 });
    expect(at("Tue, 01 Jan 2030 00:00:07 GMT")).toMatchObject({ afterMilliseconds: 7000 });
    expect(at("soon")).not.toHaveProperty("afterMilliseconds");
  });

  it("cannot steer a terminal", () => {
    const verdict = classify(response(429, error(-32005, "slow\u001b[2J\u001b]0;title\u0007 \u009b31m \u202e down")));
    expect(verdict).toMatchObject({ kind: "failed" });
    expect(JSON.stringify(verdict)).not.toMatch(/[\p{Cc}\p{Bidi_C}]/u);
    expect((verdict as { why: string }).why).toContain("\\u001b");
  });
});
