import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compareContents } from "../../src/diff/compareContents.ts";
import { type Decompress, decompressStream } from "../../src/diff/decompress.ts";
import { type DiffLimits, defaultDiffLimits } from "../../src/diff/limits.ts";
import { decompressNatively } from "../../src/diff/node/decompress.ts";
import { elfOf, tarOf, zipOf } from "../support/archives.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const small = "a file\n";
const ways = [
  ["in Node", decompressNatively],
  ["in a browser", decompressStream],
] as const;
const comparer =
  (decompress: Decompress) =>
  async (first: Uint8Array, second: Uint8Array, limits: Partial<DiffLimits> = {}) =>
    await compareContents("x", first, second, { limits: { ...defaultDiffLimits, ...limits }, decompress });
/** A bomb in a tar, beside a file that differs. */
const beside = async (name: string, bomb: Uint8Array, text: string) =>
  await tarOf([
    { name, content: bomb },
    { name: "z", content: text },
  ]);
const zeros = (bytes: number, end: number) => gzipSync(Buffer.alloc(bytes).fill(end, bytes - 1), { level: 9 });
const rest = expect.objectContaining({ path: "x!/z", what: "line 1" });

describe.each(ways)("an archive that is made to do harm is named, and the rest is compared, %s", (_, decompress) => {
  const compare = comparer(decompress);
  it("when it unpacks to more than may be unpacked", async () => {
    const first = await beside("bomb.gz", zeros(2 ** 24, 1), "a");
    const second = await beside("bomb.gz", zeros(2 ** 24, 2), "b");
    const { differences, notLookedInto } = await compare(first, second, { unpackedBytes: 2 ** 20 });
    expect(notLookedInto).toMatchObject([{ path: "x!/bomb.gz", why: expect.stringContaining("unpacks to more than") }]);
    expect(differences).toEqual([expect.objectContaining({ path: "x!/bomb.gz", kind: "bytes" }), rest]);
  });

  it("when archives within it unpack to that, each a little", async () => {
    const part = (end: number) =>
      Array.from({ length: 8 }, (_, i) => ({ name: `${i}.gz`, content: zeros(2 ** 18, end) }));
    const { notLookedInto } = await compare(zipOf(part(1)), zipOf(part(2)), { unpackedBytes: 2 ** 20 });
    expect(notLookedInto.length).toBeGreaterThan(4);
  });

  it("when it is within more archives than are opened", async () => {
    const nested = (text: string) => {
      let content: Uint8Array = Buffer.from(text);
      for (let i = 0; i < 20; i++) content = gzipSync(content);
      return content;
    };
    const { notLookedInto, differences } = await compare(nested("a"), nested("b"));
    expect(notLookedInto).toEqual([{ path: "x", why: "it is within 8 other archives" }]);
    expect(differences).toMatchObject([{ kind: "bytes" }]);
  });

  it("when it has more entries than are looked at", async () => {
    const many = (text: string) => Array.from({ length: 600 }, (_, i) => ({ name: `${i}`, content: text }));
    const why = "there are more than 1000 entries in archives";
    for (const archive of [tarOf, async (files: Parameters<typeof zipOf>[0]) => zipOf(files)]) {
      const { notLookedInto } = await compare(await archive(many("a")), await archive(many("b")), { entries: 1000 });
      expect(notLookedInto).toEqual([{ path: "x", why }]);
    }
  });

  it("when its entries lie over each other", async () => {
    const files = Array.from({ length: 3 }, (_, i) => ({ name: `${i}`, content: Buffer.alloc(1000, i) }));
    const overlapping = (seconds: number) =>
      zipOf(files, 0, (entry) => {
        entry.writeUInt16LE(seconds, 12);
        entry.writeUInt32LE(2500, 20);
        entry.writeUInt32LE(0, 42);
      });
    const { notLookedInto } = await compare(overlapping(1), overlapping(2));
    expect(notLookedInto).toEqual([{ path: "x", why: "its entries lie over each other" }]);
  });

  it("when an entry has another size than it says, is encrypted, or is compressed by an unknown method", async () => {
    const text = "text ".repeat(100);
    const changed = (end: string, change: (entry: Buffer) => void) =>
      zipOf([{ name: "a", content: text + end }], 6, change);
    const whys: [RegExp, (entry: Buffer) => void][] = [
      [/^it has 501 bytes, its header says 7$/, (entry) => entry.writeUInt32LE(7, 24)],
      [/^it is encrypted$/, (entry) => entry.writeUInt16LE(1, 8)],
      [/^it is compressed by the method 99$/, (entry) => entry.writeUInt16LE(99, 10)],
    ];
    for (const [why, change] of whys) {
      const { notLookedInto, differences } = await compare(changed("a", change), changed("b", change));
      expect(notLookedInto).toEqual([{ path: "x!/a", why: expect.stringMatching(why) }]);
      expect(differences).toMatchObject([{ what: expect.stringMatching(/^as it is stored: /) }]);
    }
  });

  it("when it is cut off", async () => {
    for (const archive of [await tarOf([{ name: "a", content: Buffer.alloc(5000) }]), gzipSync("text".repeat(1000))]) {
      const { notLookedInto } = await compare(archive, archive.subarray(0, archive.length / 2));
      expect(notLookedInto).toMatchObject([{ path: "x", why: expect.stringMatching(/^it is damaged/) }]);
    }
  });

  it("when its sections lie over each other", async () => {
    const overlapping = (fill: number) => {
      const elf = elfOf(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`.s${i}`, Buffer.alloc(100, fill)])));
      const table = Number(elf.readBigUInt64LE(40));
      for (let i = 1; i <= 50; i++) {
        elf.writeBigUInt64LE(0n, table + 64 * i + 24);
        elf.writeBigUInt64LE(5000n, table + 64 * i + 32);
      }
      return elf;
    };
    const { notLookedInto } = await compare(overlapping(1), overlapping(2));
    expect(notLookedInto).toEqual([{ path: "x", why: "its sections lie over each other" }]);
  });
});

