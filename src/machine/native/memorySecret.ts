import { concatBytes } from "../../core/bytes.ts";
import { type Hasher, hashBytes } from "../../merkle/hasher.ts";
import type { PageTree } from "../../merkle/pageTree.ts";

/** Nodes that are hashed at a time: what fits into the hash kernel beside the hash so far. */
const nodesAtOnce = 1024;

/**
 * 32 bytes that follow from the whole memory, and that nobody can tell who does not have all of it: the hash of the nodes of all its
 * pages of 4 KiB, which a root hides and a proof shows a few of.
 */
export function memorySecret(hasher: Hasher, tree: PageTree): Uint8Array {
  let secret: Uint8Array = new Uint8Array(hashBytes);
  for (let first = 0; first < tree.pages; first += nodesAtOnce) {
    const count = Math.min(nodesAtOnce, tree.pages - first);
    const nodes = Array.from({ length: count }, (_, i) => tree.pageNodes.at(first + i));
    secret = hasher.hash(concatBytes(secret, ...nodes)).slice();
  }
  return secret;
}
