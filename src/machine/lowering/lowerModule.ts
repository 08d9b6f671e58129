/** Turns a valid module into the machine's program, always the same one (`README.md`, "Lowering"). */
import { AssayError } from "../../core/errors.ts";
import type { FunctionType, Module, ValueType } from "../../wasm/module.ts";
import { walkFunction } from "../../wasm/walkFunction.ts";
import { tableEntries as maxTableEntries } from "../layout.ts";
import type { LoweredFunction, MachineProgram } from "../program.ts";
import type { StackUse } from "../stackBound.ts";
import { CodeBuffer, newLabel } from "./codeBuffer.ts";
import { FunctionLowering } from "./functionLowering.ts";
import { functionNames } from "./functionNames.ts";
import { dataImages, globalValues, tableEntries, tableFunctions } from "./segments.ts";

export interface Lowered {
  readonly program: MachineProgram;
  /** The call graph: functions by index, then for each type id from 1 on the table's functions of that type. */
  readonly stackUse: readonly StackUse[];
}

/**
 * Lowers a module that has passed validation.
 * @throws AssayError `machine/unsupported-module` for imports, floats and sizes beyond the machine's;
 * `machine/segment-out-of-bounds`; whatever the validation of function bodies throws.
 */
export function lowerModule(module: Module): Lowered {
  refuseImports(module);
  refuseFloats(module);
  const memoryPages = module.memories[0]?.limits.minimum ?? 0;
  const globals = globalValues(module);
  const data = dataImages(module, globals, memoryPages);
  const indices = tableIndices(module, globals);
  const { code, functions, stackUse } = lowerFunctions(module, indices);
  const exports = module.exports.filter(({ kind }) => kind === "function");
  const program: MachineProgram = {
    code,
    functions,
    table: tableEntries(indices, functions),
    globals,
    memoryPages,
    data,
    exports: new Map(exports.map(({ name, index }) => [name, index])),
    start: module.start?.index,
  };
  return { program, stackUse };
}

/** Of a type that no table entry has. */
const unused: StackUse = { frameSlots: 0, maxHeight: 0, calls: new Map() };

function lowerFunctions(module: Module, table: Int32Array) {
  const code = new CodeBuffer();
  const entries = module.functions.map(() => newLabel());
  const { typeIds, typeCount } = internTypes(module.types);
  const names = functionNames(module);
  const tableNode = (typeId: number) => module.functions.length + typeId - 1;
  const stackUse: StackUse[] = [];
  const functions = module.functions.map((definition, index): LoweredFunction => {
    const type = module.types[definition.typeIndex]!;
    const declaredLocals = definition.code!.localCounts.reduce((sum, count) => sum + count, 0);
    const entryPc = code.length;
    code.place(entries[index]!);
    const lowering = new FunctionLowering({ code, entries, typeIds, tableNode }, type, declaredLocals);
    walkFunction(module, index, lowering);
    stackUse.push(lowering.stackUse());
    return {
      entryPc,
      endPc: code.length,
      typeId: typeIds[definition.typeIndex]!,
      parameters: type.parameters.length,
      results: type.results.length,
      name: names.get(index),
    };
  });
  const held = new Map<number, Map<number, number>>();
  for (const index of table) {
    if (index < 0) continue;
    const { typeId } = functions[index]!;
    held.set(typeId, (held.get(typeId) ?? new Map<number, number>()).set(index, 0));
  }
  for (let typeId = 1; typeId <= typeCount; typeId++) {
    const calls = held.get(typeId);
    stackUse.push(calls === undefined ? unused : { frameSlots: 0, maxHeight: 0, calls });
  }
  return { code: code.finish(), functions, stackUse };
}

/** Ids from 1 on in the order of first appearance; equal types have one. */
function internTypes(types: readonly FunctionType[]): { typeIds: number[]; typeCount: number } {
  const ids = new Map<string, number>();
  const typeIds = types.map(({ parameters, results }) => {
    const key = `${parameters.join()}>${results.join()}`;
    const id = ids.get(key) ?? ids.size + 1;
    ids.set(key, id);
    return id;
  });
  return { typeIds, typeCount: ids.size };
}

function tableIndices(module: Module, globals: Int32Array): Int32Array {
  const entries = module.tables[0]?.limits.minimum ?? 0;
  if (entries > maxTableEntries) {
    const { offset } = module.tables[0]!;
    const message = `a table of ${entries} entries is larger than the machine's ${maxTableEntries} (at byte ${offset})`;
    throw new AssayError("machine/unsupported-module", message, { offset, entries });
  }
  return tableFunctions(module, globals);
}

function refuseImports({ imports }: Module): void {
  const [first] = imports;
  if (first === undefined) return;
  const { module, name, kind, offset } = first;
  const message = `the machine has no imports: remove ${kind} "${module}.${name}" (at byte ${offset})`;
  throw new AssayError("machine/unsupported-module", message, { offset, kind, module, name });
}

const floatNames: Partial<Readonly<Record<ValueType, string>>> = { 125: "f32", 124: "f64" };

/** Floats in signatures, locals and globals; those in code are refused where they are lowered. */
function refuseFloats(module: Module): void {
  for (const [index, { typeIndex, code, offset }] of module.functions.entries()) {
    const { parameters, results } = module.types[typeIndex]!;
    for (const type of [...parameters, ...results, ...code!.localTypes]) {
      if (floatNames[type] !== undefined) throw refusedFloat(`function ${index}`, floatNames[type], offset);
    }
  }
  for (const [index, { type, offset }] of module.globals.entries()) {
    if (floatNames[type] !== undefined) throw refusedFloat(`global ${index}`, floatNames[type], offset);
  }
}

function refusedFloat(where: string, type: string, offset: number) {
  const message = `the machine has no floating point: ${where} uses ${type} (at byte ${offset})`;
  return new AssayError("machine/unsupported-module", message, { offset, type });
}
