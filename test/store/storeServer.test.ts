import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ContentId, contentIdOf } from "../../src/store/contentId.ts";
import { mirrorSource } from "../../src/store/mirrors.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";
import { type StoreServer, type StoreServerOptions, serveStore } from "../../src/store/node/storeServer.ts";
import { bundleForBrowser, evaluateInBrowser } from "../support/determinism/browserContext.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const content = new TextEncoder().encode("content");
let folder: string;
let id: ContentId;
let server: StoreServer | undefined;
const sockets: Socket[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-served-"));
  id = await directoryStore(folder).put(content);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  for (const socket of sockets.splice(0)) socket.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<StoreServerOptions> = {}): Promise<StoreServer> {
  server = await serveStore({ folder, host: "127.0.0.1", port: 0, ...options });
  return server;
}
const pathOf = (of: ContentId) => `sha256/${of.slice(7)}`;

/** A connection that says this; `answer` is all that came until the server closed it. */
async function raw(text: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(Number(new URL(server!.url).port), "127.0.0.1");
  sockets.push(socket);
  const closed = once(socket, "close");
  socket.on("error", () => {});
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  await once(socket, "connect");
  socket.write(text);
  return { socket, answer: closed.then(() => answer) };
}

describe("a served store", () => {
  it("gives its contents to a reader on another machine, large ones too", async () => {
    const large = new Random(seed).fill(new Uint8Array(3_000_001));
    const empty = new Uint8Array();
    const ids = [await directoryStore(folder).put(large), await directoryStore(folder).put(empty)];
    const { url } = await start();
    const source = mirrorSource([url]);
    expect(await source.get(id, 100)).toEqual(content);
    expect(await source.get(ids[0]!, large.length)).toEqual(large);
    expect(await source.get(ids[1]!, 100)).toEqual(empty);
    expect(await source.has(id)).toBe(true);
    await expect(source.get(contentIdOf(new Uint8Array(1)), 100)).rejects.toMatchObject({ code: "store/missing" });
  });

  it("is read by browsers as by Node", async () => {
    const { url } = await start();
    const modules = evaluateInBrowser(await bundleForBrowser(["core", "store"])) as {
      "store/mirrors.ts": { mirrorSource: typeof mirrorSource };
    };
    const source = modules["store/mirrors.ts"].mirrorSource([url]);
    expect([...(await source.get(id, 100))]).toEqual([...content]);
    await expect(source.get(contentIdOf(new Uint8Array(1)), 100)).rejects.toMatchObject({ code: "store/missing" });
  });

  it("says that contents never change, and what they are", async () => {
    const { url } = await start();
    const head = await fetch(url + pathOf(id), { method: "HEAD" });
    const etag = `"${id.slice(7)}"`;
    expect(Object.fromEntries(head.headers)).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-length": "7",
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      "access-control-allow-origin": "*",
      etag,
    });
    expect(await head.text()).toBe("");
    const again = await fetch(url + pathOf(id), { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const health = await fetch(`${url}healthz`);
    expect([health.status, await health.text(), health.headers.get("cache-control")]).toEqual([
      200,
      "ok\n",
      "no-store",
    ]);
  });

  it("sends the part that is asked for", async () => {
    const { url } = await start();
    const part = async (range: string, headers: Record<string, string> = {}, method = "GET") => {
      const response = await fetch(url + pathOf(id), { method, headers: { range, ...headers } });
      return [response.status, response.headers.get("content-range"), await response.text()];
    };
    expect(await part("bytes=3-")).toEqual([206, "bytes 3-6/7", "tent"]);
    expect(await part("bytes=3-4")).toEqual([206, "bytes 3-4/7", "te"]);
    expect(await part("bytes=-2")).toEqual([206, "bytes 5-6/7", "nt"]);
    expect(await part("bytes=7-")).toEqual([416, "bytes */7", ""]);
    expect(await part("bytes=0-1,3-4")).toEqual([200, null, "content"]);
    expect(await part("bytes=3-", { "if-range": `"${id.slice(7)}"` })).toEqual([206, "bytes 3-6/7", "tent"]);
    expect(await part("bytes=3-", { "if-range": '"another"' })).toEqual([200, null, "content"]);
    expect(await part("bytes=3-", {}, "HEAD")).toEqual([200, null, ""]);
  });

  it.each([
    "/",
    "/sha256",
    "/sha256/",
    "/sha256/..",
    `/sha256/${"A".repeat(64)}`,
    `/sha256/${"0".repeat(63)}`,
    `/sha256/${"0".repeat(64)}?x`,
    `/sha256/${"0".repeat(64)}/`,
    `/sha256/${"0".repeat(62)}%30%30`,
    `/sha256/../sha256/${"0".repeat(64)}`,
    "/../../../../etc/passwd",
    "/sha256/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "http://elsewhere/healthz",
    "*",
  ])("has nothing at %s", async (path) => {
    await start();
    const { answer } = await raw(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("has what is at the one spelling of a path: the raw requests above are right otherwise", async () => {
    await start();
    const { answer } = await raw(`GET /${pathOf(id)} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\ncontent$/s);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("takes no %s, and nothing changes", async (method) => {
    const before = await readdir(folder, { recursive: true });
    const { url } = await start();
    const response = await fetch(url + pathOf(id), { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it("takes no body", async () => {
    await start();
    for (const header of ["content-length: 1000000", "transfer-encoding: chunked"]) {
      const { answer } = await raw(`GET /${pathOf(id)} HTTP/1.1\r\nhost: a\r\n${header}\r\n\r\n`);
      expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it("does not give out what is damaged, says so once, and gives it out again when it is right", async () => {
    const damaged: string[] = [];
    const { url } = await start({ onCorrupt: (file) => damaged.push(file) });
    const file = contentFile(folder, id);
    const status = async () => (await fetch(url + pathOf(id))).status;
    expect(await status()).toBe(200);
    await writeFile(file, "c0ntent");
    expect([await status(), await status()]).toEqual([404, 404]);
    expect(damaged).toEqual([file]);
    await rm(file);
    expect(await status()).toBe(404);
    await directoryStore(folder).put(content);
    expect(await status()).toBe(200);
  });

  it("does not give out what is larger than it serves, nor what is no file", async () => {
    const { url } = await start({ limits: { maxBytes: 6 } });
    expect((await fetch(url + pathOf(id))).status).toBe(404);
    const folderId = contentIdOf(new Uint8Array(2));
    await mkdir(contentFile(folder, folderId), { recursive: true });
    expect((await fetch(url + pathOf(folderId))).status).toBe(404);
  });
});

describe("what strangers may take of a served store", () => {
  it("is a number of connections from one address", async () => {
    await start({ limits: { connectionsPerAddress: 2 } });
    const request = `GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n`;
    const kept = [await raw(request), await raw(request)];
    for (const { socket } of kept) await once(socket, "data");
    expect(await (await raw(request)).answer).toBe("");
    kept[0]!.socket.destroy();
    await kept[0]!.answer;
    const status = async () => (await fetch(`${server!.url}healthz`).catch(() => undefined))?.status;
    await expect.poll(status, { timeout: 300_000 }).toBe(200);
  });

  it("is a number of connections in all", async () => {
    await start({ limits: { connections: 1 } });
    const request = `GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n`;
    const { socket } = await raw(request);
    await once(socket, "data");
    expect(await (await raw(request)).answer).toBe("");
  });

  it.each([
    ["says nothing", ""],
    ["does not end its request", "GET /healthz HTTP/1.1\r\nhost: a\r\nx: "],
  ])("is no connection that %s", async (_, text) => {
    await start({ limits: { requestMilliseconds: 50 } });
    const { answer } = await raw(text);
    expect(await answer).toMatch(/^(HTTP\/1\.1 408 .*)?$/s);
  });

  it("is no connection that asks for nothing more", async () => {
    await start({ limits: { idleMilliseconds: 50 } });
    expect(await (await raw("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")).answer).toMatch(/ok\n/);
  });

  it("is no reader that does not read", async () => {
    const large = await directoryStore(folder).put(new Uint8Array(2 ** 25));
    let dropped = () => {};
    const slow = new Promise<void>((resolve) => {
      dropped = resolve;
    });
    await start({ limits: { progressMilliseconds: 100 }, onSlowReader: dropped });
    const { socket, answer } = await raw(`GET /${pathOf(large)} HTTP/1.1\r\nhost: a\r\n\r\n`);
    socket.pause();
    await slow;
    socket.resume();
    expect((await answer).length).toBeLessThan(2 ** 25);
  });
});

describe("the end of a served store", () => {
  it("closes connections in the middle of an answer", async () => {
    const large = await directoryStore(folder).put(new Uint8Array(2 ** 25));
    await start();
    const { socket, answer } = await raw(`GET /${pathOf(large)} HTTP/1.1\r\nhost: a\r\n\r\n`);
    await once(socket, "data");
    socket.pause();
    await server!.close();
    server = undefined;
    socket.resume();
    expect((await answer).length).toBeLessThan(2 ** 25);
  });

  it("is its beginning when the port is taken", async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(serveStore({ folder, host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "store/port-fault",
      message: `cannot listen on 127.0.0.1, port ${port}: another process uses it; name another one with --port (0 takes a free one)`,
    });
    await expect(serveStore({ folder, host: "192.0.2.1", port })).rejects.toMatchObject({ code: "store/port-fault" });
  });
});
