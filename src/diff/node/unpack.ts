import { promisify } from "node:util";
import { gunzip, inflateRaw, type ZlibOptions } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { isAssayError } from "../../core/errors.ts";
import type { Entry } from "../compareEntries.ts";
import { type DiffRun, refused } from "../diffRun.ts";

/** The content of a gzip file. @throws AssayError `diff/refused`, also when it is more than may be unpacked. */
export async function unpackGzip(run: DiffRun, file: Uint8Array): Promise<Uint8Array> {
  return await bounded(run, promisify<Uint8Array, ZlibOptions, Buffer>(gunzip), file);
}

/** A deflated entry of a zip archive. @param size that it must have. @throws AssayError `diff/refused` */
export async function unpackDeflated(run: DiffRun, bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const content = await bounded(run, promisify<Uint8Array, ZlibOptions, Buffer>(inflateRaw), bytes);
  if (content.length !== size) throw refused(`it has ${content.length} bytes, its header says ${size}`);
  return content;
}

async function bounded(
  run: DiffRun,
  unpack: (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer>,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  run.checkTime();
  try {
    const content = await unpack(bytes, { maxOutputLength: Math.max(1, run.bytesLeft) });
    run.unpacked(content.length);
    return content;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_BUFFER_TOO_LARGE") throw refused(`it is damaged (${message})`, cause);
    throw refused(`it unpacks to more than is left of the ${run.limits.unpackedBytes} bytes for everything`, cause);
  }
}

/** The entries of a tar archive: ustar, pax, GNU's long names. @throws AssayError `diff/refused` */
export async function readTar(run: DiffRun, file: Uint8Array): Promise<Entry[]> {
  const archive = extract();
  const entries: Entry[] = [];
  try {
    archive.end(file);
    for await (const entry of archive) {
      run.countEntry();
      const pieces: Buffer[] = [];
      for await (const piece of entry) pieces.push(piece as Buffer);
      const content = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      const { header } = entry;
      entries.push({ name: header.name, facts: factsOf(header), stored: content, read: async () => content });
    }
  } catch (cause) {
    throw isAssayError(cause) ? cause : refused(`it is damaged (${(cause as Error).message})`, cause);
  }
  return entries;
}

function factsOf(header: Header): Map<string, string> {
  const { mode, uid, gid, uname, gname, mtime, linkname, type, devmajor, devminor } = header;
  const facts = Object.entries({ type, linkname, uid, gid, uname, gname, devmajor, devminor })
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => [name, String(value)] as const);
  // What the other fields already hold is left out.
  const more = Object.entries(header.pax ?? {}).filter(([name]) => !["path", "linkpath", "size"].includes(name));
  return new Map([
    ["mode", mode.toString(8)],
    ["mtime", timeText(mtime)],
    ...facts,
    ...more.map(([name, value]) => [`pax ${name}`, String(value)] as const),
  ]);
}

function timeText(time: Date): string {
  return Number.isNaN(time.getTime()) ? "none" : time.toISOString();
}
