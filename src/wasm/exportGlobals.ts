import { concatBytes } from "../core/bytes.ts";
import { unsupported } from "./errors.ts";
import { limits } from "./limits.ts";
import type { Module } from "./module.ts";
import { Reader } from "./reader.ts";
import { sectionOrder } from "./sectionOrder.ts";
import { Writer } from "./writer.ts";

const exportSection = 7;
const globalKind = 3;

export interface ExportedGlobals {
  /** The module with the exports added; everything else is byte for byte as it was. */
  readonly bytes: Uint8Array;
  /** For the index of each mutable global, the name it is exported under. */
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Derives the module that the native runner compiles: every mutable global gets an additional export, in the order of their
 * indices, behind the exports that are there. The names are `g<n>:<index>` with the smallest `n` for which no export of the
 * module begins with `g<n>:`, hence unique whatever names the module has.
 * @throws AssayError `wasm/unsupported` when the engine would not take that many exports.
 */
export function exportGlobals(module: Module): ExportedGlobals {
  const { bytes } = module;
  const mutable = [...module.globals.keys()].filter((index) => module.globals[index]!.mutable);
  if (mutable.length === 0) return { bytes, names: new Map() };
  const prefix = freePrefix(module.exports.map(({ name }) => name));
  const names = new Map(mutable.map((index) => [index, prefix + index]));

  const section = module.sections.find(({ id }) => id === exportSection);
  const count = module.exports.length + mutable.length;
  if (count > limits.exports) throw unsupported(section?.offset ?? 0, `more than ${limits.exports} exports`);
  const content = new Writer().u32(count);
  if (section !== undefined) content.raw(bytes.subarray(afterCount(bytes, section.start, section.end), section.end));
  for (const [index, name] of names) content.name(name).byte(globalKind).u32(index);

  const begin = section?.offset ?? placeOfExports(module);
  const written = new Writer().byte(exportSection).byteVector(content.done()).done();
  return { bytes: concatBytes(bytes.subarray(0, begin), written, bytes.subarray(section?.end ?? begin)), names };
}

function freePrefix(names: readonly string[]): string {
  const taken = new Set<string>();
  for (const name of names) {
    const prefix = /^g(?:0|[1-9]\d{0,8}):/.exec(name);
    if (prefix !== null) taken.add(prefix[0]);
  }
  let number = 0;
  while (taken.has(`g${number}:`)) number++;
  return `g${number}:`;
}

function afterCount(bytes: Uint8Array, start: number, end: number): number {
  const reader = new Reader(bytes, start, end);
  reader.u32();
  return reader.offset;
}

/** Where an export section goes in a module that has none: in front of the first section that must come later. */
function placeOfExports(module: Module): number {
  const later = module.sections.find(({ id }) => sectionOrder[id]! > sectionOrder[exportSection]!);
  return later?.offset ?? module.bytes.length;
}
