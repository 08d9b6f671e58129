import { extract, type Header } from "tar-stream";
import { concatBytes } from "../core/bytes.ts";
import { isAssayError } from "../core/errors.ts";
import type { Entry } from "./compareEntries.ts";
import { type DiffRun, refused } from "./diffRun.ts";

/** The entries of a tar archive: ustar, pax, GNU's long names. @throws AssayError `diff/refused` */
export async function readTar(run: DiffRun, file: Uint8Array): Promise<Entry[]> {
  const archive = extract();
  const entries: Entry[] = [];
  try {
    archive.end(file);
    for await (const entry of archive) {
      run.countEntry();
      const pieces: Uint8Array[] = [];
      for await (const piece of entry) pieces.push(piece as Uint8Array);
      const content = pieces.length === 1 ? pieces[0]! : concatBytes(...pieces);
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
