import type { Entry } from "./compareEntries.ts";
import { type DiffRun, refused } from "./diffRun.ts";

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const mostComment = 0xffff;
const zip64 = 0xffffffff;

/** Decompresses one entry. @param size that it has by its header. */
export type Inflate = (bytes: Uint8Array, size: number) => Promise<Uint8Array>;

/**
 * The entries of a zip archive (APPNOTE 6.3), by its central directory: stored and deflated ones can be read. Not zip64.
 * @throws AssayError `diff/refused`
 */
export function readZip(run: DiffRun, file: Uint8Array, inflate: Inflate): Entry[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === zip64) throw refused("it is a zip64 archive");
  const entries: Entry[] = [];
  let stored = 0;
  for (let i = 0; i < count; i++) {
    run.countEntry();
    if (at + 46 > end || view.getUint32(at, true) !== centralSignature) throw refused("its directory is damaged");
    const { entry, next } = entryAt(file, view, at, inflate);
    stored += entry.stored.length;
    // Entries that lie over each other could be unpacked without end.
    if (stored > file.length) throw refused("its entries lie over each other");
    entries.push(entry);
    at = next;
  }
  return entries;
}

function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - endBytes - mostComment);
  for (let at = view.byteLength - endBytes; at >= first; at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  throw refused("it has no directory");
}

function entryAt(file: Uint8Array, view: DataView, at: number, inflate: Inflate) {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [stored, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((more) => view.getUint16(at + more, true)) as [
    number,
    number,
    number,
  ];
  const extraAt = at + 46 + nameBytes;
  const next = extraAt + extraBytes + commentBytes;
  if (next > file.length) throw refused("its directory is damaged");
  const text = (from: number, length: number) => new TextDecoder().decode(file.subarray(from, from + length));
  const name = text(at + 46, nameBytes);
  const content = contentAt(file, view, view.getUint32(at + 42, true), stored, name);
  const entry: Entry = {
    name,
    facts: new Map([
      ["modified", timeText(view.getUint16(at + 14, true), view.getUint16(at + 12, true))],
      ["mode", (view.getUint32(at + 38, true) >>> 16).toString(8)],
      ["attributes", `0x${(view.getUint32(at + 38, true) & 0xffff).toString(16)}`],
      ["method", String(method)],
      ["flags", `0x${flags.toString(16)}`],
      ["made by", `0x${view.getUint16(at + 4, true).toString(16)}`],
      ["extra field", hexOf(file.subarray(extraAt, extraAt + Math.min(extraBytes, 100)))],
      ["comment", text(extraAt + extraBytes, commentBytes)],
    ]),
    stored: content,
    read: async () => {
      if ((flags & 1) !== 0) throw refused("it is encrypted");
      if (method === 0) return content;
      if (method === 8) return await inflate(content, size);
      throw refused(`it is compressed by the method ${method}`);
    },
  };
  return { entry, next };
}

function contentAt(file: Uint8Array, view: DataView, at: number, size: number, name: string): Uint8Array {
  if (at + 30 > file.length || view.getUint32(at, true) !== localSignature)
    throw refused(`${name} is not where it should be`);
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + size > file.length) throw refused(`${name} is cut off`);
  return file.subarray(start, start + size);
}

/** MS-DOS's date and time: two-second steps, without a zone. */
function timeText(date: number, time: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two(2 * (time & 31))}`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
