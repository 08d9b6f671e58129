import type { PageRange } from "../../merkle/dirtyPages.ts";
import { pageBytes } from "../../merkle/hasher.ts";
import type { MemoryImage } from "../program.ts";
import { equalContents } from "./driveContents.ts";

/** Put together at a time. */
const pagesAtATime = 256;

/**
 * Makes the memory hold these images and zeros everywhere else.
 * @param content the pages that the images are in, ascending.
 * @param filled the pages that may hold anything but zeros now, ascending.
 * @returns numbers of the pages that were written because they held something else, ascending
 */
export function placeContent(
  memory: Uint8Array,
  images: readonly MemoryImage[],
  content: readonly PageRange[],
  filled: Uint32Array,
): Uint32Array {
  const changed: number[] = [];
  let range = 0;
  for (const page of filled) {
    while (range < content.length && content[range]!.end <= page) range++;
    if (range < content.length && content[range]!.first <= page) continue;
    memory.fill(0, page * pageBytes, (page + 1) * pageBytes);
    changed.push(page);
  }
  for (const { first, end } of content) {
    for (let page = first; page < end; page += pagesAtATime) {
      placePages(memory, images, { first: page, end: Math.min(end, page + pagesAtATime) }, changed);
    }
  }
  return Uint32Array.from(changed).sort();
}

function placePages(memory: Uint8Array, images: readonly MemoryImage[], { first, end }: PageRange, changed: number[]) {
  const from = first * pageBytes;
  const wanted = new Uint8Array((end - first) * pageBytes);
  for (const { address, bytes } of images) {
    if (address >= from + wanted.length || address + bytes.length <= from) continue;
    const skipped = Math.max(0, from - address);
    const room = wanted.length - Math.max(0, address - from);
    wanted.set(bytes.subarray(skipped, skipped + room), address + skipped - from);
  }
  for (let at = 0; at < wanted.length; at += pageBytes) {
    const page = memory.subarray(from + at, from + at + pageBytes);
    const content = wanted.subarray(at, at + pageBytes);
    if (equalContents(page, content)) continue;
    page.set(content);
    changed.push(first + at / pageBytes);
  }
}
