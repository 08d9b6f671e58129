import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import { DirtyPages } from "../../src/merkle/dirtyPages.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../support/seed.ts";
import { pseudoRandomBytes } from "./naiveTree.ts";

const pages = 300; // more than one batch
let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

describe("dirty pages", () => {
  it("are those that are not zero at the first look, and none when nothing changed", () => {
    const memory = new Uint8Array(pages * 4096);
    const finder = new DirtyPages(kernel, memory.length);
    memory[7 * 4096] = 1;
    memory[299 * 4096 + 4095] = 128;
    expect([...finder.find(memory)]).toEqual([7, 299]);
    expect([...finder.find(memory)]).toEqual([]);
    memory.fill(0);
    expect([...finder.find(memory)]).toEqual([7, 299]);
  });

  it("show every change of a single bit", () => {
    const memory = pseudoRandomBytes(pages * 4096, seed);
    const finder = new DirtyPages(kernel, memory.length);
    finder.find(memory);
    // Every bit position of a page's bytes over a stride that is coprime to the page, spread over the pages.
    for (let n = 0; n < 2000; n++) {
      const at = (n * 4099 * 7) % memory.length;
      memory[at]! ^= 1 << (n & 7);
      expect([...finder.find(memory)], `bit ${n & 7} of byte ${at}`).toEqual([at >> 12]);
    }
  });

  it("show changes that sums and swaps would hide", () => {
    const memory = new Uint8Array(4096);
    const words = new Uint32Array(memory.buffer);
    const finder = new DirtyPages(kernel, memory.length);
    const word = fc.nat(1023);
    fc.assert(
      fc.property(
        word,
        word,
        fc.integer({ min: 1, max: 0xffffffff }),
        fc.constantFrom("swap", "move"),
        (i, j, by, how) => {
          fc.pre(i !== j);
          words.set(new Uint32Array(pseudoRandomBytes(4096, by).buffer));
          finder.find(memory);
          const [a, b] = [words[i]!, words[j]!];
          words[i] = how === "swap" ? b : a + by;
          words[j] = how === "swap" ? a : b - by;
          expect([...finder.find(memory)]).toEqual(words[i] === a && words[j] === b ? [] : [0]);
        },
      ),
      { seed, numRuns: 2000 },
    );
  });

  it("are not those whose content was learnt", () => {
    const memory = pseudoRandomBytes(pages * 4096, seed);
    const finder = new DirtyPages(kernel, memory.length);
    finder.find(memory);
    for (const page of [3, 4, 200]) memory[page * 4096 + page]! ^= 1;
    finder.learn(memory, Uint32Array.of(3, 200));
    expect([...finder.find(memory)]).toEqual([4]);
  });

  it("have fingerprints that another kernel's key does not give", async () => {
    const page = pseudoRandomBytes(4096, seed);
    const fingerprint = (of: KeccakKernel) => {
      const bytes = new Uint8Array(16);
      of.fingerprintPages(page, 0, 1, bytes);
      return toHex(bytes);
    };
    expect(fingerprint(kernel)).toBe(fingerprint(kernel));
    expect(fingerprint(await loadKeccakKernel())).not.toBe(fingerprint(kernel));
  });
});
