import { keccak_256 } from "@noble/hashes/sha3.js";
import { AbiCoder } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, fromHex, type Root, toHex } from "../../src/core/bytes.ts";
import { CheckpointTree, emptyCheckpointRoot, verifyCheckpoint } from "../../src/merkle/checkpointTree.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

const rootOf = (n: number): Root => toHex(keccak_256(Uint8Array.of(n)));
const leafOf = (index: number, root: Root) =>
  keccak_256(keccak_256(fromHex(AbiCoder.defaultAbiCoder().encode(["uint256", "bytes32"], [index, root]))));
const sortedPair = (a: Uint8Array, b: Uint8Array) =>
  keccak_256(Buffer.compare(a, b) <= 0 ? concatBytes(a, b) : concatBytes(b, a));

describe("checkpoint tree", () => {
  it("hashes index and root twice and pairs in sorted order", () => {
    const [one, two, three] = [1, 2, 3].map((index) => leafOf(index, rootOf(index))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const tree = new CheckpointTree(kernel, [rootOf(1), rootOf(2), rootOf(3)]);
    expect(tree.root).toBe(toHex(sortedPair(sortedPair(one, two), three)));
    expect(tree.proof(1)).toEqual([toHex(two), toHex(three)]);
    expect(tree.proof(3)).toEqual([toHex(sortedPair(one, two))]);
  });

  it("proves each of its checkpoints, and no other", () => {
    for (const count of [1, 2, 3, 7, 15, 16, 31]) {
      const roots = Array.from({ length: count }, (_, i) => rootOf(i + 1));
      const tree = new CheckpointTree(kernel, roots);
      for (let index = 1; index <= count; index++) {
        const proof = tree.proof(index);
        expect(verifyCheckpoint(kernel, tree.root, index, rootOf(index), proof)).toBe(true);
        expect(verifyCheckpoint(kernel, tree.root, index + 1, rootOf(index), proof)).toBe(false);
        expect(verifyCheckpoint(kernel, tree.root, index, rootOf(index + 1), proof)).toBe(false);
      }
      expect(() => tree.proof(0)).toThrow(/got -1/);
      expect(() => tree.proof(count + 1)).toThrow(`checkpoint below ${count}, got ${count}`);
    }
  });

  it("tells apart the same roots in another order", () => {
    const roots = [rootOf(1), rootOf(2), rootOf(3), rootOf(4)];
    expect(new CheckpointTree(kernel, roots).root).not.toBe(new CheckpointTree(kernel, [...roots].reverse()).root);
  });

  it("has the zero root without checkpoints", () => {
    expect(new CheckpointTree(kernel, []).root).toBe(emptyCheckpointRoot);
  });
});
