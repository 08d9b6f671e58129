import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { AssayError } from "../../src/core/errors.ts";
import { contentIdOf } from "../../src/store/contentId.ts";
import { layeredStore } from "../../src/store/layeredStore.ts";
import type { MirrorFault } from "../../src/store/mirrorHealth.ts";
import { mirrorSource } from "../../src/store/mirrors.ts";
import { contentFile } from "../../src/store/node/directoryStore.ts";
import { openStore } from "../../src/store/node/openStore.ts";
import { type ContentSource, memoryStore } from "../../src/store/store.ts";
import { startMirror, type TestMirror } from "../support/mirrors.ts";

const content = new TextEncoder().encode("content");
const id = contentIdOf(content);
const other = contentIdOf(new Uint8Array(1));

type Behaviour = "honest" | "wrong content" | "fails" | "has nothing";
interface Place {
  behaviour: Behaviour;
  readonly mirror: TestMirror;
}

const open: TestMirror[] = [];
afterEach(async () => {
  for (const mirror of open.splice(0)) await mirror.close();
});

async function placeThat(behaviour: Behaviour): Promise<Place> {
  const mirror = await startMirror(({ url }, response) => {
    if (place.behaviour === "has nothing" || !url!.endsWith(id.slice(7))) response.writeHead(404).end();
    else if (place.behaviour === "fails") response.writeHead(503).end();
    else response.end(place.behaviour === "wrong content" ? "c0ntent" : content);
  });
  const place: Place = { behaviour, mirror };
  open.push(mirror);
  return place;
}

/** Mirrors that behave so, with a clock that goes when the test says so. */
async function world(...behaviours: Behaviour[]) {
  const places = await Promise.all(behaviours.map(placeThat));
  const urls = places.map(({ mirror }) => mirror.url);
  const faults: MirrorFault[] = [];
  const clock = { now: 1e12 };
  const source = mirrorSource(urls, { onFault: (fault) => faults.push(fault), now: () => clock.now });
  const asked = () => places.map(({ mirror }) => mirror.requests.splice(0).length);
  return { places, urls, faults, clock, source, asked };
}

describe("a list of mirrors", () => {
  it("is asked in its order, until one brings the content", async () => {
    const { source, asked, faults } = await world("has nothing", "honest", "honest");
    expect(await source.get(id, 100)).toEqual(content);
    expect(asked()).toEqual([1, 1, 0]);
    expect(faults).toEqual([]);
  });

  it("names one that sends wrong content and leaves it alone, for longer each time", async () => {
    const { source, asked, faults, clock, urls } = await world("wrong content", "honest");
    expect(await source.get(id, 100)).toEqual(content);
    expect(faults).toEqual([
      { mirror: urls[0], id, kind: "lied", why: "sent other bytes than asked for", pauseSeconds: 60 },
    ]);
    expect(asked()).toEqual([1, 1]);
    clock.now += 59_999;
    await source.get(id, 100);
    expect(asked()).toEqual([0, 1]);
    clock.now += 1;
    // Its pause is over, but it comes last.
    await source.get(id, 100);
    expect(asked()).toEqual([0, 1]);
    await expect(source.get(other, 100)).rejects.toMatchObject({ code: "store/missing" });
    expect(asked()).toEqual([1, 1]);
  });

  it("lets pauses grow to a minute after failures, to an hour after wrong content", async () => {
    for (const [behaviour, first, longest] of [
      ["fails", 1, 60],
      ["wrong content", 60, 3600],
    ] as const) {
      const { source, faults, clock } = await world(behaviour);
      for (let i = 0; i < 10; i++) {
        await expect(source.get(id, 100)).rejects.toMatchObject({ code: "store/unreachable-fault" });
        clock.now += longest * 1000;
      }
      const pauses = faults.map(({ pauseSeconds }) => pauseSeconds);
      expect(pauses).toEqual(Array.from({ length: 10 }, (_, i) => Math.min(longest, first * 2 ** i)));
    }
  });

  it("forgets failures, and no wrong content, once content comes", async () => {
    const { source, places, faults, clock } = await world("fails");
    const step = async (behaviour: Behaviour) => {
      places[0]!.behaviour = behaviour;
      await source.get(id, 100).catch(() => {});
      clock.now += 3_600_000;
    };
    for (const behaviour of ["fails", "fails", "wrong content", "honest", "fails", "wrong content"] as const)
      await step(behaviour);
    expect(faults.map(({ kind, pauseSeconds }) => [kind, pauseSeconds])).toEqual([
      ["failed", 1],
      ["failed", 2],
      ["lied", 60],
      ["failed", 1],
      ["lied", 120],
    ]);
  });

  it("says of each mirror why it brought nothing, in the same words each time", async () => {
    const { source, urls, clock } = await world("has nothing", "fails", "wrong content");
    const message = async () => await source.get(id, 100).then(String, (error: Error) => error.message);
    expect(await message()).toBe(
      `no mirror brought ${id}: ${urls[0]} does not have it; ${urls[1]} answered with status 503; ` +
        `${urls[2]} sent other bytes than asked for`,
    );
    clock.now += 10;
    const resting = await message();
    expect(resting).toContain(`${urls[1]} is left alone, since it answered with status 503`);
    clock.now += 10;
    expect(await message()).toBe(resting);
  });

  it("holds nothing against a mirror whose content is larger than is taken: a stranger may have said the size", async () => {
    const { source, asked, faults } = await world("honest", "honest");
    await expect(source.get(id, 1)).rejects.toMatchObject({ code: "store/too-large" });
    expect(await source.get(id, 100)).toEqual(content);
    expect(asked()).toEqual([2, 1]);
    expect(faults).toEqual([]);
  });

  it("says whether something is there, and does not when it cannot tell", async () => {
    expect(await (await world("has nothing", "honest")).source.has(id)).toBe(true);
    expect(await (await world("has nothing", "has nothing")).source.has(id)).toBe(false);
    await expect((await world("fails", "has nothing")).source.has(id)).rejects.toMatchObject({
      code: "store/unreachable-fault",
    });
  });
});

