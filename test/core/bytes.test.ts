import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes, fromHex, toHex } from "../../src/core/bytes.ts";
import { seed } from "../support/seed.ts";

describe("bytes", () => {
  it("round-trips through hexadecimal", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => equalBytes(fromHex(toHex(bytes)), bytes)),
      { seed },
    );
  });

  it.each(["", "0x0", "12", "0xzz", "0x 1"])("refuses %j as hexadecimal", (text) => {
    expect(() => fromHex(text)).toThrowError(expect.objectContaining({ code: "core/not-hex" }));
  });

  it("refuses a wrong length and says both", () => {
    expect(() => fromHex("0x0102", 3)).toThrowError("expected 3 bytes, got 2");
  });

  it("tells arrays apart by length and by every byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, flip) => {
        const other = bytes.slice();
        other[at % bytes.length]! ^= flip;
        return equalBytes(bytes, bytes.slice()) && !equalBytes(bytes, other) && !equalBytes(bytes, bytes.slice(1));
      }),
      { seed },
    );
  });

  it("concatenates in order", () => {
    expect([...concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))]).toEqual([1, 2, 3]);
  });
});
