import { AssayError } from "../core/errors.ts";
import { checkTree, compareBytes, limits } from "./checkTree.ts";
import type { Entry, SourceTree } from "./source.ts";

/** Bytes that an input drive holds when nothing else is said: that of the release tarball. */
export const driveCapacity = 2 ** 26;

const magic = new TextEncoder().encode("ASSAYSRC");
const version = 1;
const headerSize = 64;
const headSize = 8;
const kinds = ["file", "executable", "symlink"] as const;

/**
 * The tree as the used bytes of an input drive (README, "The drive"). The order of the entries has no influence.
 * @throws AssayError one of the `source/...` codes about trees, `source/too-large` among them
 */
export function encodeDrive(tree: SourceTree, capacity = driveCapacity): Uint8Array {
  const entries = checkTree(tree);
  const name = new TextEncoder().encode(tree.name);
  const sizes = entries.map(({ pathBytes, content }) => align(headSize + pathBytes.length + content.length));
  const size = sizes.reduce((sum, each) => sum + each, headerSize + align(name.length));
  if (size > capacity) throw tooLarge(size, capacity);

  const drive = new Uint8Array(size);
  const view = new DataView(drive.buffer);
  drive.set(magic, 0);
  view.setUint32(8, version, true);
  view.setUint32(12, entries.length, true);
  view.setBigUint64(16, BigInt(tree.time), true);
  view.setUint32(24, size, true);
  view.setUint32(28, name.length, true);
  drive.set(name, headerSize);
  let at = headerSize + align(name.length);
  for (const [i, { kind, pathBytes, content }] of entries.entries()) {
    view.setUint16(at, kinds.indexOf(kind), true);
    view.setUint16(at + 2, pathBytes.length, true);
    view.setUint32(at + 4, content.length, true);
    drive.set(pathBytes, at + headSize);
    drive.set(content, at + headSize + pathBytes.length);
    at += sizes[i]!;
  }
  return drive;
}

/** The refusal of a tree of `size` bytes. */
export function tooLarge(size: number, capacity: number) {
  return new AssayError(
    "source/too-large",
    `the source takes at least ${size} bytes of the input drive, which holds ${capacity}: build a smaller tree`,
    { size, capacity },
  );
}

/**
 * Reads a drive back. `bytes` may be the used part alone or a whole drive; what follows the used part must be zero.
 * Accepts exactly what `encodeDrive` makes.
 * @throws AssayError `source/malformed-drive`, or one of the codes about trees
 */
export function decodeDrive(bytes: Uint8Array): SourceTree {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerSize || compareBytes(bytes.subarray(0, 8), magic) !== 0)
    throw malformed(0, "no magic number");
  if (view.getUint32(8, true) !== version)
    throw malformed(8, `version ${view.getUint32(8, true)}, expected ${version}`);
  const count = view.getUint32(12, true);
  const time = Number(view.getBigUint64(16, true));
  const size = view.getUint32(24, true);
  const nameLength = view.getUint32(28, true);
  if (size % 8 !== 0 || size > bytes.length) throw malformed(24, `size ${size} of ${bytes.length} bytes`);
  if (nameLength > limits.name || headerSize + align(nameLength) > size)
    throw malformed(28, `name of ${nameLength} bytes`);
  requireZero(bytes, 32, headerSize);
  requireZero(bytes, headerSize + nameLength, headerSize + align(nameLength));

  const entries: Entry[] = [];
  let at = headerSize + align(nameLength);
  let previous = new Uint8Array();
  for (let i = 0; i < count; i++) {
    const { entry, pathBytes, end } = decodeEntry(bytes, view, at, size);
    if (compareBytes(previous, pathBytes) >= 0) throw malformed(at, "entries do not ascend");
    entries.push(entry);
    previous = pathBytes;
    at = end;
  }
  if (at !== size) throw malformed(at, `${count} entries end here, the size says ${size}`);
  requireZero(bytes, size, bytes.length);
  const tree = { name: decodeText(bytes.subarray(headerSize, headerSize + nameLength), headerSize), time, entries };
  checkTree(tree);
  return tree;
}

function decodeEntry(bytes: Uint8Array, view: DataView, at: number, size: number) {
  if (at + headSize > size) throw malformed(at, "entry is cut off");
  const kind = kinds[view.getUint16(at, true)];
  const pathStart = at + headSize;
  const contentStart = pathStart + view.getUint16(at + 2, true);
  const contentEnd = contentStart + view.getUint32(at + 4, true);
  const end = align(contentEnd);
  if (kind === undefined) throw malformed(at, `unknown kind ${view.getUint16(at, true)}`);
  if (end > size) throw malformed(at, "entry is cut off");
  requireZero(bytes, contentEnd, end);
  const pathBytes = bytes.slice(pathStart, contentStart);
  const entry: Entry = { path: decodeText(pathBytes, pathStart), kind, content: bytes.slice(contentStart, contentEnd) };
  return { entry, pathBytes, end };
}

function decodeText(bytes: Uint8Array, at: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(at, "text is not UTF-8");
  }
}

function requireZero(bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) throw malformed(i, "expected a zero byte");
}

function malformed(offset: number, fact: string) {
  return new AssayError("source/malformed-drive", `not a source drive: ${fact} at byte ${offset}`, { offset });
}

function align(size: number): number {
  return Math.ceil(size / 8) * 8;
}
