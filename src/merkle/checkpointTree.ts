/**
 * The tree over a claim's checkpoints, in the form OpenZeppelin's `MerkleProof` verifies: sorted pairs, and leaves
 * `keccak(keccak(abi.encode(uint256 index, bytes32 stateRoot)))`. Hashing twice keeps a leaf from passing for a node.
 */
import { MerkleTree } from "merkletreejs";
import { equalBytes, fromHex, type Root, toHex } from "../core/bytes.ts";
import { checkRange } from "./errors.ts";
import { type Hasher, hashBytes } from "./hasher.ts";

/** Root of a list without checkpoints: what a claim of a single interval carries. */
export const emptyCheckpointRoot: Root = `0x${"00".repeat(hashBytes)}`;

export class CheckpointTree {
  readonly root: Root;
  private readonly hasher: Hasher;
  private readonly stateRoots: readonly Root[];
  private readonly tree: MerkleTree;

  /** `stateRoots[i]` is the checkpoint of index `i + 1`: index 0 and the end of the last interval are in the claim. */
  constructor(hasher: Hasher, stateRoots: readonly Root[]) {
    this.hasher = hasher;
    this.stateRoots = stateRoots;
    const leaves = stateRoots.map((root, i) => checkpointLeaf(hasher, i + 1, root));
    this.tree = new MerkleTree(leaves, (bytes: Uint8Array) => hasher.hash(bytes), { sortPairs: true });
    this.root = stateRoots.length === 0 ? emptyCheckpointRoot : toHex(this.tree.getRoot());
  }

  /** Siblings of the checkpoint of this index (from 1), lowest first. */
  proof(index: number): Root[] {
    checkRange("checkpoint", index - 1, this.stateRoots.length);
    const leaf = checkpointLeaf(this.hasher, index, this.stateRoots[index - 1]!);
    return this.tree.getProof(leaf as Buffer, index - 1).map(({ data }) => toHex(data));
  }
}

/** True when the list with this root holds `stateRoot` at `index`. */
export function verifyCheckpoint(
  hasher: Hasher,
  root: Root,
  index: number,
  stateRoot: Root,
  proof: readonly Root[],
): boolean {
  let node = checkpointLeaf(hasher, index, stateRoot);
  for (const step of proof) {
    const sibling = fromHex(step, hashBytes);
    node = precedes(node, sibling) ? hasher.hashPair(node, sibling) : hasher.hashPair(sibling, node);
  }
  return equalBytes(node, fromHex(root, hashBytes));
}

function checkpointLeaf(hasher: Hasher, index: number, stateRoot: Root): Uint8Array {
  const encoded = new Uint8Array(64);
  new DataView(encoded.buffer).setBigUint64(24, BigInt(index));
  encoded.set(fromHex(stateRoot, hashBytes), 32);
  return hasher.hash(hasher.hash(encoded));
}

function precedes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return true;
}
