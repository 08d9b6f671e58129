import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentBytes, type ErofsEntry, type ReadyContent } from "../../src/erofs/entry.ts";
import { readErofs } from "../../src/erofs/read.ts";
import { encodeErofs } from "../../src/erofs/writer.ts";
import { dumpErofs, extractErofs, hasErofsTools, mkfsErofs } from "../support/erofsTools.ts";
import { refusalCode } from "../support/refusalCode.ts";

const time = 1_234_567_890;
const bytes = (size: number) => Uint8Array.from({ length: size }, (_, i) => i * 5);
const file = (path: string, content = bytes(3)): ErofsEntry<ReadyContent> => ({ kind: "file", path, content });

/** An image with one change. @param at within the superblock. */
function changed(image: Uint8Array, at: number, value: number): Uint8Array {
  const copy = image.slice();
  copy[at] = value;
  return copy;
}

describe("entries of an image", () => {
  const refused: readonly [string, ErofsEntry<ReadyContent>[], string][] = [
    ["a path that climbs", [file("a/../b")], "erofs/bad-entry"],
    ["an absolute path", [file("/a")], "erofs/bad-entry"],
    ["a path with an empty name", [file("a//b")], "erofs/bad-entry"],
    ["a zero byte in a name", [file("a\0b")], "erofs/bad-entry"],
    ["a name of 256 bytes", [file("n".repeat(256))], "erofs/bad-entry"],
    ["a path of 4,096 bytes", [file(`${"d/".repeat(2047)}ab`)], "erofs/bad-entry"],
    ["half a surrogate pair", [file("\ud800")], "erofs/bad-entry"],
    ["a file as root", [file("")], "erofs/bad-entry"],
    ["a path twice", [file("a"), file("a")], "erofs/duplicate-path"],
    [
      "a folder twice",
      [{ kind: "directory", path: "a" }, file("a/b"), { kind: "directory", path: "a" }],
      "erofs/duplicate-path",
    ],
    ["a file where a folder is", [file("a/b"), file("a")], "erofs/path-conflict"],
    ["a folder where a file is", [file("a"), file("a/b/c")], "erofs/path-conflict"],
    ["a mode beyond 0o7777", [{ ...file("a"), mode: 0o10000 } as ErofsEntry<ReadyContent>], "erofs/bad-entry"],
    ["an empty link", [{ kind: "symlink", path: "a", target: "" }], "erofs/bad-entry"],
    ["a link of 4,096 bytes", [{ kind: "symlink", path: "a", target: "t".repeat(4096) }], "erofs/bad-entry"],
    ["a hard link to nothing", [{ kind: "hardLink", path: "a", target: "b" }], "erofs/bad-entry"],
    ["a hard link to a folder", [file("b/c"), { kind: "hardLink", path: "a", target: "b" }], "erofs/bad-entry"],
    [
      "hard links in a circle",
      [
        { kind: "hardLink", path: "a", target: "b" },
        { kind: "hardLink", path: "b", target: "a" },
      ],
      "erofs/bad-entry",
    ],
    [
      "a hard link twice",
      [file("b"), { kind: "hardLink", path: "a", target: "b" }, { kind: "hardLink", path: "a", target: "b" }],
      "erofs/duplicate-path",
    ],
    [
      "a device number that does not fit",
      [{ kind: "blockDevice", path: "a", major: 4096, minor: 0 }],
      "erofs/bad-entry",
    ],
    [
      "a content of another size",
      [{ kind: "file", path: "a", content: { size: 4, read: () => [bytes(3)] } }],
      "erofs/other-size",
    ],
    [
      "a content that goes on",
      [{ kind: "file", path: "a", content: { size: 2, read: () => [bytes(1), bytes(2)] } }],
      "erofs/other-size",
    ],
  ];

  it.each(refused)("are refused: %s", (_, entries, code) => {
    expect(refusalCode(() => encodeErofs(entries, { time }))).toBe(code);
  });

  it("are refused with a time that is none", () => {
    expect(refusalCode(() => encodeErofs([], { time: -1 }))).toBe("erofs/bad-time");
    expect(refusalCode(() => encodeErofs([], { time: 0.5 }))).toBe("erofs/bad-time");
  });

  it("may be 100,000 in one folder", () => {
    const entries = Array.from({ length: 100_000 }, (_, i) => file(`many/${i}`, new Uint8Array()));
    const image = encodeErofs(entries, { time });
    expect(readErofs(image, { exact: true }).entries.length).toBe(100_002);
  });

  it("share an inode where they are hard links, whichever of them has the content", () => {
    const one = encodeErofs(
      [file("b"), { kind: "hardLink", path: "a", target: "c" }, { kind: "hardLink", path: "c", target: "b" }],
      { time },
    );
    const two = encodeErofs(
      [{ kind: "hardLink", path: "b", target: "a" }, file("a"), { kind: "hardLink", path: "c", target: "a" }],
      { time },
    );
    expect(Buffer.compare(one, two)).toBe(0);
    expect(readErofs(one, { exact: true }).entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "directory ",
      "file a",
      "hardLink b",
      "hardLink c",
    ]);
    if (hasErofsTools) expect(dumpErofs(one, "/b")).toMatch(/Links: 3 /);
  });

  it.skipIf(!hasErofsTools)("have their modes and owners, also with set-user-id and beyond 16 bits", () => {
    const image = encodeErofs(
      [{ kind: "file", path: "a", content: bytes(1), mode: 0o4755, uid: 70_000, gid: 3, time: 5 }],
      { time },
    );
    expect(dumpErofs(image, "/a")).toMatch(
      /Inode size: 64 .*\nUid: 70000 {3}Gid: 3 .*\nTimestamp: 1970-01-01 00:00:05/,
    );
    expect(extractErofs(image, "--no-preserve-owner").at(-1)).toMatchObject({ path: "a", mode: 0o4755, time: 5 });
  });
});

