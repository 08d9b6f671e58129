import { crc32, deflateRawSync } from "node:zlib";
import { pack } from "tar-stream";

/** A file of an archive, by what a test says of it. */
export interface ArchivedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
  /** Seconds since 1970. */
  readonly time?: number;
}

const bytesOf = (content: string | Uint8Array) => Buffer.from(content as Uint8Array);

export async function tarOf(files: readonly ArchivedFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content, mode = 0o644, time = 0 } of files) {
    archive.entry({ name, mode, mtime: new Date(time * 1000) }, bytesOf(content));
  }
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** @param level 0 stores the files as they are. @param change makes of each directory entry what a test wants. */
export function zipOf(
  files: readonly ArchivedFile[],
  level = 6,
  change: (entry: Buffer, index: number) => void = () => {},
): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [index, { name, content, mode = 0o644 }] of files.entries()) {
    const raw = bytesOf(content);
    const stored = level === 0 ? raw : deflateRawSync(raw, { level });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(level === 0 ? 0 : 8, 4);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(crc32(raw), 10);
    fields.writeUInt32LE(stored.length, 14);
    fields.writeUInt32LE(raw.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    locals.push(Buffer.from("PK\x03\x04", "latin1"), fields, Buffer.from(name), stored);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02", "latin1");
    entry.writeUInt16LE(0x314, 4);
    fields.copy(entry, 6);
    entry.writeUInt32LE(mode * 2 ** 16, 38);
    entry.writeUInt32LE(offset, 42);
    change(entry, index);
    directory.push(entry, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + stored.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

/** An ELF file for 64 bits, little-endian, with these sections and nothing that could be run. */
export function elfOf(sections: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const named = Object.entries(sections).map(([name, content]) => ({ name, bytes: bytesOf(content) }));
  const names = Buffer.from(`\0${[...named.map(({ name }) => name), ".shstrtab"].join("\0")}\0`);
  const all = [...named, { name: ".shstrtab", bytes: names }];
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(243, 18);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(all.length + 1, 60);
  header.writeUInt16LE(all.length, 62);
  let offset = 64;
  const table = Buffer.alloc(64 * (all.length + 1));
  for (const [i, { name, bytes }] of all.entries()) {
    const at = 64 * (i + 1);
    table.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, at);
    table.writeUInt32LE(1, at + 4);
    table.writeBigUInt64LE(BigInt(offset), at + 24);
    table.writeBigUInt64LE(BigInt(bytes.length), at + 32);
    offset += bytes.length;
  }
  header.writeBigUInt64LE(BigInt(offset), 40);
  return Buffer.concat([header, ...all.map(({ bytes }) => bytes), table]);
}
