import { blockSize, crc32c, superblock } from "./format.ts";
import type { ImagePlan } from "./plan.ts";

/** The first block of an image. */
export function encodeSuperblock(plan: ImagePlan, time: number): Uint8Array {
  const block = new Uint8Array(blockSize);
  const view = new DataView(block.buffer, superblock.offset);
  view.setUint32(0, superblock.magic, true);
  view.setUint32(8, superblock.compatible, true);
  view.setUint8(12, superblock.log2BlockSize);
  view.setUint16(14, plan.inodes[0]!.number, true);
  view.setBigUint64(16, BigInt(plan.inodes.length), true);
  view.setBigUint64(24, BigInt(time), true);
  view.setUint32(36, plan.metadataBlock + plan.metadataBlocks, true);
  view.setUint32(40, plan.metadataBlock, true);
  view.setUint32(4, crc32c(block.subarray(superblock.offset)), true);
  return block;
}