describe("reading an image", () => {
  const image = encodeErofs([file("a/b"), file("c", bytes(5000))], { time });

  it.skipIf(!hasErofsTools)("takes what mkfs.erofs makes of the same tree, but not as exact", () => {
    const folder = mkdtempSync(join(tmpdir(), "assay-erofs-tree-"));
    try {
      mkdirSync(join(folder, "many"));
      for (let i = 0; i < 600; i++) writeFileSync(join(folder, `many/${i}`), bytes(i * 10));
      symlinkSync("many/1", join(folder, "link"));
      linkSync(join(folder, "many/2"), join(folder, "a"));
      const made = mkfsErofs(folder, "-T", String(time), "--all-root");
      const read = readErofs(made);
      const contents = new Map(read.entries.map((entry) => [entry.path, entry]));
      expect(read.entries.length).toBe(604);
      for (let i = 0; i < 600; i++) {
        const entry = contents.get(`many/${i}`)!;
        if (entry.kind === "file") expect(Buffer.compare(contentBytes(entry.content), bytes(i * 10))).toBe(0);
        else expect(entry).toEqual({ kind: "hardLink", path: "many/2", target: "a" });
      }
      expect(contents.get("link")).toMatchObject({ kind: "symlink", time });
      expect(refusalCode(() => readErofs(made, { exact: true }))).toBe("erofs/not-canonical");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["a part of a block", image.subarray(0, 5000)],
    ["fewer blocks than it says", image.subarray(0, image.length - 4096)],
    ["another magic number", changed(image, 1024, 0)],
    ["a damaged superblock", changed(image, 1024 + 30, 1)],
    ["compression", changed(changed(image, 1024 + 8, 2), 1024 + 80, 1)],
    ["larger blocks", changed(changed(image, 1024 + 8, 2), 1024 + 12, 14)],
  ])("refuses %s", (_, bytes) => {
    expect(refusalCode(() => readErofs(bytes))).toBe("erofs/malformed");
  });

  it("refuses bytes behind names, in padding and in unused slots where it is to be exact", () => {
    const last = image.length - 1;
    expect(refusalCode(() => readErofs(changed(image, last, 1), { exact: true }))).toBe("erofs/not-canonical");
    expect(refusalCode(() => readErofs(changed(image, 100, 1), { exact: true }))).toBe("erofs/not-canonical");
    expect(readErofs(changed(image, last, 1)).entries.length).toBe(4);
  });
});
