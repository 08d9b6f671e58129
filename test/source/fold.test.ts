import { describe, expect, it } from "vitest";
import { fold } from "../../src/source/paths.ts";

const pairs: readonly (readonly [string, string])[] = [
  ["README", "readme"],
  ["ΟΔΟΣ", "οδοσ"],
  ["ΟΔΟΣ.txt", "οδος.txt"],
  ["J\u030c", "\u01f0"],
  ["straße", "STRASSE"],
  ["STRA\u1e9eE", "strasse"],
  ["\u212b", "å"],
  ["\u212a", "k"],
  ["ſ", "S"],
  ["ﬁle", "FILE"],
  ["\u0130", "i\u0307"],
  ["ŉ", "\u02bcN"],
  ["և", "եւ"],
  ["\u1f80", "\u1f00\u03b9"],
  ["\u13a0", "\uab70"],
  ["a\u0301\u0323", "A\u0323\u0301"],
  ["가", "\u1100\u1161"],
  [".g\u200cit", ".git"],
  ["a\ufeffb", "AB"],
  ["𐐀", "𐐨"],
];

describe("names that fall together", () => {
  it.each(pairs)("%j and %j", (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  it("are those in every case and normalisation of each character", () => {
    for (let code = 0; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      const folded = fold(character);
      const forms = [character.normalize("NFC"), character.normalize("NFD"), character.toLowerCase(), folded];
      // The capital of the dotless i is that of the other i too.
      if (character !== "ı") forms.push(character.toUpperCase());
      for (const form of forms) if (fold(form) !== folded) expect(fold(form), `U+${code.toString(16)}`).toBe(folded);
    }
  });
});

describe("names that are different everywhere", () => {
  it.each([
    ["ı", "i"],
    ["é", "e"],
    ["ﬃx", "fix"],
    ["²", "2"],
    ["ａ", "a"],
    ["Ａ", "A"],
    ["ø", "o"],
  ])("%j and %j", (one, other) => {
    expect(fold(one)).not.toBe(fold(other));
  });
});
