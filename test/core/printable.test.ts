import { describe, expect, it } from "vitest";
import { printable, printableJson, printableLines } from "../../src/core/printable.ts";

/** What steers terminals: C0 and C1, an OSC sequence, directions, what is not seen, a separator of lines, half a character. */
const hostile = "\x1b]0;t\x07\x9b2J\r\b\x7f\u202e\u2066\u061c\ufeff\u200b\u2028\u{e0041}\ud800";

describe("a text from outside", () => {
  it("is shown without anything that steers a terminal", () => {
    expect(printable(hostile)).toBe(
      "\\u001b]0;t\\u0007\\u009b2J\\u000d\\u0008\\u007f\\u202e\\u2066\\u061c\\ufeff\\u200b\\u2028\\udb40\\udc41\\ud800",
    );
  });

  it("is cut where it is too long", () => {
    expect(printable("12345", 3)).toBe("123…");
  });

  it("is left as it is when it is harmless", () => {
    const text = "Größe 大小 👩‍🔬 نص שלום ü\u0308";
    expect(printable(text)).toBe(text);
  });

  it("keeps its lines and tabs, when it may have some", () => {
    expect(printable("a\n\tb")).toBe("a\\u000a\\u0009b");
    expect(printableLines("a\n\tb\x1b[m\r\n")).toBe("a\n\tb\\u001b[m\\u000d\n");
  });

  it("means the same as JSON", () => {
    const value = { [hostile]: [hostile, "\n\t\r", "👩‍🔬"] };
    const json = printableJson(JSON.stringify(value, undefined, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e\u2066\u{e0041}]/u);
  });
});
