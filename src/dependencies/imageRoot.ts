import { fromHex, type Root, toHex } from "../core/bytes.ts";
import { type Hasher, hashBytes, pageBytes, pageLevels } from "../merkle/hasher.ts";
import { zeroRoots } from "../merkle/zeroRoots.ts";
import { checkAmount } from "./errors.ts";
import type { DependencyImage } from "./lock.ts";

const log2PageBytes = Math.log2(pageBytes);
/** Pages that are hashed at a time. */
const batch = 1024;

/** The smallest drive that holds so many bytes, as a power of two; a page at least. */
export function log2DriveSize(size: number): number {
  return Math.max(log2PageBytes, Math.ceil(Math.log2(size)));
}

/** Computes the root of the smallest drive that holds an image, from its parts one after another. */
export class ImageRoot {
  private readonly nodes: Uint8Array;
  private readonly waiting = new Uint8Array(batch * pageBytes);
  private held = 0;
  private pages = 0;

  /** @param size of the whole image: a multiple of 4,096. */
  constructor(
    private readonly hasher: Hasher,
    size: number,
  ) {
    this.nodes = new Uint8Array(2 ** (log2DriveSize(size) - log2PageBytes) * hashBytes);
  }

  add(part: Uint8Array): void {
    for (let at = 0; at < part.length; ) {
      const piece = part.subarray(at, at + this.waiting.length - this.held);
      this.waiting.set(piece, this.held);
      this.held += piece.length;
      at += piece.length;
      if (this.held === this.waiting.length) this.hashWaiting();
    }
  }

  root(): Root {
    this.hashWaiting();
    const zeros = zeroRoots(this.hasher, pageLevels)[pageLevels]!;
    for (let page = this.pages; page < this.nodes.length / hashBytes; page++) this.nodes.set(zeros, page * hashBytes);
    let nodes = this.nodes;
    while (nodes.length > hashBytes) {
      const parents = new Uint8Array(nodes.length / 2);
      const indices = Uint32Array.from({ length: parents.length / hashBytes }, (_, i) => i);
      this.hasher.hashNodesAt(nodes, indices, parents);
      nodes = parents;
    }
    return toHex(nodes);
  }

  private hashWaiting(): void {
    const count = this.held / pageBytes;
    const indices = Uint32Array.from({ length: count }, (_, i) => i);
    this.hasher.hashPagesAt(this.waiting.subarray(0, this.held), indices, this.nodes.subarray(this.pages * hashBytes));
    this.pages += count;
    this.held = 0;
  }
}

/**
 * The root of a drive of 2^log2Size bytes with this image in it, from what its lock says.
 * @throws AssayError `dependencies/too-large`
 */
export function rootInDrive(
  { size, root }: Pick<DependencyImage, "size" | "root">,
  log2Size: number,
  hasher: Hasher,
): Root {
  checkAmount("bytes of the dependency image", size, 2 ** log2Size);
  const zeros = zeroRoots(hasher, log2Size - log2PageBytes + pageLevels);
  let node = fromHex(root, hashBytes);
  for (let level = log2DriveSize(size); level < log2Size; level++) {
    node = hasher.hashPair(node, zeros[level - log2PageBytes + pageLevels]!);
  }
  return toHex(node);
}
