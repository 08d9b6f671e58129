import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodedLogs } from "../support/encodedLogs.ts";
import { FakeExplorer, fakeBlocks, fakeKey, requestOf } from "../support/fakeExplorer.ts";
import { FakeHistory } from "../support/fakeHistory.ts";

let explorer: FakeExplorer;
beforeAll(async () => {
  const history = new FakeHistory();
  await history.play([
    { kind: "request", seed: 1, expiresAfter: 1_000_000 },
    { kind: "claim", seed: 1, fault: 1, clones: 2 },
    { kind: "challengeSolver", claim: 0 },
    { kind: "request", seed: 2, expiresAfter: 1_000_000 },
  ]);
  explorer = await FakeExplorer.start(fakeBlocks(encodedLogs(history.world.chain.events)));
});
afterAll(async () => await explorer.close());

// biome-ignore lint/suspicious/noExplicitAny: answers are read as tests know them.
type Json = Record<string, any>;
const json = async (path: string): Promise<Json> => (await (await explorer.get(path)).json()) as Json;

describe("a damaged index", () => {
  it("is put aside and made again from the chain", async () => {
    const explorer = await FakeExplorer.start([[requestOf(1)], [requestOf(2)]]);
    try {
      const before = await (await explorer.get("api/v1/builds")).text();
      await explorer.shut();
      writeFileSync(explorer.file, readFileSync(explorer.file).fill(0x5a, 4096));
      await explorer.open();
      expect(await (await explorer.get("api/v1/builds")).text()).toBe(before);
      expect(explorer.said.join()).toContain("put aside");
    } finally {
      await explorer.close();
    }
  });
});

