import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { Reader } from "../../src/wasm/reader.ts";
import { Writer } from "../../src/wasm/writer.ts";
import { seed } from "../support/seed.ts";

function readerOf(...bytes: number[]): Reader {
  return new Reader(Uint8Array.from(bytes), 0, bytes.length);
}

function refusal(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    if (!isAssayError(error, "wasm/malformed")) throw error;
    return error.details.rule;
  }
  return undefined;
}

/** `bytes` followed by as many padding bytes as fit into `length`, which leave the value as it is. */
function padded(bytes: Uint8Array, length: number, negative: boolean): Uint8Array {
  const long = new Uint8Array(length).fill(negative ? 0xff : 0x80);
  long.set(bytes);
  long[bytes.length - 1]! |= 0x80;
  long[length - 1]! &= 0x7f;
  return long;
}

describe("integers of the binary format", () => {
  it("come back as they were written: u32, in any length", () => {
    const property = fc.property(fc.nat(0xffff_ffff), fc.boolean(), (value, long) => {
      const short = new Writer().u32(value).done();
      const bytes = long && short.length < 5 ? padded(short, 5, false) : short;
      const reader = new Reader(bytes, 0, bytes.length);
      expect(reader.u32()).toBe(value);
      expect(reader.done).toBe(true);
    });
    fc.assert(property, { seed, numRuns: 1000 });
  });

  it("come back as they were written: s32, in any length", () => {
    const property = fc.property(fc.integer(), fc.boolean(), (value, long) => {
      const short = new Writer().s32(value).done();
      const bytes = long && short.length < 5 ? padded(short, 5, value < 0) : short;
      const reader = new Reader(bytes, 0, bytes.length);
      expect(reader.s32()).toBe(value);
      expect(reader.done).toBe(true);
    });
    fc.assert(property, { seed, numRuns: 1000 });
  });

  it("come back as they were written: s64 in two halves, in any length", () => {
    const narrow = fc
      .tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.nat(63))
      .map(([value, shift]) => value >> BigInt(shift));
    const property = fc.property(narrow, fc.boolean(), (value, long) => {
      const low = Number(BigInt.asIntN(32, value));
      const high = Number(BigInt.asIntN(32, value >> 32n));
      const short = new Writer().s64(low, high).done();
      const bytes = long && short.length < 10 ? padded(short, 10, value < 0n) : short;
      const reader = new Reader(bytes, 0, bytes.length);
      reader.s64();
      expect([reader.low, reader.high]).toEqual([low, high]);
      expect(reader.done).toBe(true);
    });
    fc.assert(property, { seed, numRuns: 2000 });
  });

  it("are refused when they are longer than their type allows", () => {
    const longer = (length: number) => readerOf(...new Array(length).fill(0x80), 0);
    const rule = "integer representation too long";
    expect(refusal(() => longer(5).u32())).toBe(rule);
    expect(refusal(() => longer(5).s32())).toBe(rule);
    expect(refusal(() => longer(10).s64())).toBe(rule);
    expect(refusal(() => longer(5).blockTypeIndex())).toBe(rule);
  });

  it("are refused when they have bits beyond their type", () => {
    const rule = "integer too large";
    expect(refusal(() => readerOf(0x80, 0x80, 0x80, 0x80, 0x10).u32())).toBe(rule);
    expect(refusal(() => readerOf(0x80, 0x80, 0x80, 0x80, 0x08).s32())).toBe(rule);
    expect(refusal(() => readerOf(0xff, 0xff, 0xff, 0xff, 0x77).s32())).toBe(rule);
    expect(refusal(() => readerOf(...new Array(9).fill(0x80), 0x01).s64())).toBe(rule);
    expect(refusal(() => readerOf(...new Array(9).fill(0xff), 0x7e).s64())).toBe(rule);
    expect(refusal(() => readerOf(0x80, 0x80, 0x80, 0x80, 0x10).blockTypeIndex())).toBe(rule);
  });

  it("have the whole range of a type index in a block type, and no negative one", () => {
    expect(readerOf(0xff, 0xff, 0xff, 0xff, 0x0f).blockTypeIndex()).toBe(0xffff_ffff);
    expect(refusal(() => readerOf(0xff, 0x7f).blockTypeIndex())).toBe("malformed block type");
  });

  it("are refused where the bytes end", () => {
    expect(refusal(() => readerOf(0x80, 0x80).u32())).toBe("unexpected end of section or function");
    expect(refusal(() => readerOf(1, 2, 3).bits32())).toBe("unexpected end of section or function");
  });
});

describe("names", () => {
  it("are UTF-8, byte order marks and all", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = new Writer().name(text).done();
      expect(new Reader(bytes, 0, bytes.length).name()).toBe(text);
    });
    fc.assert(property, { seed });
    expect(readerOf(3, 0xef, 0xbb, 0xbf).name()).toBe("\ufeff");
  });

  it("are refused with surrogates, overlong forms or code points that there are not", () => {
    for (const bytes of [[0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]]) {
      expect(refusal(() => readerOf(bytes.length, ...bytes).name())).toBe("malformed UTF-8 encoding");
    }
  });
});
