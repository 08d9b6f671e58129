import { isAssayError } from "../core/errors.ts";
import type { Module } from "./module.ts";
import { Reader } from "./reader.ts";

const functionNamesId = 1;

/**
 * Function names by index, for people: from the `name` section (specification 7.4.1), else from exports. A name section that
 * is broken gives the names up to there; it never makes a module invalid.
 */
export function functionNames(module: Module): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { kind, index, name } of module.exports) {
    if (kind === "function" && !names.has(index)) names.set(index, name);
  }
  const section = module.customSections.find(({ name }) => name === "name");
  if (section === undefined) return names;
  try {
    const reader = new Reader(module.bytes, section.start, section.end);
    while (!reader.done) {
      const id = reader.byte();
      const subsection = reader.part(reader.u32());
      if (id === functionNamesId) readNameMap(subsection, names);
    }
  } catch (error) {
    if (!isAssayError(error)) throw error;
  }
  return names;
}

function readNameMap(reader: Reader, names: Map<number, string>): void {
  for (let left = reader.u32(); left > 0; left--) names.set(reader.u32(), reader.name());
}