describe("the explorer's server", () => {
  it("answers every question as its OpenAPI document says", async () => {
    const document = (await json("api/v1/openapi.json")) as Json;
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(document, "api");
    const [build] = (await json("api/v1/builds")).items as { buildId: string }[];
    const detail = await json(`api/v1/builds/${fakeKey}/${build!.buildId}`);
    const [operator] = (await json("api/v1/operators")).items as { address: string }[];
    const builds = (await json("api/v1/builds")).items as { buildId: string; claims: number }[];
    const disputed = await json(`api/v1/builds/${fakeKey}/${builds.find(({ claims }) => claims > 1)!.buildId}`);
    const ids: Record<string, string> = {
      builds: build!.buildId,
      claims: (disputed.claimList as { claimId: string }[])[0]!.claimId,
      disputes: (disputed.disputeList as { challengeId: string }[])[0]!.challengeId,
      operators: operator!.address,
    };
    expect(detail.buildId).toBe(build!.buildId);
    for (const [path, { get }] of Object.entries(document.paths as Record<string, { get: Json }>)) {
      if (path === "/events") continue;
      const kind = path.split("/")[1]!;
      const asked = path.replace("{chain}", fakeKey).replace(/\{\w+\}/, ids[kind] ?? "");
      const response = await explorer.get(`api/v1${asked}${path === "/search" ? `?q=${ids.builds!.slice(0, 8)}` : ""}`);
      expect([asked, response.status]).toEqual([asked, 200]);
      const { responses } = get as {
        responses: Record<string, { content: Record<string, { schema: Json }> }>;
      };
      const { $ref } = responses["200"]!.content["application/json"]!.schema as { $ref: string };
      const validate = ajv.compile({ $ref: `api${$ref}` });
      const body = await response.json();
      expect([asked, validate(body), validate.errors]).toEqual([asked, true, null]);
      // What is asked for wrongly is refused, in the same shape everywhere.
      const refused = await explorer.get(`api/v1${asked}?nonsense=1`);
      expect([asked, refused.status]).toEqual([asked, 400]);
      expect(ajv.validate({ $ref: "api#/components/schemas/Error" }, await refused.json())).toBe(true);
    }
    expect((await explorer.get(`api/v1/builds/${fakeKey}/0x${"0".repeat(64)}`)).status).toBe(404);
  });

  it.each([
    ["no entries", "api/v1/builds?limit=0", 400, /limit/],
    ["too many entries", "api/v1/builds?limit=201", 400, /limit/],
    ["a name given twice", "api/v1/builds?limit=1&limit=2", 400, /twice/],
    ["a cursor that is none", "api/v1/builds?cursor=';DROP TABLE", 400, /cursor/],
    ["a state that is none", "api/v1/builds?state=gone", 400, /state/],
    ["an address that is none", "api/v1/builds?operator=0x12", 400, /operator/],
    ["a long question", `api/v1/search?q=${"a".repeat(201)}`, 400, /q/],
    ["no question", "api/v1/search", 400, /q/],
    ["a chain that is none", "api/v1/builds/1-0x00/0x00", 400, /chain/],
    ["a question that is none", "api/v1/nothing", 404, /openapi/],
    ["a file that is not there", "nothing", 404, /nothing is here/],
    ["a path that leads elsewhere", "..%2f..%2fpackage.json", 404, /nothing is here/],
    ["a long address", `api/v1/search?q=${"a".repeat(3000)}`, 414, /long/],
  ])("refuses %s", async (_, path, status, why) => {
    const response = await explorer.get(path);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(why);
  });

  it("takes nothing but reading, from any origin", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      expect((await explorer.get("api/v1/builds", { method })).status).toBe(405);
    }
    const preflight = await explorer.get("api/v1/builds", { method: "OPTIONS" });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  });

  it("says that nothing has changed, compresses, and leaves the body of a HEAD out", async () => {
    const first = await explorer.get("api/v1/openapi.json", { headers: { "accept-encoding": "gzip" } });
    expect(first.headers.get("content-encoding")).toBe("gzip");
    const etag = first.headers.get("etag")!;
    const again = await explorer.get("api/v1/openapi.json", { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(
      (await explorer.get("api/v1/openapi.json", { headers: { "accept-encoding": "br" } })).headers.get(
        "content-encoding",
      ),
    ).toBe("br");
    expect(await (await explorer.get("api/v1/openapi.json", { method: "HEAD" })).text()).toBe("");
  });

  it("pages through everything once while builds arrive", async () => {
    const page = async (path: string) => (await json(path)) as { items: { buildId: string }[]; next?: string };
    const all = (await page("api/v1/builds?limit=200")).items.map(({ buildId }) => buildId);
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const got = await page(`api/v1/builds?limit=1${next === undefined ? "" : `&cursor=${encodeURIComponent(next)}`}`);
      seen.push(...got.items.map(({ buildId }) => buildId));
      next = got.next;
      explorer.chain.mine([requestOf(5000 + seen.length)]);
      await explorer.until(() => explorer.indexed === explorer.chain.head.number);
    } while (next !== undefined);
    expect(seen).toEqual(all);
  });

  it("tells those who listen what has changed", async () => {
    const response = await explorer.get("api/v1/events");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    explorer.chain.mine([requestOf(7000)]);
    let told = "";
    while (!told.includes("event: change")) told += (await reader.read()).value ?? "";
    await reader.cancel();
    expect(told).toContain(`"chain":"${fakeKey}"`);
    expect(told).toContain(7000n.toString(16).padStart(64, "0"));
  });

  it("finds builds, claims and accounts by the beginning of a name, and takes no question for code", async () => {
    const [operator] = (await json("api/v1/operators")).items as { address: string }[];
    const hits = async (q: string) =>
      (await json(`api/v1/search?q=${encodeURIComponent(q)}`)).items as { kind: string; id: string }[];
    expect((await hits(operator!.address.slice(0, 12))).map(({ kind, id }) => [kind, id])).toContainEqual([
      "operator",
      operator!.address,
    ]);
    for (const q of ['" OR 1', "NEAR(", "words:", "^*", "'; DROP TABLE explorer_build; --", "\u0000", "%", "-"]) {
      expect([q, (await explorer.get(`api/v1/search?q=${encodeURIComponent(q)}`)).status]).toEqual([q, 200]);
    }
  });

  it("shows what steers a terminal or hides text as escapes, and cuts what is long", async () => {
    explorer.chain.mine([requestOf(8000, `\u001b[31m<script>alert(1)</script>\u202e${"x".repeat(5000)}`)]);
    await explorer.until(() => explorer.indexed === explorer.chain.head.number);
    const detail = await json(`api/v1/builds/${fakeKey}/0x${(8000).toString(16).padStart(64, "0")}`);
    const { locator } = (detail.requests as { locator: string }[])[0]!;
    expect(locator).toMatch(/^\\u001b\[31m<script>alert\(1\)<\/script>\\u202e/);
    expect(locator.length).toBeLessThan(1100);
  });

  it("closes connections of one address beyond the limit", async () => {
    const small = await FakeExplorer.start([[requestOf(1)]], { limits: { connectionsPerAddress: 2 } });
    try {
      const { port } = new URL(small.server.url);
      const sockets = Array.from({ length: 4 }, () => connect(Number(port), "127.0.0.1"));
      const closed = await new Promise<number>((resolve) => {
        let count = 0;
        for (const socket of sockets) socket.on("error", () => {}).on("close", () => ++count === 2 && resolve(count));
      });
      expect(closed).toBe(2);
      for (const socket of sockets) socket.destroy();
    } finally {
      await small.close();
    }
  });
});
