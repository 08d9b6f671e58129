import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { markedPages, nonZeroPages, PageTree } from "../../src/merkle/pageTree.ts";
import { rootFrom, verifyPath } from "../../src/merkle/path.ts";
import { zeroRoots } from "../../src/merkle/zeroRoots.ts";
import { seed } from "../support/seed.ts";
import { naiveRoot, naiveZeroRoot, pseudoRandomBytes } from "./naiveTree.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

const depths = { stack: 9, globals: 8, table: 14, code: 20, memory: 25 };

function leafHash(bytes: Uint8Array, leaf: number): Uint8Array {
  const padded = new Uint8Array(128);
  padded.set(bytes.subarray(128 * leaf, 128 * leaf + 128));
  return kernel.hash(padded);
}

describe("page tree", () => {
  it("has the roots of zeros at every depth when nothing was written", () => {
    const zeros = zeroRoots(kernel, 25);
    expect(zeros.map(toHex)).toEqual(Array.from({ length: 26 }, (_, depth) => toHex(naiveZeroRoot(depth))));
    for (const depth of Object.values(depths)) {
      expect(toHex(new PageTree(kernel, depth, 12345).root)).toBe(toHex(zeros[depth]!));
      expect(toHex(new PageTree(kernel, depth, 0).root)).toBe(toHex(zeros[depth]!));
    }
  });

  it("has the root that hashing leaf by leaf gives, for any length and any sequence of writes", () => {
    const write = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.nat(255),
      length: fc.nat(9000),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(depths)),
        fc.integer({ min: 1, max: 60_000 }),
        fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 4 }),
        (depth, length, rounds) => {
          const bytes = new Uint8Array(Math.min(length, 128 * 2 ** depth));
          const tree = new PageTree(kernel, depth, bytes.length);
          for (const writes of rounds) {
            const marks = new Uint8Array(tree.pages);
            for (const { at, value, length: count } of writes) {
              const start = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
              bytes.fill(value, start, start + count);
              for (let i = start; i < Math.min(bytes.length, start + Math.max(1, count)); i++) marks[i >> 12] = 1;
            }
            tree.update(bytes, markedPages(marks));
            expect(toHex(tree.root)).toBe(toHex(naiveRoot(bytes, depth)));
          }
          expect(toHex(PageTree.of(kernel, depth, bytes).root)).toBe(toHex(tree.root));
        },
      ),
      { seed, numRuns: 40 },
    );
  });

  it("proves any leaf, within its pages and beyond them", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(depths)),
        fc.integer({ min: 1, max: 50_000 }),
        fc.nat(),
        (depth, length, number) => {
          const bytes = pseudoRandomBytes(Math.min(length, 128 * 2 ** depth), seed + number);
          const tree = PageTree.of(kernel, depth, bytes);
          for (const leaf of [number % Math.ceil(bytes.length / 128), number % 2 ** depth, 2 ** depth - 1]) {
            const siblings = tree.siblings(bytes, leaf);
            expect(siblings).toHaveLength(depth);
            expect(verifyPath(kernel, tree.root, leafHash(bytes, leaf), leaf, siblings)).toBe(true);
            const same = toHex(siblings[0]!) === toHex(leafHash(bytes, leaf));
            expect(verifyPath(kernel, tree.root, leafHash(bytes, leaf), leaf ^ 1, siblings)).toBe(same);
            siblings[number % depth]![0]! ^= 1;
            expect(verifyPath(kernel, tree.root, leafHash(bytes, leaf), leaf, siblings)).toBe(false);
          }
        },
      ),
      { seed, numRuns: 40 },
    );
  });

  it("gives the root of a drive and splices another drive into its place", () => {
    const bytes = pseudoRandomBytes(20 * 4096, seed);
    const tree = PageTree.of(kernel, 25, bytes);
    const driveLevel = 7; // 2^7 leaves: 16 KiB
    const drive = bytes.subarray(16384, 32768);
    expect(toHex(tree.node(driveLevel, 1))).toBe(toHex(naiveRoot(drive, driveLevel)));

    const siblings = tree.siblingsOfNode(driveLevel, 1);
    const other = pseudoRandomBytes(16384, seed + 1);
    const spliced = rootFrom(kernel, PageTree.of(kernel, driveLevel, other).root, 1, siblings);
    bytes.set(other, 16384);
    expect(toHex(spliced)).toBe(toHex(naiveRoot(bytes, 25)));
  });

  it("becomes a copy of another tree and stays one of its own", () => {
    const bytes = pseudoRandomBytes(30_000, seed);
    const tree = PageTree.of(kernel, 25, bytes);
    const copy = new PageTree(kernel, 25, bytes.length);
    copy.copyFrom(tree);
    expect(toHex(copy.root)).toBe(toHex(tree.root));
    const before = toHex(tree.root);
    bytes[5000]! ^= 1;
    copy.update(bytes, Uint32Array.of(1));
    expect(toHex(copy.root)).toBe(toHex(naiveRoot(bytes, 25)));
    expect(toHex(tree.root)).toBe(before);
    expect(() => new PageTree(kernel, 25, 8192).copyFrom(tree)).toThrow(/expected 2 pages, got 8/);
  });

  it("refuses pages, leaves and levels it does not have", () => {
    const tree = new PageTree(kernel, 9, 65536);
    expect(() => tree.update(new Uint8Array(65536), Uint32Array.of(16))).toThrow(/page below 16, got 16/);
    expect(() => tree.siblings(new Uint8Array(65536), 512)).toThrow(/leaf below 512, got 512/);
    expect(() => tree.node(4, 0)).toThrow(/level below 5, got -1/);
    expect(() => new PageTree(kernel, 5, 4097)).toThrow(/byte length below 4097, got 4097/);
  });
});

describe("a path", () => {
  it("refuses an index beyond its levels instead of taking it modulo", () => {
    const bytes = pseudoRandomBytes(4096, seed);
    const tree = PageTree.of(kernel, 5, bytes);
    const siblings = tree.siblings(bytes, 3);
    expect(verifyPath(kernel, tree.root, leafHash(bytes, 3), 3, siblings)).toBe(true);
    for (const index of [3 + 32, -29, 3.5]) {
      expect(verifyPath(kernel, tree.root, leafHash(bytes, 3), index, siblings)).toBe(false);
    }
    expect(() => rootFrom(kernel, leafHash(bytes, 3), 35, siblings)).toThrow(/index 35 is beyond a path of 5 levels/);
  });
});

describe("pages that are not zero", () => {
  it("are found whatever the length and alignment of the bytes", () => {
    const memory = new Uint8Array(5 * 4096 + 3);
    memory[4096] = 1;
    memory[3 * 4096 + 4095] = 1;
    memory[5 * 4096 + 2] = 1;
    expect([...nonZeroPages(memory)]).toEqual([1, 3, 5]);
    expect([...nonZeroPages(memory.subarray(0, 5 * 4096))]).toEqual([1, 3]);
    expect([...nonZeroPages(memory.subarray(1, 4 * 4096 + 1))]).toEqual([0, 3]);
  });
});
