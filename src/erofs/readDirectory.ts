import { type ByteText, toByteText } from "./byteText.ts";
import { blockSize, direntSize, limits } from "./format.ts";
import type { ReadInode } from "./readInode.ts";
import { malformed } from "./readSuperblock.ts";

/** A name in a folder. */
export interface DirectoryLine {
  readonly name: ByteText;
  /** Of its inode. */
  readonly number: bigint;
  /** What the folder says of the inode's kind. */
  readonly dirent: number;
}

/** The names of a folder, `.` and `..` among them, strictly ascending. @throws AssayError `erofs/malformed` */
export function* readDirectory({ at, parts }: ReadInode): Generator<DirectoryLine> {
  let previous = "";
  for (const part of parts) {
    for (let start = 0; start < part.length; start += blockSize) {
      for (const line of readBlock(part.subarray(start, start + blockSize), at)) {
        if (line.name <= previous) throw malformed(at, "a folder whose names do not ascend");
        previous = line.name;
        yield line;
      }
    }
  }
}

/** @param at where the folder's inode stands. */
function* readBlock(block: Uint8Array, at: number): Generator<DirectoryLine> {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const first = block.length < direntSize ? 0 : view.getUint16(8, true);
  if (first < direntSize || first % direntSize !== 0 || first > block.length)
    throw malformed(at, "a folder without names");
  const count = first / direntSize;
  for (let i = 0; i < count; i++) {
    const nameAt = view.getUint16(i * direntSize + 8, true);
    const nextAt = i + 1 < count ? view.getUint16((i + 1) * direntSize + 8, true) : lastEnd(block, nameAt);
    if (nameAt < first || nextAt <= nameAt || nextAt > block.length)
      throw malformed(at, "a folder with a name out of place");
    const name = toByteText(block.subarray(nameAt, nextAt))!;
    if (name.length > limits.name || /[/\0]/.test(name)) throw malformed(at, "a folder with a name that cannot be");
    yield { name, number: view.getBigUint64(i * direntSize, true), dirent: view.getUint8(i * direntSize + 10) };
  }
}

/** The last name of a block ends before the first zero byte, or with the block. */
function lastEnd(block: Uint8Array, nameAt: number): number {
  const zero = block.indexOf(0, nameAt);
  return zero < 0 ? block.length : zero;
}
