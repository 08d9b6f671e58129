import { describe, expect, it } from "vitest";
import { byteRangeOf } from "../../src/store/node/byteRange.ts";

describe("the range that a request is for", () => {
  it.each([
    [undefined, 10, "all"],
    ["bytes=0-", 10, [0, 9]],
    ["bytes=3-", 10, [3, 9]],
    ["bytes=3-5", 10, [3, 5]],
    ["bytes=3-99", 10, [3, 9]],
    ["bytes=-4", 10, [6, 9]],
    ["bytes=-40", 10, [0, 9]],
    ["bytes=10-", 10, "none"],
    ["bytes=-0", 10, "none"],
    ["bytes=0-", 0, "none"],
    ["bytes=-1", 0, "none"],
    ["bytes=5-3", 10, "all"],
    ["bytes=-", 10, "all"],
    ["bytes=1-2,4-5", 10, "all"],
    ["bytes=0x1-", 10, "all"],
    ["items=0-1", 10, "all"],
    ["bytes=99999999999999999999-", 10, "all"],
  ] as const)("%s of %i bytes", (header, size, wanted) => {
    const [start, end] = typeof wanted === "string" ? [] : wanted;
    expect(byteRangeOf(header, size)).toEqual(
      typeof wanted === "string" ? { kind: wanted } : { kind: "part", start, end },
    );
  });
});
