/** What is known of a machine's memory before its first tick: where anything can be, and what never changes. */
import { AssayError } from "../../core/errors.ts";
import type { PageRange } from "../../merkle/dirtyPages.ts";
import { pageBytes } from "../../merkle/hasher.ts";
import { memoryPageBytes } from "../layout.ts";
import type { ClaimableProgram, DriveImage } from "../program.ts";

/** A part of linear memory, in whole pages of 4 KiB. */
export interface MemoryRegion {
  /** Address of its first byte. */
  readonly address: number;
  /** In bytes. */
  readonly size: number;
}

/** Pages that hold segments of the program or content of drives, ascending and apart: all others are zero at the start. */
export function contentRanges({ data }: ClaimableProgram, drives: readonly DriveImage[]): PageRange[] {
  const ranges = [...data, ...drives]
    .filter(({ bytes }) => bytes.length > 0)
    .map(({ address, bytes }) => rangeOf(address, bytes.length));
  return joined(ranges);
}

/**
 * The regions as pages, ascending and apart.
 * @throws AssayError `native/bad-region` for one that is not in whole pages, or is not in the program's memory
 */
export function fixedRanges(program: ClaimableProgram, regions: readonly MemoryRegion[]): PageRange[] {
  const memoryBytes = program.memoryPages * memoryPageBytes;
  for (const { address, size } of regions) {
    const isWhole = [address, size].every((bytes) => Number.isInteger(bytes) && bytes >= 0 && bytes % pageBytes === 0);
    if (isWhole && address + size <= memoryBytes) continue;
    const message = `the region of ${size} bytes at ${address} is not in whole pages of a memory of ${memoryBytes} bytes`;
    throw new AssayError("native/bad-region", message, { address, size });
  }
  return joined(regions.filter(({ size }) => size > 0).map(({ address, size }) => rangeOf(address, size)));
}

function rangeOf(address: number, length: number): PageRange {
  return { first: Math.floor(address / pageBytes), end: Math.ceil((address + length) / pageBytes) };
}

function joined(ranges: readonly PageRange[]): PageRange[] {
  const all: PageRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = all[all.length - 1];
    if (last === undefined || range.first > last.end) all.push(range);
    else all[all.length - 1] = { first: last.first, end: Math.max(last.end, range.end) };
  }
  return all;
}
