import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AssayError } from "../../src/core/errors.ts";
import { type ContentId, contentIdOf } from "../../src/store/contentId.ts";
import { remoteStore } from "../../src/store/httpUpload.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";
import { type AcceptOptions, type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { addToken, readTokens, revokeToken } from "../../src/store/node/storeTokens.ts";
import type { UploadLimits } from "../../src/store/node/uploadLimits.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const content = new TextEncoder().encode("content");
const id = contentIdOf(content);
const pathOf = (of: ContentId) => `sha256/${of.slice(7)}`;

let folder: string;
let tokensFile: string;
let token: string;
let server: StoreServer | undefined;
const sockets: Socket[] = [];
beforeEach(async () => {
  const base = await mkdtemp(join(tmpdir(), "assay-uploads-"));
  folder = join(base, "store");
  tokensFile = join(base, "tokens.json");
  token = await addToken(tokensFile, "alice", 1_000_000);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  for (const socket of sockets.splice(0)) socket.destroy();
  await rm(join(folder, ".."), { recursive: true, force: true });
});

async function start(limits: Partial<UploadLimits> = {}, more: Partial<AcceptOptions> = {}): Promise<StoreServer> {
  server = await serveStore({ folder, host: "127.0.0.1", port: 0, accept: { tokensFile, limits, ...more } });
  return server;
}

async function put(of: ContentId, body: Uint8Array, bearer = token): Promise<[number, string]> {
  const response = await fetch(server!.url + pathOf(of), {
    method: "PUT",
    body: body as Uint8Array<ArrayBuffer>,
    headers: { authorization: `Bearer ${bearer}` },
  });
  return [response.status, (await response.text()).trim()];
}

/** Everything in the store's folder that is no record of who has written what. */
async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name !== "uploads.jsonl").map((entry) => entry.name);
}

