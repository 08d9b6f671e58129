import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { contentIdOf } from "../../src/store/contentId.ts";
import { Draft, MemorySpace } from "../../src/store/draft.ts";
import { defaultFetchLimits, type FetchLimits } from "../../src/store/fetchLimits.ts";
import type { MirrorFault } from "../../src/store/mirrorHealth.ts";
import { mirrorSource } from "../../src/store/mirrors.ts";
import { startMirror, type TestMirror } from "../support/mirrors.ts";
import { Random } from "../support/random.ts";
import { rangedMirror } from "../support/rangedMirror.ts";
import { seed } from "../support/seed.ts";

const content = new Random(seed).fill(new Uint8Array(8000));
const id = contentIdOf(content);
const wrong = content.map((byte, at) => (at === 100 ? byte ^ 1 : byte));

/** Only a mirror that stalls runs out of time. */
const impatient: FetchLimits = { ...defaultFetchLimits, progressMilliseconds: 200, raceMilliseconds: 1e6 };
/** Never used up by the test's end: only another mirror can end one that stalls. */
const racing: FetchLimits = {
  ...defaultFetchLimits,
  ...{ firstByteMilliseconds: 1e6, progressMilliseconds: 1e6, totalMilliseconds: 1e6, raceMilliseconds: 50 },
};

interface World {
  readonly urls: readonly string[];
  /** Of each mirror: what was asked for. */
  readonly ranges: readonly (string | undefined)[][];
  readonly faults: MirrorFault[];
  get(maxBytes?: number): Promise<Uint8Array>;
  readonly source: ReturnType<typeof mirrorSource>;
}

const open: TestMirror[] = [];
afterEach(async () => {
  for (const mirror of open.splice(0)) await mirror.close();
});

async function world(limits: FetchLimits, ...answers: RequestListener[]): Promise<World> {
  const ranges: (string | undefined)[][] = answers.map(() => []);
  const urls: string[] = [];
  for (const [i, answer] of answers.entries()) {
    const mirror = await startMirror((request, response) => {
      ranges[i]!.push(request.headers.range);
      answer(request, response);
    });
    open.push(mirror);
    urls.push(mirror.url);
  }
  const faults: MirrorFault[] = [];
  const source = mirrorSource(urls, { limits, onFault: (fault) => faults.push(fault) });
  return { urls, ranges, faults, source, get: async (maxBytes = content.length) => await source.get(id, maxBytes) };
}

const kindsOf = ({ urls, faults }: World) => faults.map(({ mirror, kind }) => [urls.indexOf(mirror), kind]);
const honest = rangedMirror(() => ({ content }));
const stallsOnce = (of: Uint8Array, tag?: string) =>
  rangedMirror((number) => ({ content: of, ...(tag && { tag }), ...(number === 0 && { stallsAfter: 3000 }) }));

describe("a content that is cut off", () => {
  it("is gone on with at the byte where it stopped, at the same mirror, if that still calls it the same", async () => {
    const conditions: unknown[] = [];
    const mirror = stallsOnce(content, '"a"');
    const there = await world(impatient, (request, response) => {
      conditions.push(request.headers["if-range"]);
      mirror(request, response);
    });
    expect(await there.get()).toEqual(content);
    expect(there.ranges).toEqual([[undefined, "bytes=3000-"]]);
    expect(conditions).toEqual([undefined, '"a"']);
    expect(kindsOf(there)).toEqual([[0, "failed"]]);
  });

  it("is gone on with at the next mirror", async () => {
    const there = await world(impatient, stallsOnce(content), honest);
    expect(await there.get()).toEqual(content);
    expect(there.ranges).toEqual([[undefined], ["bytes=3000-"]]);
  });

  it("is read from a mirror that knows no ranges from its beginning", async () => {
    const there = await world(
      impatient,
      stallsOnce(content),
      rangedMirror(() => ({ content, ignoresRanges: true })),
    );
    expect(await there.get()).toEqual(content);
    expect(kindsOf(there)).toEqual([[0, "failed"]]);
  });

  it("is there when only its end was not said", async () => {
    const there = await world(
      impatient,
      rangedMirror((number) => ({ content, ...(number === 0 && { stallsAfter: 8000, isSilent: true }) })),
    );
    expect(await there.get()).toEqual(content);
    expect(there.ranges).toEqual([[undefined, "bytes=8000-"]]);
  });

  it.each([["bytes 2999-7999/8000"], ["bytes 3001-7999/8000"], ["bytes 3000-7999"], ["whatever"]])(
    "is not gone on with from a part that says %s",
    async (range) => {
      const there = await world(
        impatient,
        stallsOnce(content),
        (_, response) => void response.writeHead(206, { "content-range": range }).end(content.subarray(3000)),
      );
      expect(await there.get()).toEqual(content);
      expect(there.faults).toContainEqual(
        expect.objectContaining({ mirror: there.urls[1], why: "answered another part than asked for" }),
      );
      expect(there.ranges[0]).toEqual([undefined, "bytes=3000-"]);
    },
  );

  it("is given up after some times, and every time must have brought something", async () => {
    const drips = await world(
      { ...impatient, progressMilliseconds: 20, tries: 3 },
      rangedMirror(() => ({ content, stallsAfter: 10 })),
    );
    await expect(drips.get()).rejects.toMatchObject({ code: "store/unreachable-fault" });
    expect(drips.ranges).toEqual([[undefined, "bytes=10-", "bytes=20-"]]);
    const stops = await world({ ...impatient, progressMilliseconds: 20 }, (request, response) => {
      if (request.headers.range === undefined) stallsOnce(content)(request, response);
      else response.writeHead(503).end();
    });
    await expect(stops.get()).rejects.toMatchObject({ code: "store/unreachable-fault" });
    expect(stops.ranges).toEqual([[undefined, "bytes=3000-"]]);
  });

  it("stays in its draft, from which a later call goes on", async () => {
    const there = await world(
      { ...impatient, tries: 1 },
      rangedMirror((number) => ({ content, ...(number === 0 && { stallsAfter: 3000 }) })),
    );
    const space = new MemorySpace(content.length);
    const draft = new Draft(space);
    await expect(there.source.bring!(id, 8000, draft)).rejects.toMatchObject({ code: "store/unreachable-fault" });
    expect(draft.size).toBe(3000);
    const again = mirrorSource(there.urls);
    await again.bring!(id, 8000, draft);
    expect(space.bytes(draft.size)).toEqual(content);
    expect(there.ranges).toEqual([[undefined, "bytes=3000-"]]);
  });

  it("is found to be there by a later call, which asks nobody", async () => {
    const space = new MemorySpace(content.length);
    space.write(0, content);
    const draft = new Draft(space, content.length);
    const there = await world(impatient, honest);
    await there.source.bring!(id, 8000, draft);
    expect(there.ranges).toEqual([[]]);
  });
});

