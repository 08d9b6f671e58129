import { describe, expect, it } from "vitest";
import { checkTree, limits } from "../../src/source/checkTree.ts";
import type { SourceErrorCode } from "../../src/source/errors.ts";
import type { Entry, SourceTree } from "../../src/source/source.ts";

const text = (value: string) => new TextEncoder().encode(value);
const file = (path: string): Entry => ({ path, kind: "file", content: text("content") });
const link = (path: string, target: string | Uint8Array): Entry => ({
  path,
  kind: "symlink",
  content: typeof target === "string" ? text(target) : target,
});
const tree = (...entries: Entry[]): SourceTree => ({ name: "name", time: 1, entries });

const refused: readonly [string, SourceErrorCode, SourceTree][] = [
  ["an empty path", "source/bad-path", tree(file(""))],
  ["an absolute path", "source/bad-path", tree(file("/a"))],
  ["an empty component", "source/bad-path", tree(file("a//b"))],
  ["a slash at the end", "source/bad-path", tree(file("a/"))],
  ["a component .", "source/bad-path", tree(file("a/./b"))],
  ["a component ..", "source/bad-path", tree(file("a/../b"))],
  ["a zero byte", "source/bad-path", tree(file("a\0b"))],
  ["a directory .git", "source/bad-path", tree(file("a/.git/config"))],
  ["a directory .Git", "source/bad-path", tree(file("a/.Git/config"))],
  ["half a surrogate pair", "source/name-not-utf8", tree(file("a\ud800"))],
  ["a component beyond 255 bytes", "source/path-too-long", tree(file(`${"é".repeat(127)}nn`))],
  ["a path beyond its limit", "source/path-too-long", tree(file(`${"n/".repeat(limits.path / 2)}n`))],
  ["the same path twice", "source/duplicate-path", tree(file("a"), file("b"), file("a"))],
  ["a file that is a directory too", "source/path-conflict", tree(file("a"), file("a-b"), file("a/b"))],
  ["a link that is a directory too", "source/path-conflict", tree(link("a", "b"), file("a/b"))],
  ["files that differ in case", "source/case-collision", tree(file("readme"), file("README"))],
  ["directories that differ in case", "source/case-collision", tree(file("Src/a"), file("src/b"))],
  ["names that differ in normalisation", "source/case-collision", tree(file("\u00e9"), file("e\u0301"))],
  ["names that fold together", "source/case-collision", tree(file("straße"), file("STRASSE"))],
  ["directories that fold together", "source/case-collision", tree(file("ΟΔΟΣ/a"), file("οδος/b"))],
  ["git's folder with a character in it that is not seen", "source/bad-path", tree(file(".g\u200cit/config"))],
  ["a file and a directory that differ in case", "source/case-collision", tree(file("Src"), file("src/b"))],
  ["an absolute link", "source/link-out-of-tree", tree(link("a", "/etc"))],
  ["a link up and out", "source/link-out-of-tree", tree(link("d/a", "../../x"))],
  ["a link out and in again", "source/link-out-of-tree", tree(link("a", "../name/b"))],
  ["a link out by way of a link", "source/link-out-of-tree", tree(link("s/up", ".."), link("x", "s/up/../y"))],
  ["an empty link", "source/bad-link", tree(link("a", ""))],
  ["a link with a zero byte", "source/bad-link", tree(link("a", "b\0c"))],
  ["a link that is not UTF-8", "source/bad-link", tree(link("a", new Uint8Array([0xff])))],
  ["a link beyond its limit", "source/bad-link", tree(link("a", "n".repeat(limits.target + 1)))],
  ["a link to itself", "source/link-loop", tree(link("a", "a"))],
  ["links in a circle", "source/link-loop", tree(link("a", "d/b"), link("d/b", "../a"))],
  ["a time before 1970", "source/bad-time", { ...tree(), time: -1 }],
  ["a time beyond what tar holds", "source/bad-time", { ...tree(), time: limits.time + 1 }],
  ["half a second", "source/bad-time", { ...tree(), time: 0.5 }],
  ["a name with a slash", "source/bad-name", { ...tree(), name: "a/b" }],
  ["a name beyond its limit", "source/bad-name", { ...tree(), name: "n".repeat(limits.name + 1) }],
  ["an empty name", "source/bad-path", { ...tree(), name: "" }],
];

describe("source tree", () => {
  for (const [what, code, each] of refused) {
    it(`is refused for ${what}`, () => {
      expect(() => checkTree(each)).toThrowError(expect.objectContaining({ code }));
    });
  }

  it("is refused for too many entries", () => {
    const deep = Array.from({ length: 200 }, (_, i) => file(`${i}/${"d/".repeat(1400)}f`));
    expect(() => checkTree(tree(...deep))).toThrowError(expect.objectContaining({ code: "source/too-many-entries" }));
  });

  it("is refused in bounded time for links that multiply", () => {
    const long = "d/../".repeat(800);
    const chain = (i: number) => Array.from({ length: 39 }, (_, n) => link(`${i}-${n}`, `${long}${i}-${n + 1}`));
    const links = Array.from({ length: 1000 }, (_, i) => chain(i)).flat();
    expect(() => checkTree(tree(...links, file("x")))).toThrowError(
      expect.objectContaining({ code: "source/link-loop" }),
    );
  });

  it("may hold links that stay inside, to nothing, and through 40 others", () => {
    const chain = Array.from({ length: 40 }, (_, n) => link(`${n}`, `${n + 1}`));
    const links = [link("a/up", ".."), link("b", "a/up/c"), link("gone", "nothing/at/all"), link("odd", "./a//./up")];
    expect(checkTree(tree(...chain, ...links))).toHaveLength(44);
  });

  it("may hold names at their limits", () => {
    const longest = `${`${"n".repeat(255)}/`.repeat(14)}n/${"n".repeat(254)}`;
    expect(longest).toHaveLength(limits.path);
    const paths = [longest, "é".repeat(127), "\ufeffmark", "...", ".gitignore", "a\\b", " "];
    const sorted = checkTree(tree(...paths.map(file))).map(({ pathBytes }) => Buffer.from(pathBytes));
    expect(sorted).toEqual(sorted.toSorted(Buffer.compare));
    expect(sorted).toHaveLength(paths.length);
  });

  it("is sorted by bytes, not by letters", () => {
    const paths = ["a/b", "a-b", "a.b", "a0", "B", "é", "z", "😀", "\uffee"];
    const sorted = checkTree(tree(...paths.map(file))).map(({ path }) => path);
    expect(sorted).toEqual(["B", "a-b", "a.b", "a/b", "a0", "z", "é", "\uffee", "😀"]);
  });
});
