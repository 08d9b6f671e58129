import { describe, expect, it } from "vitest";
import { HeaderChain, isChildOf } from "../../src/chain/headerChain.ts";

const block = (number: number) => ({
  number,
  hash: `hash ${number}`,
  parentHash: `hash ${number - 1}`,
  timestamp: number,
});
const blocks = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => block(from + i));

function chainOf(from: number, to: number): HeaderChain {
  const chain = new HeaderChain();
  chain.append(blocks(from, to));
  return chain;
}

describe("linked blocks", () => {
  it("are found by number and by hash, from the lowest to the head", () => {
    const chain = chainOf(10, 13);
    expect([9, 10, 12, 13].map((number) => chain.at(number)?.number)).toEqual([undefined, 10, 12, undefined]);
    expect([chain.lowest?.number, chain.head?.number]).toEqual([10, 12]);
    expect(["hash 10", "hash 12", "hash 13"].map((hash) => chain.has(hash))).toEqual([true, true, false]);
  });

  it("are forgotten above a number", () => {
    const chain = chainOf(10, 13);
    chain.cut(11);
    expect([chain.head?.number, chain.has("hash 11"), chain.has("hash 12")]).toEqual([11, true, false]);
    chain.cut(9);
    expect([chain.head, chain.lowest, chain.has("hash 10"), chain.at(10)]).toEqual([
      undefined,
      undefined,
      false,
      undefined,
    ]);
  });

  it("are forgotten below a number once those are 256", () => {
    const chain = chainOf(10, 300);
    chain.trim(265);
    expect(chain.lowest?.number).toBe(10);
    chain.trim(266);
    expect([chain.lowest?.number, chain.has("hash 265"), chain.has("hash 266")]).toEqual([266, false, true]);
    expect(chain.at(299)?.number).toBe(299);
  });

  it("are all forgotten where the number is above the head, and when they are cleared", () => {
    const chain = chainOf(10, 300);
    chain.trim(1000);
    expect([chain.head, chain.has("hash 299")]).toEqual([undefined, false]);
    const other = chainOf(10, 12);
    other.clear();
    expect([other.head, other.has("hash 11")]).toEqual([undefined, false]);
  });

  it("are linked by hash and number", () => {
    expect(isChildOf(block(5), block(4))).toBe(true);
    expect(isChildOf({ ...block(5), parentHash: "other" }, block(4))).toBe(false);
    expect(isChildOf({ ...block(5), number: 6 }, block(4))).toBe(false);
  });
});