describe("mirrors that lie", () => {
  it("is named where its part was wrong, though another one has sent the rest", async () => {
    const there = await world(
      impatient,
      rangedMirror(() => ({ content: wrong, stallsAfter: 3000 })),
      honest,
    );
    expect(await there.get()).toEqual(content);
    expect(there.faults.filter(({ kind }) => kind === "lied").map(({ mirror }) => mirror)).toEqual([there.urls[0]]);
  });

  it("is named where the rest was wrong, and not the one that began", async () => {
    const other = content.map((byte, at) => (at === 7000 ? byte ^ 1 : byte));
    const there = await world(
      impatient,
      stallsOnce(content),
      rangedMirror(() => ({ content: other })),
      honest,
    );
    expect(await there.get()).toEqual(content);
    const liars = there.faults.filter(({ kind }) => kind === "lied").map(({ mirror }) => mirror);
    expect(new Set(liars)).toEqual(new Set([there.urls[1]]));
  });

  it.each([
    ["longer", 9000],
    ["shorter", 2000],
  ])("says that it is %s than it is", async (_, length) => {
    const junk = new Uint8Array(length);
    const there = await world(
      impatient,
      rangedMirror(() => ({ content: junk })),
      honest,
    );
    expect(await there.get(10_000)).toEqual(content);
    expect(kindsOf(there)).toContainEqual([0, "lied"]);
    expect(kindsOf(there)).not.toContainEqual([1, "lied"]);
  });

  it("sends too much in the middle, and what it sent is not kept", async () => {
    const endless: RequestListener = (_, response) => void response.end(new Uint8Array(9000));
    const there = await world(impatient, endless, honest);
    expect(await there.get()).toEqual(content);
  });

  it("never keeps content from being brought that an honest one has, and no honest one is called a liar", async () => {
    const random = new Random(seed);
    const dishonest: (() => RequestListener)[] = [
      () => rangedMirror(() => ({ content: wrong })),
      () => rangedMirror(() => ({ content: wrong, ignoresRanges: true })),
      () => rangedMirror(() => ({ content: content.subarray(0, 7000) })),
      () => rangedMirror(() => ({ content: new Uint8Array(7999) })),
      () => (_, response) =>
        void response.writeHead(200, { "content-length": 8000 }).write(wrong, () => response.destroy()),
      () => (_, response) => void response.writeHead(404).end(),
      () => (_, response) => void response.writeHead(500).end(),
      () => (_, response) => void response.writeHead(416, { "content-range": "bytes */10" }).end(),
      () => (_, response) =>
        void response.writeHead(206, { "content-range": "bytes 5-7999/8000" }).end(content.subarray(5)),
    ];
    for (let round = 0; round < 40; round++) {
      const count = 1 + random.below(4);
      const answers = Array.from({ length: count }, () => dishonest[random.below(dishonest.length)]!());
      const place = random.below(count + 1);
      answers.splice(place, 0, honest);
      const there = await world(impatient, ...answers);
      expect(await there.get(), `round ${round} of seed ${seed}`).toEqual(content);
      expect(there.faults.filter(({ mirror, kind }) => kind === "lied" && mirror === there.urls[place])).toEqual([]);
    }
  });
});

describe("a mirror that is slow", () => {
  it("is overtaken by the next one, which is asked for what is missing only, and named", async () => {
    const there = await world(
      racing,
      rangedMirror(() => ({ content, stallsAfter: 3000 })),
      honest,
    );
    expect(await there.get()).toEqual(content);
    // The first may have been slow before it had sent anything.
    expect([undefined, "bytes=3000-"]).toContain(there.ranges[1]![0]);
    expect(there.faults).toMatchObject([
      { mirror: there.urls[0], kind: "failed", why: "was so slow that another mirror overtook it" },
    ]);
  });

  it("is overtaken also if it never answers", async () => {
    const there = await world(racing, () => {}, honest);
    expect(await there.get()).toEqual(content);
    expect(kindsOf(there)).toEqual([[0, "failed"]]);
  });

  it("is not blamed if the one beside it brings nothing", async () => {
    let finish = () => {};
    const slow: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": 8000 }).write(content.subarray(0, 3000));
      finish = () => void response.end(content.subarray(3000));
    };
    const there = await world(racing, slow, (_, response) => {
      response.writeHead(404).end();
      finish();
    });
    expect(await there.get()).toEqual(content);
    expect(there.faults).toEqual([]);
  });
});
