import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { contentBytes, type ErofsEntry, type ReadyContent } from "../../src/erofs/entry.ts";
import { encodeDevice } from "../../src/erofs/format.ts";
import { readErofs } from "../../src/erofs/read.ts";
import { encodeErofs } from "../../src/erofs/writer.ts";
import { extractErofs, hasErofsTools, isRoot, type ShownPath } from "../support/erofsTools.ts";
import { randomErofs } from "../support/randomErofs.ts";
import { seed } from "../support/seed.ts";

const time = 1_700_000_000;
const latin1 = (path: string | Uint8Array) => Buffer.from(path as string).toString("latin1");
const hex = (bytes: string | Uint8Array) => Buffer.from(bytes as string).toString("hex");

/** What extracting an image of these entries, as they were read, has to give. */
function shown(entries: readonly ErofsEntry<ReadyContent>[]): ShownPath[] {
  const byPath = new Map<string, ShownPath>();
  for (const entry of entries) {
    const path = latin1(entry.path);
    if (entry.kind === "hardLink") {
      byPath.set(path, { ...byPath.get(latin1(entry.target))!, path });
      continue;
    }
    const { kind, mode, uid, gid } = entry;
    const content =
      entry.kind === "file"
        ? hex(contentBytes(entry.content))
        : entry.kind === "symlink"
          ? hex(entry.target)
          : "major" in entry
            ? String(encodeDevice(entry.major, entry.minor))
            : "";
    const own = kind === "symlink" || path === "" ? { mode: 0, owner: "", time: 0 } : undefined;
    byPath.set(path, { path, kind, mode: mode! & 0o1777, owner: `${uid}:${gid}`, time: entry.time!, content, ...own });
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

describe("images of random trees", () => {
  it("give back the entries, and are exactly what these make again", () => {
    fc.assert(
      fc.property(randomErofs, (entries) => {
        const image = encodeErofs(entries, { time });
        expect(Buffer.compare(encodeErofs(entries.toReversed(), { time }), image)).toBe(0);
        const read = readErofs(image, { exact: true });
        expect(read.time).toBe(time);
        expect(Buffer.compare(encodeErofs(read.entries, { time }), image)).toBe(0);
        const paths = new Set(read.entries.map(({ path }) => latin1(path)));
        for (const { path } of entries) expect(paths).toContain(latin1(path));
      }),
      { seed, numRuns: 100 },
    );
  });

  it.skipIf(!hasErofsTools || !isRoot)("are the same trees to fsck.erofs", () => {
    fc.assert(
      fc.property(randomErofs, (entries) => {
        const image = encodeErofs(entries, { time });
        // It changes owners after modes, which takes set-user-id away.
        const found = extractErofs(image).map((each) => ({ ...each, mode: each.mode & 0o1777 }));
        expect(found).toEqual(shown(readErofs(image).entries));
      }),
      { seed, numRuns: 25 },
    );
  });

  it("are refused when damaged, or what is read makes exactly the damaged image", () => {
    const change = fc.record({ at: fc.nat(), near: fc.boolean(), byte: fc.nat(255) });
    let refused = 0;
    let runs = 0;
    fc.assert(
      fc.property(randomErofs, fc.array(change, { minLength: 1, maxLength: 3 }), (entries, changes) => {
        const image = encodeErofs(entries, { time });
        // Without a checksum, so that what is behind it is looked at.
        image[1024 + 8] = 2;
        const metadata = new DataView(image.buffer).getUint32(1024 + 40, true) * 4096;
        for (const { at, near, byte } of changes)
          image[near ? metadata + (at % Math.min(1024, image.length - metadata)) : at % image.length] = byte;
        runs++;
        try {
          readErofs(image);
          readErofs(image, { exact: true });
          throw new Error("an image without a checksum is none of ours");
        } catch (error) {
          if (!isAssayError(error, "erofs/malformed", "erofs/not-canonical")) throw error;
          if (error.code === "erofs/malformed") refused++;
        }
      }),
      { seed, numRuns: 250 },
    );
    expect(refused).toBeGreaterThan(runs / 8);
  });
});
