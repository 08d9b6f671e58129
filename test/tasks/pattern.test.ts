import { describe, expect, it } from "vitest";
import { fits } from "../../src/tasks/pattern.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

describe("a pattern", () => {
  it.each([
    ["main", "main", true],
    ["main", "mainline", false],
    ["release/*", "release/1.0", true],
    ["release/*", "release/1/0", false],
    ["release/**", "release/1/0", true],
    ["v*", "v1.2.3", true],
    ["*", "", true],
    ["**/fix", "a/b/fix", true],
    ["a.c", "abc", false],
  ])("%s, %s: %s", (pattern, name, expected) => {
    expect(fits(pattern, name)).toBe(expected);
  });

  it("means what the regular expression does that it stands for", () => {
    const random = new Random(seed);
    const word = (letters: string[]) => Array.from({ length: random.below(7) }, () => random.pick(letters)).join("");
    for (let i = 0; i < 3000; i++) {
      const pattern = word(["a", "b", "/", "*", "**"]);
      const name = word(["a", "b", "/"]);
      // Three stars and more: `**` first, as the matcher reads them.
      const expression = pattern.replace(/\*\*|\*/g, (stars) => (stars === "**" ? ".*" : "[^/]*"));
      expect(fits(pattern, name), `${pattern} ${name}`).toBe(new RegExp(`^${expression}$`, "s").test(name));
    }
  });

  it("takes no longer for patterns that are made to", () => {
    expect(fits(`${"*a".repeat(120)}b`, "a".repeat(255))).toBe(false);
  });
});