describe("a store with mirrors", () => {
  it("reads its own first, then theirs, and keeps what came", async () => {
    const { source, asked } = await world("honest");
    const own = memoryStore();
    const store = layeredStore([own], [source]);
    expect(await store.has(id)).toBe(true);
    expect(await store.get(id, 100)).toEqual(content);
    expect(asked()).toEqual([2]);
    expect(await own.get(id, 100)).toEqual(content);
    expect(await store.get(id, 100)).toEqual(content);
    expect(await store.has(id)).toBe(true);
    expect(asked()).toEqual([0]);
  });

  it("heals a damaged file from a mirror", async () => {
    const folder = await mkdtemp(join(tmpdir(), "assay-mirrored-"));
    try {
      const { mirror } = await placeThat("honest");
      const corrupt: string[] = [];
      const place = { url: pathToFileURL(folder).href, write: true };
      const store = openStore([place, { url: mirror.url, write: false }], {
        onCorrupt: (_, file) => corrupt.push(file),
      });
      await store.put(content);
      await writeFile(contentFile(folder, id), "damaged");
      expect(await store.get(id, 100)).toEqual(content);
      expect(corrupt).toEqual([contentFile(folder, id)]);
      expect(await openStore([place]).get(id, 100)).toEqual(content);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("returns what came although it cannot be kept, and says so", async () => {
    const full = new Error("no space left");
    /** A fake that keeps nothing. */
    const own = { ...memoryStore(), put: async () => await Promise.reject(full) };
    const unkept: unknown[] = [];
    const { source } = await world("honest");
    const store = layeredStore([own], [source], (given, error) => unkept.push(given, error));
    expect(await store.get(id, 100)).toEqual(content);
    expect(unkept).toEqual([id, full]);
  });

  it("asks no mirror when its own content is too large, or its disk fails", async () => {
    const source: ContentSource = { get: () => expect.unreachable(), has: () => expect.unreachable() };
    const own = memoryStore();
    await own.put(content);
    await expect(layeredStore([own], [source]).get(id, 1)).rejects.toMatchObject({ code: "store/too-large" });
    const fault = new AssayError("store/io-fault", "cannot read", { file: "content", code: "EIO" });
    /** A fake whose disk fails. */
    const broken = { ...own, get: async () => await Promise.reject(fault) };
    await expect(layeredStore([broken], [source]).get(id, 100)).rejects.toBe(fault);
  });

  it("writes to all that are written to, and to none is an error", async () => {
    const [first, second] = [memoryStore(), memoryStore()];
    const store = layeredStore([first, second], []);
    await store.put(content);
    expect([await first.has(id), await second.has(id)]).toEqual([true, true]);
    await expect(layeredStore([], [first]).put(content)).rejects.toMatchObject({ code: "store/read-only" });
  });

  it("says of what no place has that it may come, if one of them could not be reached", async () => {
    const empty = memoryStore();
    const fault = new AssayError("store/unreachable-fault", "cannot be reached", { id, mirrors: [] });
    /** A fake that cannot be reached. */
    const away: ContentSource = { get: async () => await Promise.reject(fault), has: async () => false };
    await expect(layeredStore([empty], [away, memoryStore()]).get(id, 100)).rejects.toBe(fault);
    await expect(layeredStore([empty], [memoryStore()]).get(id, 100)).rejects.toMatchObject({ code: "store/missing" });
  });

  it("is opened from the schemes of its URLs", () => {
    const open = (url: string, write: boolean) => () => openStore([{ url, write }]);
    expect(open("ftp://c.example", false)).toThrow("must begin with file:, https:, http:");
    expect(open("ipfs+https://c.example", true)).toThrow("cannot be written to: only file:, https:, http: can");
  });
});
