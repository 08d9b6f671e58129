/** Numbers of the on-disk format (Linux, fs/erofs/erofs_fs.h), as far as images without compression have them. */

export const blockSize = 4096;
/** Inodes begin at multiples of it; their numbers ("nid") count it. */
export const slotSize = 32;
export const direntSize = 12;

export const superblock = {
  offset: 1024,
  size: 128,
  magic: 0xe0f5e1e2,
  log2BlockSize: 12,
  /** The block that the superblock stands in has a checksum; inodes have modification times. */
  compatible: 3,
} as const;

/** Bytes of the two forms of an inode. */
export const inodeSize = { compact: 32, extended: 64 } as const;
/** Where the data is: in blocks of its own, or the part behind the last whole block right after the inode. */
export const layouts = { plain: 0, inline: 2 } as const;

/** What has inodes: the bits of `st_mode`, and the number that folders have for it. */
export const kinds = {
  file: { type: 0o100000, dirent: 1 },
  directory: { type: 0o040000, dirent: 2 },
  characterDevice: { type: 0o020000, dirent: 3 },
  blockDevice: { type: 0o060000, dirent: 4 },
  fifo: { type: 0o010000, dirent: 5 },
  socket: { type: 0o140000, dirent: 6 },
  symlink: { type: 0o120000, dirent: 7 },
} as const;
export type InodeKind = keyof typeof kinds;

/** Of an image. */
export const limits = {
  entries: 2 ** 20,
  name: 255,
  path: 4095,
  target: 4095,
  /** Bytes of all paths together: what a reader holds in memory. */
  allPaths: 2 ** 28,
  /** Major and minor numbers of devices. */
  major: 2 ** 12 - 1,
  minor: 2 ** 20 - 1,
} as const;

/** The kernel's 32-bit form of a device's numbers. */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** The reverse of `encodeDevice`. */
export function decodeDevice(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-32C that begins with all ones and is not inverted at the end: the superblock's. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return crc >>> 0;
}
