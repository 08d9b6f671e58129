import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { hashPair, hashWords } from "../../src/protocol/hash.ts";
import { childProof, childRoots, rootOfChild, rowRoot } from "../../src/protocol/row.ts";
import { seed } from "../support/seed.ts";

const roots = Array.from({ length: 64 }, (_, i) => hashWords(i));
const end = hashWords(1000);
const bits = fc.integer({ min: 1, max: 6 });

/** Start and interior roots of a row. */
function row(bits: number): { readonly start: Root; readonly interior: Root[] } {
  return { start: roots[0]!, interior: roots.slice(1, 2 ** bits) };
}

describe("a row", () => {
  it("has the Merkle root of its positions", () => {
    const { start, interior } = row(2);
    expect(rowRoot(start, interior)).toBe(
      hashPair(hashPair(start, interior[0]!), hashPair(interior[1]!, interior[2]!)),
    );
  });

  it("proves start and end of every child", () => {
    fc.assert(
      fc.property(bits, fc.nat(), (bits, number) => {
        const { start, interior } = row(bits);
        const child = number % 2 ** bits;
        const ends = childRoots(start, interior, end, child);
        const proof = childProof(start, interior, child);
        expect(rootOfChild(child, bits, ends.startRoot, ends.endRoot, proof)).toBe(rowRoot(start, interior));
      }),
      { seed },
    );
  });

  it("proves no other start, no other end, no other place", () => {
    fc.assert(
      fc.property(bits, fc.nat(), fc.nat(), (bits, number, other) => {
        const { start, interior } = row(bits);
        const child = number % 2 ** bits;
        const { startRoot, endRoot } = childRoots(start, interior, end, child);
        const proof = childProof(start, interior, child);
        const root = rowRoot(start, interior);
        const reached = (at: number, from: Root, to: Root) => {
          try {
            return rootOfChild(at, bits, from, to, proof);
          } catch {
            return undefined;
          }
        };
        expect(reached(child, end, endRoot)).not.toBe(root);
        if (child !== 2 ** bits - 1) expect(reached(child, startRoot, end)).not.toBe(root);
        const place = other % 2 ** bits;
        if (place !== child) expect(reached(place, startRoot, endRoot)).not.toBe(root);
      }),
      { seed },
    );
  });

  it("refuses proofs that are too short or too long", () => {
    const { start, interior } = row(3);
    const { startRoot, endRoot } = childRoots(start, interior, end, 3);
    const proof = childProof(start, interior, 3);
    expect(() => rootOfChild(3, 3, startRoot, endRoot, proof.slice(1))).toThrow("too short");
    expect(() => rootOfChild(3, 3, startRoot, endRoot, [...proof, end])).toThrow("too long");
  });

  it.each([-1, 0.5, 8])("has no child %d of eight", (child) => {
    const { start, interior } = row(3);
    expect(() => childRoots(start, interior, end, child)).toThrow(`8 children has no child ${child}`);
    expect(() => rootOfChild(child, 3, start, end, [])).toThrow(`8 children has no child ${child}`);
  });

  it("has a power of two of children", () => {
    expect(() => rowRoot(roots[0]!, [])).toThrow("power of two");
    expect(() => rowRoot(roots[0]!, roots.slice(1, 3))).toThrow("power of two");
  });
});
