import { AssayError } from "../core/errors.ts";
import { blockSize, crc32c, limits, superblock } from "./format.ts";

/** What a superblock says. */
export interface Superblock {
  readonly time: number;
  /** The root's inode: its slot in the metadata. */
  readonly root: number;
  /** Where the metadata begins, in bytes. */
  readonly metadataAt: number;
}

/** @throws AssayError `erofs/malformed` where it is not that of an uncompressed image of exactly these bytes */
export function readSuperblock(bytes: Uint8Array): Superblock {
  if (bytes.length < 2 * blockSize || bytes.length % blockSize !== 0)
    throw malformed(0, `it has ${bytes.length} bytes, which are not two or more blocks of ${blockSize}`);
  const { offset } = superblock;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, superblock.size);
  if (view.getUint32(0, true) !== superblock.magic) throw malformed(offset, "no magic number");
  if (view.getUint8(12) !== superblock.log2BlockSize || view.getUint8(90) !== 0)
    throw malformed(offset + 12, `blocks of another size than ${blockSize} bytes`);
  if (view.getUint32(80, true) !== 0)
    throw malformed(offset + 80, "features beyond plain files, for example compression");
  if (view.getUint8(13) !== 0 || view.getUint16(86, true) !== 0) throw malformed(offset + 13, "data on other devices");
  if ((view.getUint32(8, true) & 1) !== 0) checkChecksum(bytes, view);
  const blocks = view.getUint32(36, true);
  if (blocks * blockSize !== bytes.length) throw malformed(offset + 36, `${blocks} blocks in ${bytes.length} bytes`);
  const time = view.getBigUint64(24, true);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(offset + 24, `the time ${time}`);
  if (view.getBigUint64(16, true) > BigInt(limits.entries)) throw malformed(offset + 16, "too many inodes");
  const metadataBlock = view.getUint32(40, true);
  if (metadataBlock >= blocks) throw malformed(offset + 40, `metadata in block ${metadataBlock} of ${blocks}`);
  return { time: Number(time), root: view.getUint16(14, true), metadataAt: metadataBlock * blockSize };
}

function checkChecksum(bytes: Uint8Array, view: DataView): void {
  const block = new Uint8Array(bytes.subarray(superblock.offset, blockSize));
  block.fill(0, 4, 8);
  if (crc32c(block) !== view.getUint32(4, true)) throw malformed(superblock.offset + 4, "a wrong checksum");
}

/** @param fact what is found there. */
export function malformed(offset: number, fact: string) {
  return new AssayError("erofs/malformed", `not an image that can be read: ${fact} (at byte ${offset})`, { offset });
}
