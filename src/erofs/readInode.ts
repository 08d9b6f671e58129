import { blockSize, type InodeKind, inodeSize, kinds, layouts, slotSize } from "./format.ts";
import { malformed, type Superblock } from "./readSuperblock.ts";

/** An inode of an image, and where its data is: all within the image. */
export interface ReadInode {
  /** Where it stands, in bytes. */
  readonly at: number;
  readonly kind: InodeKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly time: number;
  readonly size: number;
  readonly device: number;
  /** The data's parts, as views. */
  readonly parts: readonly Uint8Array[];
}

const kindOfType = new Map(Object.entries(kinds).map(([kind, { type }]) => [type as number, kind as InodeKind]));
const hasData: readonly InodeKind[] = ["file", "directory", "symlink"];

/** @param number as folders say it. @throws AssayError `erofs/malformed` */
export function readInode(bytes: Uint8Array, number: bigint, { metadataAt, time }: Superblock): ReadInode {
  const slots = BigInt((bytes.length - metadataAt) / slotSize);
  if (number >= slots) throw malformed(metadataAt, `an inode ${number}, beyond the end`);
  const at = metadataAt + Number(number) * slotSize;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, Math.min(inodeSize.extended, bytes.length - at));
  const format = view.getUint16(0, true);
  const extended = (format & 1) !== 0;
  const layout = format >> 1;
  if (layout !== layouts.plain && layout !== layouts.inline) throw malformed(at, `an inode of format ${format}`);
  if (extended && view.byteLength < inodeSize.extended) throw malformed(at, "an inode that is cut off");
  if (view.getUint16(2, true) !== 0) throw malformed(at + 2, "extended attributes");
  const modeAndType = view.getUint16(4, true);
  const kind = kindOfType.get(modeAndType & 0o170000);
  if (kind === undefined) throw malformed(at + 4, `an inode of mode ${modeAndType.toString(8)}`);
  const size = extended ? safe(view.getBigUint64(8, true), at + 8) : view.getUint32(8, true);
  const isDevice = kind === "characterDevice" || kind === "blockDevice";
  const where = view.getUint32(16, true);
  if (size > 0 && !hasData.includes(kind)) throw malformed(at + 8, `a ${kind} with data`);
  const tailAt = at + (extended ? inodeSize.extended : inodeSize.compact);
  return {
    at,
    kind,
    mode: modeAndType & 0o7777,
    uid: extended ? view.getUint32(24, true) : view.getUint16(24, true),
    gid: extended ? view.getUint32(28, true) : view.getUint16(26, true),
    time: extended ? safe(view.getBigUint64(32, true), at + 32) : time,
    size,
    device: isDevice ? where : 0,
    parts: partsOf(bytes, where * blockSize, size, layout === layouts.inline ? tailAt : undefined),
  };
}

/** @param tailAt where the part behind the last whole block stands, if it is not with the blocks. */
function partsOf(bytes: Uint8Array, blocksAt: number, size: number, tailAt: number | undefined): Uint8Array[] {
  const tail = tailAt === undefined ? 0 : size % blockSize;
  const inBlocks = size - tail;
  const parts: Uint8Array[] = [];
  if (inBlocks > 0) {
    if (blocksAt === 0 || blocksAt + inBlocks > bytes.length) throw malformed(blocksAt, `data of ${size} bytes`);
    parts.push(bytes.subarray(blocksAt, blocksAt + inBlocks));
  }
  if (tailAt !== undefined && tail > 0) {
    const blockEnd = Math.floor((tailAt - 1) / blockSize + 1) * blockSize;
    if (tailAt + tail > blockEnd) throw malformed(tailAt, "data that crosses the end of its inode's block");
    parts.push(bytes.subarray(tailAt, tailAt + tail));
  }
  return parts;
}

function safe(value: bigint, at: number): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(at, `the number ${value}`);
  return Number(value);
}
