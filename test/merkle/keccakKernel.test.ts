import { randomBytes } from "node:crypto";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/core/bytes.ts";
import { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel, readKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../support/seed.ts";
import { naiveRoot, pseudoRandomBytes } from "./naiveTree.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

describe("keccak kernel", () => {
  it("hashes the empty string and abc as published", () => {
    expect(toHex(kernel.hash(new Uint8Array(0)))).toBe(
      "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    expect(toHex(kernel.hash(new TextEncoder().encode("abc")))).toBe(
      "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  it("agrees with another implementation at every length around the rate, and at its limit", () => {
    const bytes = pseudoRandomBytes(65536, seed);
    for (const length of [...Array(420).keys(), 4096, 65535, 65536]) {
      const input = bytes.subarray(0, length);
      expect(toHex(kernel.hash(input)), `${length} bytes`).toBe(toHex(keccak_256(input)));
    }
    expect(() => kernel.hash(new Uint8Array(65537))).toThrow(/at most 65536 bytes/);
  });

  it("hashes batches of leaves of every size across its buffer's limit", () => {
    for (const count of [0, 1, 2, 3, 31, 511, 512, 513, 1024, 1031]) {
      const leaves = pseudoRandomBytes(128 * count, seed + count);
      const expected = concatBytes(
        ...Array.from({ length: count }, (_, i) => keccak_256(leaves.subarray(128 * i, 128 * i + 128))),
      );
      expect(toHex(kernel.hashLeaves(leaves))).toBe(toHex(expected));
    }
  });

  it("hashes pairs", () => {
    const node = pseudoRandomBytes(64, seed);
    expect(toHex(kernel.hashPair(node.subarray(0, 32), node.subarray(32)))).toBe(toHex(keccak_256(node)));
  });

  it("hashes the chosen nodes and leaves the others alone", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2200), { maxLength: 1500 }), (numbers) => {
        const indices = Uint32Array.from(numbers).sort();
        const children = pseudoRandomBytes(64 * 2201, seed);
        const parents = new Uint8Array(32 * 2201).fill(7);
        kernel.hashNodesAt(children, indices, parents);
        const expected = new Uint8Array(32 * 2201).fill(7);
        for (const i of indices) expected.set(keccak_256(children.subarray(64 * i, 64 * i + 64)), 32 * i);
        expect(Buffer.compare(parents, expected)).toBe(0);
      }),
      { seed, numRuns: 5 },
    );
  });

  it("hashes the chosen pages, a cut-off one as if zeros followed", () => {
    const source = pseudoRandomBytes(40 * 4096 - 1000, seed);
    const pages = Uint32Array.from([0, 1, 2, 3, 5, 8, 9, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 39, 41]);
    const nodes = new Uint8Array(32 * 42);
    kernel.hashPagesAt(source, pages, nodes);
    for (let page = 0; page < 42; page++) {
      const expected = pages.includes(page)
        ? naiveRoot(source.subarray(page * 4096, page * 4096 + 4096), 5)
        : new Uint8Array(32);
      expect(toHex(nodes.subarray(32 * page, 32 * page + 32)), `page ${page}`).toBe(toHex(expected));
    }
  });

  it("refuses bytes that are not the kernel", async () => {
    const binaries = await readKeccakKernel();
    for (const name of ["keccak", "fingerprint"] as const) {
      expect(() => KeccakKernel.create({ ...binaries, [name]: randomBytes(100) })).toThrow(/build it again/);
    }
  });
});
