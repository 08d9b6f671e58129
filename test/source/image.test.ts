import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import type { ErofsEntry, ReadyContent } from "../../src/erofs/entry.ts";
import { encodeErofs } from "../../src/erofs/writer.ts";
import { compareBytes } from "../../src/source/checkTree.ts";
import { decodeSourceImage, planSourceImage } from "../../src/source/image.ts";
import type { Entry, SourceTree } from "../../src/source/source.ts";
import { extractErofs, hasErofsTools } from "../support/erofsTools.ts";
import { randomTree } from "../support/randomTree.ts";
import { refusalCode } from "../support/refusalCode.ts";
import { seed } from "../support/seed.ts";

const text = (value: string) => new TextEncoder().encode(value);
const encode = (tree: SourceTree, rules = {}) => planSourceImage(tree, rules, 2 ** 30).encodeReady();
const sorted = (entries: readonly Entry[]) => entries.toSorted((a, b) => compareBytes(text(a.path), text(b.path)));
const treeOf = (...paths: string[]): SourceTree => ({
  name: "source",
  time: 7,
  entries: paths.map((path) => ({ path, kind: "file", content: text(path) })),
});

describe("the image of a source", () => {
  it("gives back what was put in, and is the same whatever the order", () => {
    fc.assert(
      fc.property(randomTree, (tree) => {
        const image = encode(tree);
        const again = encode({ ...tree, entries: tree.entries.toReversed() });
        expect(Buffer.compare(image, again)).toBe(0);
        const { entries, ...rest } = decodeSourceImage(image, tree.name, {});
        expect({ ...rest, entries: sorted(entries) }).toEqual({ ...tree, entries: sorted(tree.entries) });
      }),
      { seed, numRuns: 100 },
    );
  });

  it("is decoded only if it is what encoding gives", () => {
    const change = fc.record({ at: fc.nat(), bit: fc.nat(7) });
    fc.assert(
      fc.property(randomTree, fc.array(change, { minLength: 1, maxLength: 3 }), (tree, changes) => {
        const image = encode(tree);
        for (const { at, bit } of changes) image[at % image.length]! ^= 1 << bit;
        try {
          const decoded = decodeSourceImage(image, tree.name, {});
          expect(Buffer.compare(encode(decoded), image)).toBe(0);
        } catch (error) {
          if (!isAssayError(error)) throw error;
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  it.skipIf(!hasErofsTools)("has the modes and the time of a source", () => {
    const image = encode({
      name: "source",
      time: 1_600_000_000,
      entries: [
        { path: "bin/run", kind: "executable", content: text("#!") },
        { path: "link", kind: "symlink", content: text("bin/run") },
        { path: "file", kind: "file", content: text("") },
      ],
    });
    const shown = extractErofs(image).map(({ path, kind, mode, time }) => [path, kind, mode.toString(8), time]);
    expect(shown).toEqual([
      ["", "directory", "0", 0],
      ["bin", "directory", "755", 1_600_000_000],
      ["bin/run", "file", "755", 1_600_000_000],
      ["file", "file", "644", 1_600_000_000],
      ["link", "symlink", "0", 0],
    ]);
  });

  it("may hold paths that differ in case only where the rules say so", () => {
    const tree = treeOf("Makefile", "makefile", "A/b", "a/b");
    expect(refusalCode(() => encode(tree))).toBe("source/case-collision");
    const image = encode(tree, { caseCollisions: true });
    expect(decodeSourceImage(image, "source", { caseCollisions: true }).entries.length).toBe(4);
    expect(refusalCode(() => decodeSourceImage(image, "source", {}))).toBe("source/case-collision");
    expect(refusalCode(() => encode(treeOf("a", "a"), { caseCollisions: true }))).toBe("source/duplicate-path");
    expect(refusalCode(() => encode(treeOf("a", "a/b"), { caseCollisions: true }))).toBe("source/path-conflict");
  });

  it("may hold the folder .git at its root only where the rules say so", () => {
    expect(refusalCode(() => encode(treeOf(".git/HEAD")))).toBe("source/bad-path");
    expect(encode(treeOf(".git/HEAD"), { gitFolder: true }).length).toBeGreaterThan(0);
    for (const path of [".git", "a/.git/HEAD", ".GIT/HEAD", ".git/.git", ".git/../x"])
      expect(refusalCode(() => encode(treeOf(path), { gitFolder: true }))).toBe("source/bad-path");
  });

  it("is refused when it is larger than its drive", () => {
    expect(refusalCode(() => planSourceImage(treeOf("a"), {}, 4096))).toBe("source/too-large");
  });

  it.each<[string, ErofsEntry<ReadyContent>]>([
    ["another mode", { kind: "file", path: "a", content: text("a"), mode: 0o600 }],
    ["an owner", { kind: "file", path: "a", content: text("a"), uid: 1 }],
    ["another time", { kind: "file", path: "a", content: text("a"), time: 8 }],
    ["an empty folder", { kind: "directory", path: "a" }],
    ["a pipe", { kind: "fifo", path: "a" }],
    ["a name that is not UTF-8", { kind: "file", path: Uint8Array.of(0xff), content: text("a") }],
  ])("is none with %s", (_, entry) => {
    const image = encodeErofs([entry], { time: 7 });
    expect(refusalCode(() => decodeSourceImage(image, "source", {}))).toBe("source/malformed-drive");
  });
});
