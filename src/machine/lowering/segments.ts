/** What a module's initialisers put into globals, table and memory before anything runs. */
import { AssayError } from "../../core/errors.ts";
import { type ConstantExpression, type Module, nullFunction } from "../../wasm/module.ts";
import { globalSlots, memoryPageBytes } from "../layout.ts";
import type { LoweredFunction, MemoryImage } from "../program.ts";

/** First values of all globals, low half first. */
export function globalValues(module: Module): Int32Array {
  const count = module.globals.length;
  if (count > globalSlots) {
    const { offset } = module.globals[globalSlots]!;
    const message = `${count} globals are more than the machine's ${globalSlots} (at byte ${offset})`;
    throw new AssayError("machine/unsupported-module", message, { offset, count });
  }
  const values = new Int32Array(2 * count);
  for (const [i, { value, offset }] of module.globals.entries()) {
    if (value === undefined) throw importedGlobal(i, offset);
    const [low, high] = evaluate(value, values, i);
    values[2 * i] = low;
    values[2 * i + 1] = high;
  }
  return values;
}

/** Active data segments in the module's order. @throws AssayError `machine/segment-out-of-bounds` */
export function dataImages(module: Module, globals: Int32Array, memoryPages: number): MemoryImage[] {
  const images: MemoryImage[] = [];
  for (const [i, { mode, position, bytes, offset }] of module.data.entries()) {
    if (mode !== "active") continue;
    const address = evaluate(position!, globals)[0] >>> 0;
    if (address + bytes.length > memoryPages * memoryPageBytes) {
      throw outOfBounds(`data segment ${i}`, offset, address, bytes.length);
    }
    images.push({ address, bytes });
  }
  return images;
}

/** The table's function indices, -1 for a null entry, after the active segments. @throws AssayError as `dataImages` */
export function tableFunctions(module: Module, globals: Int32Array): Int32Array {
  const entries = new Int32Array(module.tables[0]?.limits.minimum ?? 0).fill(-1);
  for (const [i, { mode, position, functions, offset }] of module.elements.entries()) {
    if (mode !== "active") continue;
    const first = evaluate(position!, globals)[0] >>> 0;
    if (first + functions.length > entries.length) {
      throw outOfBounds(`element segment ${i}`, offset, first, functions.length);
    }
    for (const [j, index] of functions.entries()) entries[first + j] = index === nullFunction ? -1 : index;
  }
  return entries;
}

/** Type id and entry pc of each entry. */
export function tableEntries(indices: Int32Array, functions: readonly LoweredFunction[]): Int32Array {
  const table = new Int32Array(2 * indices.length);
  for (const [i, index] of indices.entries()) {
    if (index < 0) continue;
    table[2 * i] = functions[index]!.typeId;
    table[2 * i + 1] = functions[index]!.entryPc;
  }
  return table;
}

/** Low and high half. A global may be read once it has its value: those from `known` on have none. */
function evaluate(value: ConstantExpression, globals: Int32Array, known = globals.length / 2): [number, number] {
  if (value.kind === "constant") return [value.low, value.high];
  if (value.index >= known) throw importedGlobal(value.index, value.offset);
  return [globals[2 * value.index]!, globals[2 * value.index + 1]!];
}

function importedGlobal(index: number, offset: number) {
  return new AssayError("machine/unsupported-module", `global ${index} has no value of its own (at byte ${offset})`, {
    offset,
  });
}

function outOfBounds(what: string, offset: number, first: number, length: number) {
  const message = `${what} puts ${length} at ${first}, beyond the end (at byte ${offset})`;
  return new AssayError("machine/segment-out-of-bounds", message, { offset, first, length });
}