/** A connection that begins an upload of so many bytes, and sends what a test lets it. */
async function begin(bytes: number, of: ContentId = id): Promise<Socket> {
  const socket = connect(Number(new URL(server!.url).port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(
    `PUT /${pathOf(of)} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-length: ${bytes}\r\n\r\n`,
  );
  return socket;
}

describe("a store that takes uploads", () => {
  it("keeps what is what its path says, durably, and gives it out", async () => {
    const large = new Random(seed).fill(new Uint8Array(900_000));
    const { url } = await start();
    const store = remoteStore(url, token);
    expect(await store.has(id)).toBe(false);
    expect(await store.put(content)).toBe(id);
    expect(await store.put(content)).toBe(id);
    const largeId = await store.put(large);
    expect(contentIdOf(await store.get(largeId, large.length))).toBe(contentIdOf(large));
    expect(await directoryStore(folder).get(id, 100)).toEqual(content);
    expect(await store.put(new Uint8Array())).toBe(contentIdOf(new Uint8Array()));
  });

  it("refuses another body than its path says, and keeps nothing of it", async () => {
    await start();
    const other = contentIdOf(new Uint8Array(3));
    expect(await put(other, content)).toEqual([422, `the body is ${id}, not ${other}`]);
    expect(await files()).toEqual([]);
  });

  it.each([
    ["none", ""],
    ["another one", `assay-store-${"A".repeat(43)}`],
  ])("takes nothing with %s of its tokens", async (_, bearer) => {
    await start();
    expect((await put(id, content, bearer))[0]).toBe(401);
    await expect(remoteStore(server!.url, bearer).put(content)).rejects.toMatchObject({
      code: "store/not-taken-fault",
      details: { status: 401 },
      message: expect.stringContaining("with a token of its own only"),
    });
    expect(await files()).toEqual([]);
  });

  it("takes no more with a token from the moment on that it is revoked", async () => {
    await start();
    expect((await put(id, content))[0]).toBe(201);
    expect(await revokeToken(tokensFile, "alice")).toBe(true);
    expect((await put(contentIdOf(new Uint8Array(1)), new Uint8Array(1)))[0]).toBe(401);
    expect(await revokeToken(tokensFile, "alice")).toBe(false);
  });

  it("keeps no token, only its hash, for nobody else to read", async () => {
    expect(await readFile(tokensFile, "utf8")).not.toContain(token.slice(-20));
    expect((await stat(tokensFile)).mode & 0o777).toBe(0o600);
    await expect(addToken(tokensFile, "alice", 1)).rejects.toMatchObject({ code: "store/bad-tokens" });
    expect((await readTokens(tokensFile)).map(({ name, quotaBytes }) => [name, quotaBytes])).toEqual([
      ["alice", 1_000_000],
    ]);
  });

  it("does not begin with a file of tokens that is damaged", async () => {
    await writeFile(tokensFile, '{"kind":"assay-store-tokens","version":1,"tokens":[{"name":"a b"}]}');
    await expect(start()).rejects.toMatchObject({ code: "store/bad-tokens", message: expect.stringContaining("name") });
  });

  it("takes uploads at their addresses only", async () => {
    await start();
    for (const [method, path] of [
      ["PUT", "healthz"],
      ["PUT", "sha256/../x"],
      ["POST", pathOf(id)],
      ["DELETE", pathOf(id)],
    ] as const) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(server!.url + path, { method, headers, ...(method !== "DELETE" && { body: "x" }) });
      expect([400, 405], `${method} ${path}`).toContain(response.status);
    }
    expect(await files()).toEqual([]);
  });
});

describe("what a token may take of a store", () => {
  it("is its quota, of which what has been deleted is free again, also after a new start", async () => {
    const [one, two, three] = [1, 2, 3].map((byte) => new Uint8Array(400_000).fill(byte)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    await start();
    expect((await put(contentIdOf(one), one))[0]).toBe(201);
    expect((await put(contentIdOf(two), two))[0]).toBe(201);
    expect(await put(contentIdOf(three), three)).toEqual([
      507,
      "the quota of this token, 1000000 bytes, has no room for it",
    ]);
    await server!.close();
    await start();
    expect((await put(contentIdOf(three), three))[0]).toBe(507);
    await rm(contentFile(folder, contentIdOf(one)));
    expect((await put(contentIdOf(three), three))[0]).toBe(201);
    expect((await put(contentIdOf(one), one))[0]).toBe(507);
    // What is there costs nobody anything.
    expect((await put(contentIdOf(two), two))[0]).toBe(201);
  });

  it("is what all together may take", async () => {
    await start({ totalBytes: 10 });
    expect((await put(id, content))[0]).toBe(201);
    expect(await put(contentIdOf(new Uint8Array(4)), new Uint8Array(4))).toEqual([
      507,
      "this store takes no more for now",
    ]);
    expect((await put(contentIdOf(new Uint8Array(3)), new Uint8Array(3)))[0]).toBe(201);
  });

  it("is one content of a bounded size", async () => {
    await start({ maxBytes: 6 });
    expect(await put(id, content)).toEqual([413, "this store takes 6 bytes at most"]);
  });

  it("is a number of uploads at once", async () => {
    await start({ uploadsPerToken: 1 });
    const held = await begin(7);
    held.write("con");
    await expect.poll(files).toHaveLength(1);
    const [status, text] = await put(contentIdOf(new Uint8Array(1)), new Uint8Array(1));
    expect([status, text]).toEqual([503, "too many uploads are under way: try again in a moment"]);
    held.write("tent");
    await once(held, "data");
    expect((await put(contentIdOf(new Uint8Array(1)), new Uint8Array(1)))[0]).toBe(201);
    expect(await directoryStore(folder).has(id)).toBe(true);
  });

  it("is no upload that stops in the middle, of which nothing stays", async () => {
    await start({ progressMilliseconds: 50 });
    const socket = await begin(7);
    socket.write("con");
    await once(socket, "close");
    await expect.poll(files).toEqual([]);
    expect((await put(id, content))[0]).toBe(201);
  });

  it("is no upload without a length", async () => {
    await start();
    const socket = connect(Number(new URL(server!.url).port), "127.0.0.1");
    sockets.push(socket);
    socket.write(
      `PUT /${pathOf(id)} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    const [data] = (await once(socket, "data")) as [Buffer];
    expect(String(data)).toMatch(/^HTTP\/1\.1 411 /);
  });
});

describe("texts besides the contents", () => {
  it("are kept by those who know them, and refused with their reason", async () => {
    const kept: string[] = [];
    await start(
      {},
      {
        textAt: (path) =>
          path !== "notes/a.jsonl"
            ? undefined
            : {
                maxBytes: 10,
                keep: async (text) => (text === "no" ? "this is no note" : void kept.push(text)),
              },
      },
    );
    const post = async (body: string, path = "notes/a.jsonl") => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(server!.url + path, { method: "POST", body, headers });
      return [response.status, (await response.text()).trim()];
    };
    expect(await post("yes")).toEqual([201, "kept"]);
    expect(await post("no")).toEqual([422, "this is no note"]);
    expect(await post("x".repeat(11))).toEqual([413, "no more than 10 bytes are taken here"]);
    expect((await post("yes", "notes/b.jsonl"))[0]).toBe(400);
    expect(kept).toEqual(["yes"]);
  });

  it("are answered with the disk's own words when it is full", async () => {
    /** A fake of a full disk. */
    const keep = async () => {
      throw new AssayError("store/full-fault", "no space left", { file: "x" });
    };
    await start({}, { textAt: () => ({ maxBytes: 10, keep }) });
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${server!.url}x`, { method: "POST", body: "yes", headers });
    expect([response.status, await response.text()]).toEqual([507, "this store's disk is full\n"]);
  });
});
