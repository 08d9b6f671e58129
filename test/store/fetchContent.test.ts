import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { contentIdOf } from "../../src/store/contentId.ts";
import { contentUrl, fetchContent } from "../../src/store/fetchContent.ts";
import { defaultFetchLimits, type FetchLimits } from "../../src/store/fetchLimits.ts";
import { startMirror, startRawMirror, type TestMirror } from "../support/mirrors.ts";

const content = new TextEncoder().encode("content ".repeat(1000));
const id = contentIdOf(content);
const maxBytes = content.length;

const open: TestMirror[] = [];
afterEach(async () => {
  for (const mirror of open.splice(0)) await mirror.close();
});
async function mirrorThat(answer: RequestListener): Promise<TestMirror> {
  const mirror = await startMirror(answer);
  open.push(mirror);
  return mirror;
}
const fetched = async (mirror: TestMirror, limits: Partial<FetchLimits> = {}, most = maxBytes, signal?: AbortSignal) =>
  await fetchContent(mirror.url, id, most, { ...defaultFetchLimits, ...limits }, signal);

/** Never used up by the test's end: only what the test changes can end a request. */
const patient = { firstByteMilliseconds: 1e6, progressMilliseconds: 1e6, totalMilliseconds: 1e6 };

describe("a mirror that has the content", () => {
  it("is asked at /sha256/<digits>, below its own path, without an encoding", async () => {
    const asked: unknown[] = [];
    const mirror = await mirrorThat(({ url, headers }, response) => {
      asked.push(url, headers["accept-encoding"]);
      response.end(content);
    });
    expect(await fetched(mirror)).toEqual({ kind: "brought", value: content });
    expect(asked).toEqual([`/sha256/${id.slice(7)}`, "identity"]);
    for (const base of ["https://a.example/store", "https://a.example/store/"]) {
      expect(contentUrl(base, id).href).toBe(`https://a.example/store/sha256/${id.slice(7)}`);
    }
  });

  it.each([
    ["with its length", { "content-length": content.length }],
    ["without", {}],
  ])("brings it %s, in pieces", async (_, headers) => {
    const mirror = await mirrorThat((_, response) => {
      response.writeHead(200, headers);
      for (let at = 0; at < content.length; at += 999) response.write(content.subarray(at, at + 999));
      response.end();
    });
    expect(await fetched(mirror, {}, 2 ** 30)).toEqual({ kind: "brought", value: content });
  });

  it("brings empty content", async () => {
    const empty = new Uint8Array();
    const mirror = await mirrorThat((_, response) => void response.end());
    expect(await fetchContent(mirror.url, contentIdOf(empty), 1, defaultFetchLimits)).toEqual({
      kind: "brought",
      value: empty,
    });
  });

  it("is asked once more where it closes the connection instead of an answer, and not a third time", async () => {
    let closes = 1;
    const mirror = await mirrorThat(({ socket }, response) => {
      if (closes-- > 0) socket.resetAndDestroy();
      else response.end(content);
    });
    expect((await fetched(mirror)).kind).toBe("brought");
    expect(mirror.requests.length).toBe(2);
    closes = 3;
    expect(await fetched(mirror)).toMatchObject({ kind: "failed", why: expect.stringMatching(/^cannot be reached/) });
    expect(mirror.requests.length).toBe(4);
  });

  it("may redirect within its origin, three times", async () => {
    const mirror = await mirrorThat(({ url }, response) => {
      const step = Number(/^\/(\d)$/.exec(url!)?.[1] ?? 0);
      if (step === 3) response.end(content);
      else response.writeHead(302, { location: `/${step + 1}` }).end();
    });
    expect((await fetched(mirror)).kind).toBe("brought");
    expect(mirror.requests.slice(1)).toEqual(["GET /1", "GET /2", "GET /3"]);
  });
});

