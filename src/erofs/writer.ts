import { AssayError } from "../core/errors.ts";
import { quoted } from "./byteText.ts";
import { encodeDirectory } from "./directory.ts";
import { type ErofsContent, type ErofsEntry, type ErofsOptions, isBytes, type ReadyContent } from "./entry.ts";
import { blockSize, slotSize } from "./format.ts";
import { inodeBytes, type PlacedInode, writeInode } from "./inode.ts";
import { type ImagePlan, planImage } from "./plan.ts";
import { encodeSuperblock } from "./superblock.ts";
import { buildTree } from "./tree.ts";

/**
 * An image of these entries, without compression (README). Equal trees and times give equal bytes, whatever the order of the entries;
 * folders that paths imply are made (mode 755, owner 0). All is planned at once; contents are read when the image is written, each of
 * them once, in the image's order.
 */
export class ErofsWriter {
  private readonly plan: ImagePlan;
  private readonly time: number;
  /** Bytes of the image: a multiple of 4,096. */
  readonly size: number;
  /** Files, folders, links and devices: inodes. */
  readonly inodes: number;

  /** @throws AssayError the `erofs/...` codes about entries */
  constructor(entries: Iterable<ErofsEntry>, options: ErofsOptions) {
    this.time = options.time;
    this.plan = planImage(buildTree(entries, options), options.time);
    this.size = (this.plan.metadataBlock + this.plan.metadataBlocks) * blockSize;
    this.inodes = this.plan.inodes.length;
  }

  /**
   * The image in parts, one after another, of any size. In memory at a time: the metadata (inodes, small files, ends of larger
   * ones), and what a content gives at once.
   * @throws AssayError `erofs/other-size`
   */
  chunks(): AsyncGenerator<Uint8Array> {
    return this.stream(this.newMetadata());
  }

  /** The same where every content is a `ReadyContent`. @throws AssayError `erofs/other-size` */
  readyChunks(): Generator<Uint8Array> {
    return this.readyStream(this.newMetadata());
  }

  /** Gives the image to `sink`, part by part, each when the one before has been taken. @throws AssayError `erofs/other-size` */
  async writeTo(sink: (part: Uint8Array) => void | Promise<void>): Promise<void> {
    for await (const part of this.chunks()) await sink(part);
  }

  /**
   * The image in memory.
   * @param target where to write it, for example a part of a drive: its first `size` bytes, which must be zero.
   * @throws AssayError `erofs/other-size`
   */
  async encode(target: Uint8Array = new Uint8Array(this.size)): Promise<Uint8Array> {
    const image = target.subarray(0, this.size);
    let at = 0;
    for await (const part of this.stream(this.metadataOf(image))) {
      image.set(part, at);
      at += part.length;
    }
    return image;
  }

  /** The same where every content is a `ReadyContent`. @throws AssayError `erofs/other-size` */
  encodeReady(target: Uint8Array = new Uint8Array(this.size)): Uint8Array {
    const image = target.subarray(0, this.size);
    let at = 0;
    for (const part of this.readyStream(this.metadataOf(image))) {
      image.set(part, at);
      at += part.length;
    }
    return image;
  }

  private newMetadata(): Uint8Array {
    return new Uint8Array(this.plan.metadataBlocks * blockSize);
  }

  /** Where the metadata stands in an image. */
  private metadataOf(image: Uint8Array): Uint8Array {
    return image.subarray(this.plan.metadataBlock * blockSize);
  }

  private async *stream(metadata: Uint8Array): AsyncGenerator<Uint8Array> {
    for (const part of this.parts(metadata)) {
      if (isBytes(part)) yield part;
      else for await (const bytes of part.content.read()) yield* part.take(bytes);
    }
  }

  private *readyStream(metadata: Uint8Array): Generator<Uint8Array> {
    for (const part of this.parts(metadata)) {
      if (isBytes(part)) yield part;
      else for (const bytes of part.content.read() as Iterable<Uint8Array>) yield* part.take(bytes);
    }
  }

  /** The image in its order: bytes, or contents to be read and passed through. Fills the metadata on the way, which comes last. */
  private *parts(metadata: Uint8Array): Generator<Uint8Array | DataSplitter> {
    yield encodeSuperblock(this.plan, this.time);
    const { inodes } = this.plan;
    const numbers = new Map(inodes.map(({ node, number }) => [node, number]));
    const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength);
    for (const inode of inodes) {
      const at = inode.number * slotSize;
      writeInode(view, at, inode);
      const { node } = inode;
      const content =
        node.kind === "directory" ? encodeDirectory(node, inode.parent, (each) => numbers.get(each)!) : node.content;
      if (content === undefined) continue;
      const splitter = new DataSplitter(inode, content, metadata.subarray(at + inodeBytes(inode.extended)));
      if (isBytes(content)) yield* splitter.take(content);
      else yield splitter;
      splitter.requireEnd();
      const padding = inode.tail > 0 ? 0 : inode.blocks * blockSize - inode.size;
      if (padding > 0) yield new Uint8Array(padding);
    }
    yield metadata;
  }
}

/** Divides a content that comes in parts into what stands in blocks and the tail behind the inode. */
class DataSplitter {
  private at = 0;
  readonly content: Exclude<ErofsContent, Uint8Array>;

  constructor(
    private readonly inode: PlacedInode,
    content: ErofsContent,
    private readonly tail: Uint8Array,
  ) {
    this.content = content as Exclude<ErofsContent, Uint8Array>;
  }

  /** What of the next part stands in blocks. */
  *take(part: Uint8Array): Generator<Uint8Array> {
    const { size } = this.inode;
    if (this.at + part.length > size) throw this.otherSize(this.at + part.length);
    const inBlocks = size - this.inode.tail - this.at;
    if (inBlocks > 0) yield part.subarray(0, inBlocks);
    const rest = part.subarray(Math.max(0, inBlocks));
    this.tail.set(rest, Math.max(0, -inBlocks));
    this.at += part.length;
  }

  requireEnd(): void {
    if (this.at !== this.inode.size) throw this.otherSize(this.at);
  }

  private otherSize(given: number) {
    const { path } = this.inode.node;
    return new AssayError(
      "erofs/other-size",
      `${quoted(path)} was to have ${this.inode.size} bytes, it has ${given < this.inode.size ? "" : "at least "}${given}: is it being changed?`,
      { path, expected: this.inode.size, given },
    );
  }
}

/** The image of entries whose contents are at hand. @throws AssayError the `erofs/...` codes about entries */
export function encodeErofs(entries: Iterable<ErofsEntry<ReadyContent>>, options: ErofsOptions): Uint8Array {
  return new ErofsWriter(entries, options).encodeReady();
}
