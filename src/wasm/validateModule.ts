import { invalid, unsupported } from "./errors.ts";
import type { FunctionVisitor } from "./functionVisitor.ts";
import { limits } from "./limits.ts";
import type { ConstantExpression, Limits, Module, ValueType } from "./module.ts";
import { nullFunction, valueType } from "./module.ts";
import { typeName } from "./valueTypes.ts";
import { walkFunction } from "./walkFunction.ts";

/** Visits nothing: walking with it is validation alone. */
const silent: FunctionVisitor = {
  instruction() {},
  enter() {},
  otherwise() {},
  leave() {},
  branch() {},
  branchTable() {},
  call() {},
  callIndirect() {},
};

/**
 * Validates a decoded module (specification, chapter 3), its functions included. `visitorOf` may hand a visitor for each
 * function, so that the same walk serves another end too.
 * @throws AssayError `wasm/invalid`, `wasm/unsupported`, and `wasm/malformed` for what is wrong in a function's code.
 */
export function validateModule(
  module: Module,
  visitorOf: (functionIndex: number) => FunctionVisitor = () => silent,
): void {
  validateTypeIndices(module);
  for (const { limits: size, offset } of module.tables) validateTable(size, offset);
  for (const { limits: size, offset } of module.memories) validateMemory(size, offset);
  validateGlobals(module);
  validateExports(module);
  validateStart(module);
  validateSegments(module);
  // A valid function needs a few checks for each of its bytes; calls and branches with very many values need thousands.
  const budget = { left: 2 ** 20 + 64 * module.bytes.length };
  for (const [index, definition] of module.functions.entries()) {
    if (definition.code !== undefined) walkFunction(module, index, visitorOf(index), budget);
  }
}

function validateTypeIndices(module: Module): void {
  for (const { typeIndex, offset } of module.functions) {
    if (typeIndex >= module.types.length) throw invalid(offset, `unknown type ${typeIndex}`);
  }
}

function validateTable({ minimum, maximum }: Limits, offset: number): void {
  if (maximum !== undefined && minimum > maximum)
    throw invalid(offset, "size minimum must not be greater than maximum");
  if (minimum > limits.tableSize) throw unsupported(offset, `a table of more than ${limits.tableSize} entries`);
}

function validateMemory({ minimum, maximum = minimum }: Limits, offset: number): void {
  if (minimum > 65_536 || maximum > 65_536) throw invalid(offset, "memory size must be at most 65536 pages (4GiB)");
  if (minimum > maximum) throw invalid(offset, "size minimum must not be greater than maximum");
}

function validateGlobals(module: Module): void {
  for (const [index, { value, type }] of module.globals.entries()) {
    if (value !== undefined) validateConstant(module, index, value, type);
  }
}

/** The initial value of a global may read those before it (WebAssembly 3.0); `readable` is how many an expression may read. */
function validateConstant(module: Module, readable: number, value: ConstantExpression, expected: ValueType): void {
  let given: ValueType;
  if (value.kind === "constant") given = value.type;
  else {
    const global = module.globals[value.index];
    if (global === undefined || value.index >= readable) throw invalid(value.offset, `unknown global ${value.index}`);
    if (global.mutable) throw invalid(value.offset, "constant expression required: the global is mutable");
    given = global.type;
  }
  if (given === expected) return;
  throw invalid(value.offset, `type mismatch: expected ${typeName(expected)}, got ${typeName(given)}`);
}

function validateExports(module: Module): void {
  const names = new Set<string>();
  const { functions, tables, memories, globals } = module;
  const spaces = { function: functions, table: tables, memory: memories, global: globals };
  for (const { name, kind, index, offset } of module.exports) {
    if (index >= spaces[kind].length) throw invalid(offset, `unknown ${kind} ${index}`);
    if (names.has(name)) throw invalid(offset, `duplicate export name ${JSON.stringify(name)}`);
    names.add(name);
  }
}

function validateStart(module: Module): void {
  if (module.start === undefined) return;
  const { index, offset } = module.start;
  const definition = module.functions[index];
  if (definition === undefined) throw invalid(offset, `unknown function ${index}`);
  const { parameters, results } = module.types[definition.typeIndex]!;
  if (parameters.length > 0 || results.length > 0) throw invalid(offset, "start function must have type [] -> []");
}

function validateSegments(module: Module): void {
  for (const { position, tableIndex, functions, offset } of module.elements) {
    for (const index of functions) {
      if (index !== nullFunction && index >= module.functions.length)
        throw invalid(offset, `unknown function ${index}`);
    }
    if (position === undefined) continue;
    if (tableIndex >= module.tables.length) throw invalid(offset, `unknown table ${tableIndex}`);
    validatePosition(module, position);
  }
  for (const { position, memoryIndex, offset } of module.data) {
    if (position === undefined) continue;
    if (memoryIndex >= module.memories.length) throw invalid(offset, `unknown memory ${memoryIndex}`);
    validatePosition(module, position);
  }
}

function validatePosition(module: Module, position: ConstantExpression): void {
  validateConstant(module, module.globals.length, position, valueType.i32);
}
