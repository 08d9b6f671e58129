import { describe, expect, it } from "vitest";
import type { ErofsEntry, ReadyContent } from "../../src/erofs/entry.ts";
import { ErofsWriter, encodeErofs } from "../../src/erofs/writer.ts";
import { extractErofs, hasErofsTools } from "../support/erofsTools.ts";

const time = 1_234_567_890;
const bytes = (size: number) => Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 8));
const file = (path: string, size: number): ErofsEntry<ReadyContent> => ({ kind: "file", path, content: bytes(size) });
const latin1 = (path: string | Uint8Array) => Buffer.from(path as string).toString("latin1");

describe("an erofs image", () => {
  it.skipIf(!hasErofsTools)("holds files of each size around a block's end, as fsck.erofs extracts them", () => {
    const sizes = [0, 1, 31, 32, 33, 4063, 4064, 4065, 4095, 4096, 4097, 8191, 8192, 100_000];
    const image = encodeErofs(
      sizes.map((size) => file(`folder/${size}`, size)),
      { time },
    );
    const found = extractErofs(image).filter(({ kind }) => kind === "file");
    expect(found.length).toBe(sizes.length);
    for (const { path, ...shown } of found) {
      const size = Number(path.slice("folder/".length));
      expect(shown).toMatchObject({ mode: 0o644, time, content: Buffer.from(bytes(size)).toString("hex") });
    }
  });

  it.skipIf(!hasErofsTools)(
    "holds many names in one folder, long ones, names that are not UTF-8, and deep paths",
    () => {
      const names = Array.from({ length: 3000 }, (_, i) => `many/${i.toString(36)}`);
      const odd = ["!", "-", ".a", "...", "~", "é", "\u{1f600}", "x".repeat(255)].map((name) => `odd/${name}`);
      const deep = Array.from({ length: 200 }, (_, i) => `d${i}`).join("/");
      const binary = Uint8Array.of(0x6f, 0x64, 0x64, 0x2f, 0xff, 0xfe, 0x80);
      const paths = [...names, ...odd, deep, binary];
      const image = encodeErofs(
        paths.map((path) => ({ kind: "file", path, content: bytes(3) })),
        { time },
      );
      const found = extractErofs(image).filter(({ kind }) => kind === "file");
      expect(found.map(({ path }) => path)).toEqual(paths.map(latin1).sort());
    },
  );

  it.skipIf(!hasErofsTools)("ends with bytes that tools may read behind the last inode", () => {
    // The last inode takes the last slot of a block.
    const entries = Array.from({ length: 175 }, (_, i): ErofsEntry<ReadyContent> => ({ kind: "fifo", path: `${i}` }));
    const image = encodeErofs(entries, { time });
    expect(image.length).toBe(4 * 4096);
    expect(extractErofs(image).length).toBe(176);
  });

  it("is the same whatever the order of the entries, read at once, later or in parts", async () => {
    const entries = [file("b", 5000), file("a/c", 10), file("a/b/d", 4070), file("e", 9000)];
    const image = encodeErofs(entries, { time });
    expect(encodeErofs(entries.toReversed(), { time })).toEqual(image);
    const later = entries.map((entry): ErofsEntry => {
      if (entry.kind !== "file") return entry;
      const content = entry.content as Uint8Array;
      async function* read() {
        for (let at = 0; at < content.length; at += 777) yield content.subarray(at, at + 777);
      }
      return { ...entry, content: { size: content.length, read } };
    });
    const writer = new ErofsWriter(later, { time });
    expect(writer.size).toBe(image.length);
    expect(await writer.encode()).toEqual(image);
    const parts: Uint8Array[] = [];
    await writer.writeTo((part) => void parts.push(part.slice()));
    expect(Buffer.concat(parts).equals(image)).toBe(true);
  });
});
