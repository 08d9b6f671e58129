import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/security.md", root), "utf8");

interface Row {
  readonly number: number;
  /** What became of the attack in the protocol's second version. */
  readonly since: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const rows: Row[] = text
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [, number, , since, , tests] = line
      .split(" | ")
      .flatMap((cell, i) => (i === 0 ? ["", cell.slice(2)] : [cell]));
    const named = [...tests!.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)];
    return {
      number: Number(number),
      since: since!,
      tests: named.map(([, file, title]) => ({ file: file!, title: title! })),
    };
  });

describe("docs/security.md", () => {
  it("has every attack once, in order, each with a test", () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 102 }, (_, i) => i + 1));
    expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it("says of every attack what the second version has made of it", () => {
    const known = ["same", "new answer", "impossible now", "new"];
    expect(rows.filter(({ since }) => !known.includes(since))).toEqual([]);
  });

  it("does not take a test that is skipped for one", () => {
    expect(runsTest('it("holds", () => {})', "holds")).toBe(true);
    for (const kind of ["it.skip", "it.todo", "describe.skip"]) {
      expect(runsTest(`${kind}("holds", () => {})`, "holds"), kind).toBe(false);
    }
  });

  it("names tests that exist and are run", () => {
    const missing = rows.flatMap(({ number, tests }) =>
      tests.filter(({ file, title }) => !hasTest(file, title)).map(({ file, title }) => `${number}: ${file}: ${title}`),
    );
    expect(missing).toEqual([]);
  });
});

/** Whether the file gives a test, or a group of tests, this title in its source, and skips none. */
function hasTest(file: string, title: string): boolean {
  const url = new URL(file, root);
  return existsSync(url) && runsTest(readFileSync(url, "utf8"), title);
}

function runsTest(source: string, title: string): boolean {
  return source.includes(`("${title}"`) && !/\b(it|test|describe)(\.\w+)*\.(skip|todo|only)\b/.test(source);
}
