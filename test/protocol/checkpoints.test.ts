import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import {
  CheckpointTree,
  checkpointCount,
  checkpointLeaf,
  decodeCheckpoints,
  encodeCheckpoints,
} from "../../src/protocol/checkpoints.ts";
import { hashBytes, hashPair, hashWords, zeroRoot } from "../../src/protocol/hash.ts";

const roots = Array.from({ length: 7 }, (_, i) => hashWords(i + 100));

/** OpenZeppelin's MerkleProof: pairs are hashed in sorted order. */
function climb(leaf: Root, proof: readonly Root[]): Root {
  return proof.reduce((a, b) => (a < b ? hashPair(a, b) : hashPair(b, a)), leaf);
}

describe("a checkpoint list", () => {
  it("proves each of its roots at its index, and at no other", () => {
    for (let length = 1; length <= roots.length; length++) {
      const tree = new CheckpointTree({ roots: roots.slice(0, length) });
      for (let index = 1; index <= length; index++) {
        const proof = tree.proof(index);
        expect(climb(checkpointLeaf(index, roots[index - 1]!), proof)).toBe(tree.root);
        expect(climb(checkpointLeaf(index + 1, roots[index - 1]!), proof)).not.toBe(tree.root);
      }
    }
  });

  it("hashes its leaves twice, so that none can pass for an inner node", () => {
    expect(checkpointLeaf(3, roots[0]!)).toBe(hashBytes(hashWords(3, roots[0]!)));
    expect(checkpointLeaf(3, roots[0]!)).not.toBe(hashWords(3, roots[0]!));
  });

  it("proves nothing for its ends, which the claim itself holds", () => {
    const tree = new CheckpointTree({ roots });
    expect([tree.proof(0), tree.proof(8)]).toEqual([[], []]);
  });

  it.each([-1, 0.5, 9])("refuses to prove a checkpoint that is none: %d", (index) => {
    expect(() => new CheckpointTree({ roots }).proof(index)).toThrow(`no checkpoint ${index}, only 0 to 8`);
  });

  it("has a root of zero when it is empty", () => {
    expect(new CheckpointTree({ roots: [] }).root).toBe(zeroRoot);
    expect(checkpointCount(5, 5)).toBe(0);
    expect(checkpointCount(5, 2)).toBe(7);
  });

  it("comes back from its bytes, and refuses bytes of another length", () => {
    const bytes = encodeCheckpoints({ roots });
    expect(decodeCheckpoints(bytes, 7)).toEqual({ roots });
    expect(() => decodeCheckpoints(bytes, 6)).toThrow("expected 6 checkpoints, got 7");
    expect(() => decodeCheckpoints(bytes.subarray(1), 7)).toThrow("expected 7 checkpoints");
  });
});
