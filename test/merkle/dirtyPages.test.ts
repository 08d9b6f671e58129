import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import { DirtyPages } from "../../src/merkle/dirtyPages.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel, readKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../support/seed.ts";
import { pseudoRandomBytes } from "./naiveTree.ts";

const pages = 304; // more than one batch, and a multiple of the 16 in a page of WebAssembly
let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

/** Of a page: word `n` of each 16-byte vector with word `n` of the next. */
function naiveNh(words: Uint32Array, key: Uint32Array): bigint {
  let sum = 0n;
  for (let i = 0; i < 1024; i += 8) {
    for (let n = i; n < i + 4; n++) {
      const [x, y] = [n, n + 4].map((at) => BigInt((words[at]! + key[at]!) % 2 ** 32));
      sum += x! * y!;
    }
  }
  return BigInt.asUintN(64, sum);
}

/** A memory of so many pages, its bytes (these or zeros), and its finder. */
function look(count: number, content?: Uint8Array) {
  const linear = new WebAssembly.Memory({ initial: count / 16 });
  const memory = new Uint8Array(linear.buffer);
  if (content !== undefined) memory.set(content);
  return { memory, finder: new DirtyPages(kernel, linear) };
}

describe("dirty pages", () => {
  it("are those that are not zero at the first look, and none when nothing changed", () => {
    const { memory, finder } = look(pages);
    memory[7 * 4096] = 1;
    memory[299 * 4096 + 4095] = 128;
    expect([...finder.find()]).toEqual([7, 299]);
    expect([...finder.find()]).toEqual([]);
    memory.fill(0);
    expect([...finder.find()]).toEqual([7, 299]);
  });

  it("show every change of a single bit", () => {
    const { memory, finder } = look(pages, pseudoRandomBytes(pages * 4096, seed));
    finder.find();
    // Every bit position of a page's bytes over a stride that is coprime to the page, spread over the pages.
    for (let n = 0; n < 2000; n++) {
      const at = (n * 4099 * 7) % memory.length;
      memory[at]! ^= 1 << (n & 7);
      expect([...finder.find()], `bit ${n & 7} of byte ${at}`).toEqual([at >> 12]);
    }
  });

  it("show changes that sums and swaps would hide", () => {
    const { memory, finder } = look(16);
    const words = new Uint32Array(memory.buffer);
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
          finder.find();
          const [a, b] = [words[i]!, words[j]!];
          words[i] = how === "swap" ? b : a + by;
          words[j] = how === "swap" ? a : b - by;
          expect([...finder.find()]).toEqual(words[i] === a && words[j] === b ? [] : [0]);
        },
      ),
      { seed, numRuns: 2000 },
    );
  });

  it("are not those whose content was learnt", () => {
    const { memory, finder } = look(pages, pseudoRandomBytes(pages * 4096, seed));
    finder.find();
    for (const page of [3, 4, 200]) memory[page * 4096 + page]! ^= 1;
    finder.learn(Uint32Array.of(3, 200));
    expect([...finder.find()]).toEqual([4]);
  });

  it("have two NH for fingerprints, up to the end of the largest memory", async () => {
    const own = new WebAssembly.Memory({ initial: 1 });
    const pages = new WebAssembly.Memory({ initial: 65536 });
    const key = new Uint32Array(own.buffer, 0, 2048);
    key.set(new Uint32Array(pseudoRandomBytes(8192, seed).buffer));
    const words = new Uint32Array(pages.buffer, 2 ** 32 - 3 * 4096);
    words.set(new Uint32Array(pseudoRandomBytes(3 * 4096, seed + 1).buffer));
    words.fill(0xffff_ffff, 2048, 2560);
    const { fingerprint } = await readKeccakKernel();
    const module = new WebAssembly.Module(fingerprint as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(module, { kernel: { memory: own }, pages: { memory: pages } });
    (exports.fingerprint as (...values: number[]) => void)(-3 * 4096, 3, 8192, 0);
    const expected = [0, 1, 2].flatMap((page) =>
      [0, 1].map((hash) => naiveNh(words.subarray(1024 * page), key.subarray(1024 * hash))),
    );
    expect([...new BigUint64Array(own.buffer, 8192, 7)]).toEqual([...expected, 0n]);
  });

  it("have fingerprints that another kernel's key does not give", async () => {
    const linear = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(linear.buffer).set(pseudoRandomBytes(4096, seed));
    const fingerprint = (of: KeccakKernel) => {
      const bytes = new Uint8Array(16);
      of.fingerprintsOf(linear).take(0, 1, bytes);
      return toHex(bytes);
    };
    expect(fingerprint(kernel)).toBe(fingerprint(kernel));
    expect(fingerprint(await loadKeccakKernel())).not.toBe(fingerprint(kernel));
  });
});
