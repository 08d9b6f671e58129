/** The root of a drive whose content comes in parts, of which no more than one piece is held. */
import { AssayError } from "../core/errors.ts";
import { type Hasher, hashBytes, leafBytes, pageBytes, pageLevels } from "../merkle/hasher.ts";
import { nonZeroPages, PageTree } from "../merkle/pageTree.ts";
import { zeroRoots } from "../merkle/zeroRoots.ts";

/** What is hashed at a time. */
export const pieceBytes = 2 ** 20;
const piecePages = pieceBytes / pageBytes;

/** Hashes the drive's pieces, wherever their nodes come from. */
export class DriveTree {
  private readonly tree: PageTree;
  private readonly capacity: number;

  /** A drive of 2^log2Size bytes, from 12 to 32, that is empty. */
  constructor(hasher: Hasher, log2Size: number) {
    this.capacity = 2 ** log2Size;
    this.tree = new PageTree(hasher, log2Size - Math.log2(leafBytes), this.capacity);
  }

  /** Takes the nodes of piece `number`, as `pieceNodes` gives them. */
  adopt(number: number, nodes: Uint8Array): void {
    this.tree.adopt(number * piecePages, nodes.subarray(0, this.tree.pages * hashBytes));
  }

  /** @throws AssayError `machine/bad-input` for content that is larger than the drive */
  check(bytes: number): void {
    if (bytes <= this.capacity) return;
    throw new AssayError("machine/bad-input", `a drive of ${this.capacity} bytes does not hold ${bytes}`, {
      expected: this.capacity,
      given: bytes,
    });
  }

  /** 32 bytes, not to be written to. */
  get root(): Uint8Array {
    return this.tree.root;
  }
}

/** The nodes of a piece's pages; undefined when all of it is zero. What is missing from its end is zero. */
export function pieceNodes(hasher: Hasher, piece: Uint8Array): Uint8Array | undefined {
  const pages = nonZeroPages(piece);
  if (pages.length === 0) return undefined;
  const count = Math.ceil(piece.length / pageBytes);
  const nodes = new Uint8Array(count * hashBytes);
  if (pages.length < count) {
    const zero = zeroRoots(hasher, pageLevels)[pageLevels]!;
    for (let page = 0; page < count; page++) nodes.set(zero, page * hashBytes);
  }
  hasher.hashPagesAt(piece, pages, nodes);
  return nodes;
}

/** The root of a drive whose content is handed over part by part. */
export class DriveHasher {
  private readonly hasher: Hasher;
  private readonly tree: DriveTree;
  private readonly piece = new Uint8Array(pieceBytes);
  private bytes = 0;

  /** An empty drive of 2^log2Size bytes, from 12 to 32. */
  constructor(hasher: Hasher, log2Size: number) {
    this.hasher = hasher;
    this.tree = new DriveTree(hasher, log2Size);
  }

  /** Takes the next bytes. @throws AssayError `machine/bad-input` when the drive is full */
  update(part: Uint8Array): void {
    this.tree.check(this.bytes + part.length);
    for (let at = 0; at < part.length; ) {
      const filled = this.bytes % pieceBytes;
      const count = Math.min(part.length - at, pieceBytes - filled);
      this.piece.set(part.subarray(at, at + count), filled);
      at += count;
      this.bytes += count;
      if (this.bytes % pieceBytes === 0) this.hash(pieceBytes);
    }
  }

  /** The root of the drive with what has come so far: 32 bytes, not to be written to. */
  root(): Uint8Array {
    if (this.bytes % pieceBytes !== 0) this.hash(this.bytes % pieceBytes);
    return this.tree.root;
  }

  private hash(length: number): void {
    const nodes = pieceNodes(this.hasher, this.piece.subarray(0, length));
    if (nodes !== undefined) this.tree.adopt(Math.ceil(this.bytes / pieceBytes) - 1, nodes);
  }
}
