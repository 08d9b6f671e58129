import { MerkleTree } from "merkletreejs";
import { concatBytes, fromHex, type Root, toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { hashBytes, hashWords, zeroRoot } from "./hash.ts";

/**
 * The checkpoint list of a claim: state roots after every 2^log2CheckpointTicks ticks, without the first (the build) and
 * the last (the claim's final root). Its tree is the one OpenZeppelin's MerkleProof checks: leaves
 * `keccak256(keccak256(abi.encode(index, stateRoot)))`, pairs hashed in sorted order. A leaf is hashed twice because two
 * words are as long as an inner node.
 */
export interface CheckpointList {
  /** Roots of checkpoint 1, 2, ... `2^(log2Ticks - log2CheckpointTicks) - 1`. */
  readonly roots: readonly Root[];
}

/**
 * Most roots of a list that anybody reads: hashing a longer one would keep a verifier from its other disputes. A claim may
 * commit to more; it is then challenged over its whole range.
 */
export const mostCheckpoints = 2 ** 14;

/** Number of checkpoints between a claim's first and last state. */
export function checkpointCount(log2Ticks: number, log2CheckpointTicks: number): number {
  return 2 ** (log2Ticks - log2CheckpointTicks) - 1;
}

/** Leaf of checkpoint `index`. */
export function checkpointLeaf(index: number, stateRoot: Root): Root {
  return hashBytes(hashWords(index, stateRoot));
}

/** Tree over a checkpoint list. */
export class CheckpointTree {
  private readonly leaves: Uint8Array[];
  private readonly tree: MerkleTree;

  constructor(readonly list: CheckpointList) {
    this.leaves = list.roots.map((root, i) => fromHex(checkpointLeaf(i + 1, root)));
    this.tree = new MerkleTree(this.leaves as Buffer[], hashBuffer, { sortPairs: true });
  }

  /** The claim's `checkpointRoot`; 32 zero bytes for an empty list. */
  get root(): Root {
    return this.list.roots.length === 0 ? zeroRoot : toHex(this.tree.getRoot());
  }

  /** Proof of checkpoint `index`, lowest sibling first; empty for the two ends, which the claim itself holds. */
  proof(index: number): Root[] {
    const count = this.list.roots.length;
    if (!Number.isInteger(index) || index < 0 || index > count + 1) {
      throw new AssayError("protocol/bad-checkpoints", `the list has no checkpoint ${index}, only 0 to ${count + 1}`, {
        index,
        count,
      });
    }
    if (index === 0 || index === count + 1) return [];
    return this.tree
      .getProof(this.leaves[index - 1] as Buffer, index - 1)
      .map((node: { data: Uint8Array }) => toHex(node.data));
  }
}

/** The list as bytes: 32 for each root. This is what a solver publishes. */
export function encodeCheckpoints(list: CheckpointList): Uint8Array {
  return concatBytes(...list.roots.map((root) => fromHex(root, 32)));
}

/**
 * Reads a published list.
 * @param count number of roots that the claim's fields imply.
 * @throws AssayError `protocol/bad-checkpoints` when the length differs.
 */
export function decodeCheckpoints(bytes: Uint8Array, count: number): CheckpointList {
  if (bytes.length !== 32 * count) {
    throw new AssayError("protocol/bad-checkpoints", `expected ${count} checkpoints, got ${bytes.length / 32}`, {
      expected: 32 * count,
      given: bytes.length,
    });
  }
  return { roots: Array.from({ length: count }, (_, i) => toHex(bytes.subarray(32 * i, 32 * i + 32))) };
}

function hashBuffer(data: Uint8Array): Uint8Array {
  return fromHex(hashBytes(data));
}
