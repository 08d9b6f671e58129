import { concatBytes } from "../core/bytes.ts";
import { unsupported } from "./errors.ts";
import type { Module } from "./module.ts";
import { Writer } from "./writer.ts";

const memorySection = 5;
const hasMaximum = 1;
/** 4 GiB. */
const maxPages = 2 ** 16;

/**
 * The module with another size of memory: minimum and maximum are `pages` of 64 KiB, everything else is byte for byte as it
 * was. Equal modules and sizes give equal bytes.
 * @throws AssayError `wasm/unsupported` when the module does not define its one memory itself, or for more than 4 GiB.
 */
export function setMemoryPages({ bytes, memories, sections }: Module, pages: number): Uint8Array {
  const section = sections.find(({ id }) => id === memorySection);
  if (section === undefined || memories.length !== 1) {
    throw unsupported(section?.offset ?? 0, "setting the size of a memory in a module that does not define just one");
  }
  if (!Number.isInteger(pages) || pages < 0 || pages > maxPages) {
    throw unsupported(section.offset, `a memory of ${pages} pages (0 to ${maxPages})`);
  }
  const content = new Writer().u32(1).byte(hasMaximum).u32(pages).u32(pages).done();
  const written = new Writer().byte(memorySection).byteVector(content).done();
  return concatBytes(bytes.subarray(0, section.offset), written, bytes.subarray(section.end));
}
