import { concatBytes } from "../core/bytes.ts";

/** The files of a git folder, byte for byte: nothing in them depends on a version of git or zlib. */

const ascii = new TextEncoder();

/** A line of the index. */
export interface IndexLine {
  readonly path: Uint8Array;
  /** As git writes it: 0o100644, 0o100755, 0o120000, 0o160000. */
  readonly mode: number;
  /** Bytes of the object id. */
  readonly id: Uint8Array;
  /** Bytes of the file in the working tree. */
  readonly size: number;
  /** Whether the file is not what its object holds, and git is to take it as unchanged all the same. */
  readonly differs: boolean;
}

/** A loose object: stored, not compressed. */
export function encodeLooseObject(type: string, content: Uint8Array): Uint8Array {
  return storeZlib(concatBytes(ascii.encode(`${type} ${content.length}\0`), content));
}

/** Bytes as a zlib stream that does not compress. */
function storeZlib(bytes: Uint8Array): Uint8Array {
  const mostInBlock = 0xffff;
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; ; at += mostInBlock) {
    const block = bytes.subarray(at, at + mostInBlock);
    const isLast = at + mostInBlock >= bytes.length;
    const head = new DataView(new ArrayBuffer(5));
    head.setUint8(0, isLast ? 1 : 0);
    head.setUint16(1, block.length, true);
    head.setUint16(3, block.length ^ 0xffff, true);
    parts.push(new Uint8Array(head.buffer), block);
    if (isLast) break;
  }
  const sum = new DataView(new ArrayBuffer(4));
  sum.setUint32(0, adler32(bytes));
  return concatBytes(...parts, new Uint8Array(sum.buffer));
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < bytes.length; ) {
    // As many as cannot overflow.
    for (const end = Math.min(at + 3800, bytes.length); at < end; at++) {
      a += bytes[at]!;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/**
 * An index of version 2, without its checksum at the end.
 * @param lines ascending by the bytes of their paths. @param time modification time of all files, seconds since 1970.
 */
export function encodeIndex(lines: readonly IndexLine[], time: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(12));
  new Uint8Array(head.buffer).set(ascii.encode("DIRC"));
  head.setUint32(4, 2);
  head.setUint32(8, lines.length);
  return concatBytes(new Uint8Array(head.buffer), ...lines.map((line) => encodeIndexLine(line, time)));
}

function encodeIndexLine({ path, mode, id, size, differs }: IndexLine, time: number): Uint8Array {
  const fixed = 40 + id.length + 2;
  const bytes = new Uint8Array((fixed + path.length + 8) & ~7);
  const view = new DataView(bytes.buffer);
  const seconds = time % 2 ** 32;
  view.setUint32(0, seconds);
  view.setUint32(8, seconds);
  view.setUint32(24, mode);
  view.setUint32(36, size % 2 ** 32);
  bytes.set(id, 40);
  view.setUint16(40 + id.length, (differs ? 0x8000 : 0) | Math.min(path.length, 0xfff));
  bytes.set(path, fixed);
  return bytes;
}

/** A tag and what it leads to. */
export interface PackedTag {
  /** `refs/tags/...` */
  readonly ref: string;
  readonly id: string;
  /** The commit behind an annotated tag; undefined where the tag is the commit's own. */
  readonly commit: string | undefined;
}

/** The file `packed-refs`. @param tags ascending by their refs. */
export function encodePackedRefs(tags: readonly PackedTag[]): Uint8Array {
  const lines = ["# pack-refs with: peeled fully-peeled sorted "];
  for (const { ref, id, commit } of tags) {
    lines.push(`${id} ${ref}`);
    if (commit !== undefined) lines.push(`^${commit}`);
  }
  return ascii.encode(`${lines.join("\n")}\n`);
}

/** The file `config`. @param idLength digits of object ids: 40 or 64. */
export function encodeConfig(idLength: number): Uint8Array {
  const isSha256 = idLength === 64;
  // Files have one time and no other facts that could be known; sizes and whole seconds are all there is to compare.
  const core = [
    `repositoryformatversion = ${isSha256 ? 1 : 0}`,
    "filemode = true",
    "bare = false",
    "checkStat = minimal",
    "trustctime = false",
  ];
  const extensions = isSha256 ? "[extensions]\n\tobjectformat = sha256\n" : "";
  return ascii.encode(`[core]\n${core.map((line) => `\t${line}\n`).join("")}${extensions}`);
}