describe("a mirror that is of no use", () => {
  const reply =
    (status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string = ""): RequestListener =>
    (_, response) =>
      void response.writeHead(status, headers).end(body);
  const wrong = content.slice().fill(7, 100, 101);

  it.each([
    ["404", reply(404, {}), "missing", "does not have it"],
    ["403, as buckets do", reply(403, {}), "missing", "does not have it"],
    ["500", reply(500, {}, "oops"), "failed", "answered with status 500"],
    ["a part that nobody asked for", reply(206, {}, content), "failed", "answered with status 206"],
    ["another byte", reply(200, {}, wrong), "lied", "sent other bytes than asked for"],
    ["less, as if it were all", reply(200, {}, content.slice(1)), "lied", "sent other bytes than asked for"],
    [
      "an oversized length",
      reply(200, { "content-length": "99999999999999" }),
      "too-large",
      "sends more than 8000 bytes",
    ],
    ["more than is taken", reply(200, {}, "x".repeat(8001)), "too-large", "sends more than 8000 bytes"],
    [
      "a gzip bomb",
      reply(200, { "content-encoding": "gzip" }, gzipSync(new Uint8Array(2 ** 26))),
      "lied",
      "sent encoded content, which was not asked for",
    ],
    ["a redirect to nowhere", reply(302, {}), "failed", "redirects to no address"],
    ["a redirect to no address", reply(302, { location: "http://" }), "failed", "redirects to no address"],
    ["a redirect to a file", reply(302, { location: "file:///etc/passwd" }), "failed", /without https/],
    ["a redirect to data", reply(307, { location: "data:text/plain,x" }), "failed", /without https/],
    ["a redirect with a password", reply(308, { location: "https://a:b@c.example" }), "failed", /with a password/],
  ])("answers with %s", async (_, answer, kind, why) => {
    expect(await fetched(await mirrorThat(answer), patient)).toEqual({
      kind,
      why: typeof why === "string" ? why : expect.stringMatching(why),
    });
  });

  it("redirects in a circle, which is followed three times", async () => {
    const mirror = await mirrorThat(reply(302, { location: "?again" }));
    expect(await fetched(mirror, patient)).toEqual({ kind: "failed", why: "redirects more than 3 times" });
    expect(mirror.requests).toHaveLength(4);
  });

  it("sends a redirect into a private network, which is not followed", async () => {
    const inside = await mirrorThat(reply(200, {}, content));
    const mirror = await mirrorThat(reply(302, { location: `${inside.url}/secret` }));
    expect(await fetched(mirror)).toMatchObject({ kind: "failed", why: "redirects to another server without https" });
    expect(inside.requests).toEqual([]);
  });

  it("sends without end, and is cut off", async () => {
    let cut: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      cut = resolve;
    });
    const mirror = await mirrorThat((_, response) => {
      const more = () => {
        while (response.write(content));
      };
      response.on("drain", more).on("close", cut);
      more();
    });
    expect((await fetched(mirror, patient)).kind).toBe("too-large");
    await closed;
  });

  it("breaks off before the length that it told", async () => {
    const mirror = await startRawMirror("HTTP/1.1 200 OK\r\ncontent-length: 8000\r\n\r\nconten");
    open.push(mirror);
    expect(await fetched(mirror, patient)).toMatchObject({ kind: "failed", why: expect.stringMatching(/^broke off/) });
  });

  it("speaks another protocol", async () => {
    const mirror = await startRawMirror("SSH-2.0-OpenSSH_9.2\r\n");
    open.push(mirror);
    expect(await fetched(mirror, patient)).toMatchObject({
      kind: "failed",
      why: expect.stringMatching(/^cannot be r/),
    });
  });

  it("is not there", async () => {
    const mirror = await startMirror(() => {});
    await mirror.close();
    expect(await fetched(mirror, patient)).toEqual({ kind: "failed", why: "cannot be reached (ECONNREFUSED)" });
  });

  it.each([
    ["never answers", (() => {}) as RequestListener],
    ["sends nothing after its headers", ((_, response) => response.writeHead(200).flushHeaders()) as RequestListener],
  ])("%s", async (_, answer) => {
    const result = await fetched(await mirrorThat(answer), { ...patient, firstByteMilliseconds: 50 });
    expect(result).toEqual({ kind: "failed", why: "did not begin to answer in time" });
  });

  it("stops in the middle", async () => {
    const mirror = await mirrorThat((_, response) => void response.write(content.subarray(0, 4000)));
    const result = await fetched(mirror, { ...patient, progressMilliseconds: 50 });
    expect(result).toEqual({ kind: "failed", why: "stopped in the middle, or nearly" });
  });

  it("drips: the little that comes does not count", async () => {
    const mirror = await mirrorThat((_, response) => {
      const drip = setInterval(() => response.write("c"), 5);
      response.on("close", () => clearInterval(drip));
    });
    const result = await fetched(mirror, { ...patient, progressMilliseconds: 50, progressBytes: 1000 });
    expect(result).toEqual({ kind: "failed", why: "stopped in the middle, or nearly" });
  });

  it("takes too long all in all, by what the caller takes", async () => {
    const mirror = await mirrorThat((_, response) => void response.write(content.subarray(0, 4000)));
    const hasty = { ...patient, totalMilliseconds: 1, bytesPerSecond: 100_000 };
    expect(await fetched(mirror, hasty)).toEqual({ kind: "failed", why: "took too long" });
    expect(await fetched(await mirrorThat(reply(200, {}, content)), hasty, Number.MAX_SAFE_INTEGER)).toMatchObject({
      kind: "brought",
    });
  });
});

describe("the caller's signal", () => {
  it.each([["before"], ["in the middle"]])("ends it %s", async (when) => {
    const controller = new AbortController();
    if (when === "before") controller.abort();
    const mirror = await mirrorThat((_, response) => {
      response.write("c");
      controller.abort();
    });
    await expect(fetched(mirror, patient, maxBytes, controller.signal)).rejects.toMatchObject({
      code: "store/cancelled",
      details: { what: id },
    });
    expect(mirror.requests).toHaveLength(when === "before" ? 0 : 1);
  });
});
