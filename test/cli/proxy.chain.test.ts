import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAssay } from "../support/spawned.ts";

let folder: string;
let proxy: Server;
/** First lines of what the proxy was asked. */
const asked: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "assay-proxy-"));
  proxy = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      asked.push(bytes.toString("latin1").split("\r\n", 1)[0]!);
      socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks a chain behind that address for its claims. @returns what the proxy was asked meanwhile */
async function askedFor(rpc: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const config = {
    rpc,
    chainId: 1,
    assay: `0x${"1".repeat(40)}`,
    stores: [{ url: "file:.", write: true }],
    state: ".",
    polling: { retries: 0 },
  };
  writeFileSync(join(folder, "assay.yaml"), JSON.stringify(config));
  asked.length = 0;
  const { status } = await runAssay(["claims"], { folder, environment });
  expect(status).toBe(6);
  return [...asked];
}

describe("a proxy that the environment names", () => {
  it("is asked for RPC servers, but not for those of this machine or that need none", async () => {
    const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    const environment = { http_proxy: url, https_proxy: url };
    expect((await askedFor("http://rpc.invalid:8545", environment))[0]).toContain("rpc.invalid:8545");
    expect((await askedFor("https://rpc.invalid", environment))[0]).toContain("rpc.invalid:443");
    expect(await askedFor("http://127.0.0.1:1", environment)).toEqual([]);
    expect(await askedFor("http://localhost:1", { ...environment, no_proxy: "x.invalid" })).toEqual([]);
    expect(await askedFor("http://rpc.invalid:1", { ...environment, NO_PROXY: "rpc.invalid" })).toEqual([]);
  });
});
