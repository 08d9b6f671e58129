import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuts, rowBits, rowCount } from "../../src/protocol/ranges.ts";
import { seed } from "../support/seed.ts";

const lengths = fc.integer({ min: 0, max: 41 });
const arities = fc.integer({ min: 1, max: 6 });

describe("a range", () => {
  it("41: is cut into equal parts by a power of two, so that no child is padding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 41 }), arities, fc.nat(1000), (log2Length, log2Arity, from) => {
        const bits = rowBits(log2Length, log2Arity);
        const at = cuts(from, log2Length, log2Arity);
        expect(bits).toBeGreaterThan(0);
        expect(bits).toBeLessThanOrEqual(log2Arity);
        expect(at.length).toBe(2 ** bits - 1);
        const ends = [from, ...at, from + 2 ** log2Length];
        const lengths = ends.slice(1).map((end, i) => end - ends[i]!);
        expect(new Set(lengths)).toEqual(new Set([2 ** (log2Length - bits)]));
      }),
      { seed },
    );
  });

  it("has all its cuts but the first at multiples of the arity, counted from the bottom", () => {
    fc.assert(
      fc.property(lengths, arities, (log2Length, log2Arity) => {
        let rows = 0;
        for (let left = log2Length; left > 0; rows++) {
          left -= rowBits(left, log2Arity);
          expect(left % log2Arity).toBe(0);
        }
        expect(rows).toBe(rowCount(log2Length, log2Arity));
      }),
      { seed },
    );
  });

  it("is cut as written down: 2^10 at arity 16 into 4, 16 and 16", () => {
    expect([rowBits(10, 4), rowBits(8, 4), rowBits(4, 4), rowBits(0, 4)]).toEqual([2, 4, 4, 0]);
    expect(cuts(1024, 10, 4)).toEqual([1280, 1536, 1792]);
  });

  it("refuses lengths and arities that are none", () => {
    expect(() => rowBits(-1, 4)).toThrow("no range");
    expect(() => rowBits(1.5, 4)).toThrow("no range");
    expect(() => rowBits(4, 0)).toThrow("no range");
    expect(() => rowBits(4, 1.5)).toThrow("no range");
  });
});
