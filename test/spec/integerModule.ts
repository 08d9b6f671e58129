/**
 * The test-only pass that lets a module of the test suite run in the machine: functions the machine cannot run become
 * `unreachable`, the imports of the suite's own host module become definitions, and the memory's maximum its minimum. What
 * is left is an integer module that means what it meant.
 */
import type { ConstantExpression, FunctionType, Module, ValueType } from "../../src/wasm/module.ts";
import { encodeModule, type ModuleParts, partsOf } from "../support/moduleParts.ts";
import { FunctionUses, isFloat } from "./functionUse.ts";

/** Values that the suite's host module `spectest` has for its globals. */
export const hostGlobals = { global_i32: 666, global_i64: 666n, global_f32: 666.6, global_f64: 666.6 } as const;
export const hostMemory = { minimum: 1, maximum: 2 } as const;
export const hostTable = { minimum: 10, maximum: 20 } as const;

const endOnly = Uint8Array.of(0, 0x0b);
const unreachableOnly = Uint8Array.of(0, 0x00, 0x0b);

export interface IntegerModule {
  readonly bytes: Uint8Array;
  /** Of the module it was made from. */
  readonly uses: FunctionUses;
  /** Index and exported name of the start function, which is to be called; undefined if there is none or it is replaced. */
  readonly start: { readonly index: number; readonly name: string } | undefined;
  /** The start function was replaced: the state it would have made is not there. */
  readonly startReplaced: boolean;
  /** Name under which the memory, if there is one, is exported. */
  readonly memoryExport: string | undefined;
}

/** @returns undefined when the module imports from other modules than `spectest` */
export function integerModule(module: Module): IntegerModule | undefined {
  if (module.imports.some(({ module: from }) => from !== "spectest")) return undefined;
  const uses = new FunctionUses(module);
  const types = integerTypes(module.types);
  const startReplaced = module.start !== undefined && uses.obstacle(module.start.index) !== undefined;
  const parts = partsOf(module);
  const integers: ModuleParts = {
    ...parts,
    types,
    imports: [],
    functions: module.functions.map(({ typeIndex, code }, index) => {
      if (code === undefined) return { typeIndex, body: endOnly };
      if (uses.obstacle(index) !== undefined) return { typeIndex, body: unreachableOnly };
      return parts.functions[index - (module.functions.length - parts.functions.length)]!;
    }),
    tables: module.tables.map(({ imported, limits }) => (imported ? hostTable : limits)),
    memories: module.memories.map(({ imported, limits }) => {
      const { minimum } = imported ? hostMemory : limits;
      return { minimum, maximum: minimum };
    }),
    globals: module.globals.map(({ type, mutable }, index) => {
      const value = integerConstant(globalValue(module, index));
      return { type: value.type, mutable: mutable && !isFloat(type), value };
    }),
    elements: active(parts.elements).map((segment) => ({ ...segment, position: constant(module, segment.position!) })),
    data: active(parts.data).map((segment) => ({ ...segment, position: constant(module, segment.position!) })),
    dataCount: false,
    start: undefined,
  };
  const memoryExport = module.memories.length === 0 ? undefined : exported(integers, "memory", 0);
  const start =
    module.start === undefined || startReplaced
      ? undefined
      : { index: module.start.index, name: exported(integers, "function", module.start.index) };
  return { bytes: encodeModule(integers), uses, start, startReplaced, memoryExport };
}

/** The name under which something is exported; an export is added if there is none. */
function exported(parts: ModuleParts, kind: "function" | "memory", index: number): string {
  const existing = parts.exports.find((other) => other.kind === kind && other.index === index);
  if (existing !== undefined) return existing.name;
  let name: string = kind;
  while (parts.exports.some((other) => other.name === name)) name += "'";
  parts.exports = [...parts.exports, { name, kind, index }];
  return name;
}

/**
 * Types with floats are named by functions that are replaced only, and by nothing that is left. Each becomes a type of its
 * own, with more parameters than any other, so that types stay as distinguishable as they were.
 */
function integerTypes(types: readonly FunctionType[]): FunctionType[] {
  const longest = Math.max(0, ...types.map(({ parameters }) => parameters.length));
  const replaced = new Map<string, FunctionType>();
  return types.map((type) => {
    if (![...type.parameters, ...type.results].some(isFloat)) return type;
    const key = `${type.parameters}>${type.results}`;
    const parameters = new Array<ValueType>(longest + 1 + replaced.size).fill(0x7f);
    if (!replaced.has(key)) replaced.set(key, { parameters, results: [] });
    return replaced.get(key)!;
  });
}

function active<T extends { mode: string }>(segments: readonly T[]): T[] {
  return segments.filter(({ mode }) => mode === "active");
}

type Constant = ConstantExpression & { kind: "constant" };

function constant(module: Module, expression: ConstantExpression): Constant {
  return expression.kind === "constant" ? expression : globalValue(module, expression.index);
}

function globalValue(module: Module, index: number): Constant {
  const { type, value } = module.globals[index]!;
  if (value !== undefined) return constant(module, value);
  return { kind: "constant", type, low: isFloat(type) ? 0 : hostGlobals.global_i32, high: 0, offset: 0 };
}

function integerConstant(value: Constant): Constant {
  return { ...value, type: value.type === 0x7d ? 0x7f : value.type === 0x7c ? 0x7e : value.type };
}