describe.each(ways)("a comparison, %s,", (_, decompress) => {
  const compare = comparer(decompress);
  it("of JSON nested without end is one of text", async () => {
    const deep = (text: string) => Buffer.from(`${"[".repeat(100_000)}${text}${"]".repeat(100_000)}`);
    expect((await compare(deep("1"), deep("2"))).differences).toMatchObject([{ kind: "text", what: "line 1" }]);
  });

  it("ends when its time is over, and says so", async () => {
    const result = await compare(Buffer.from(small), Buffer.from(`${small}b`), { milliseconds: -1 });
    expect(result).toMatchObject({ same: false, differences: [], stopped: "it took more than -0.001 s" });
  });

  it("finds a difference, and throws nothing, whatever byte of an archive is changed", async () => {
    const random = new Random(seed);
    const inner = [
      { name: "a/README", content: small },
      { name: "b.json", content: '{"a":[1,2]}' },
    ];
    const archives = [
      await tarOf(inner),
      gzipSync(await tarOf(inner)),
      zipOf(inner),
      elfOf({ ".text": "code", ".data": "data" }),
      await tarOf([{ name: "x.zip", content: zipOf(inner, 0) }]),
    ];
    for (let i = 0; i < 500; i++) {
      const archive = random.pick(archives);
      const changed = Buffer.from(archive);
      for (let flips = 1 + random.below(3); flips > 0; flips--)
        changed[random.below(changed.length)]! ^= 1 + random.below(255);
      const cut = random.chance(0.2) ? changed.subarray(0, random.below(changed.length)) : changed;
      if (cut.equals(archive)) continue;
      const { same, differences } = await compare(archive, cut, { unpackedBytes: 2 ** 20 });
      expect(same).toBe(false);
      expect(differences.length).toBeGreaterThan(0);
    }
  });
});
