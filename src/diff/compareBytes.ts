import type { DiffRun } from "./diffRun.ts";
import { mostExcerpt, mostTextBytes } from "./limits.ts";

/** Bytes that are shown of each side. */
const shownBytes = 16;

/**
 * Says where two contents that differ do so first: the line of a text, the offset of anything else.
 * @param part of the file that they are, for what is said; the whole file if it is empty.
 */
export function compareBytes(run: DiffRun, path: string, first: Uint8Array, second: Uint8Array, part = ""): void {
  const offset = commonLength(first, second);
  const what = (of: string) => (part === "" ? of : `${part}: ${of}`);
  if (isText(first) && isText(second)) {
    const line = lineAt(first, offset);
    const [ours, theirs] = [textOfLine(first, line.start), textOfLine(second, line.start)];
    run.add({ path, kind: "text", what: what(`line ${line.number}`), first: ours, second: theirs, offset });
    return;
  }
  const extent =
    first.length === second.length
      ? `${countDifferent(first, second, offset)} of ${first.length} bytes`
      : `bytes, ${first.length} and ${second.length} of them`;
  const [ours, theirs] = [hexAt(first, offset), hexAt(second, offset)];
  run.add({ path, kind: "bytes", what: what(`${extent}, from ${offset} on`), first: ours, second: theirs, offset });
}

function commonLength(first: Uint8Array, second: Uint8Array): number {
  const end = Math.min(first.length, second.length);
  let at = 0;
  while (at < end && first[at] === second[at]) at++;
  return at;
}

function countDifferent(first: Uint8Array, second: Uint8Array, from: number): number {
  let count = 0;
  for (let at = from; at < first.length; at++) if (first[at] !== second[at]) count++;
  return count;
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.length > mostTextBytes || bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The line in which an offset is, counted from 1. Both contents are the same before it. */
function lineAt(bytes: Uint8Array, offset: number): { readonly number: number; readonly start: number } {
  let number = 1;
  let start = 0;
  for (let at = 0; at < offset; at++) {
    if (bytes[at] !== 0x0a) continue;
    number++;
    start = at + 1;
  }
  return { number, start };
}

/** Undefined where the text has ended before. */
function textOfLine(bytes: Uint8Array, start: number): string | undefined {
  if (start >= bytes.length) return undefined;
  const end = bytes.indexOf(0x0a, start);
  const most = start + 4 * mostExcerpt;
  const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end === -1 ? bytes.length : end, most)));
  return excerpt(text);
}

function hexAt(bytes: Uint8Array, offset: number): string | undefined {
  if (offset >= bytes.length) return undefined;
  const shown = bytes.subarray(offset, offset + shownBytes);
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return offset + shownBytes < bytes.length ? `${hex} …` : hex;
}

/** As much of a text as is shown. */
export function excerpt(text: string): string {
  return text.length > mostExcerpt ? `${text.slice(0, mostExcerpt)}…` : text;
}
