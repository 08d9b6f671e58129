/** The contents of each section (specification 5.5), from a reader that ends where the section ends. */

import { readConstantExpression, readFunctionExpression } from "./constantExpression.ts";
import { malformed, unsupported } from "./errors.ts";
import { limits } from "./limits.ts";
import type {
  DataSegment,
  ElementSegment,
  Export,
  ExternalKind,
  FunctionCode,
  FunctionType,
  Global,
  GlobalType,
  LimitedType,
  Limits,
  ValueType,
} from "./module.ts";
import { nullFunction } from "./module.ts";
import type { Reader } from "./reader.ts";
import { readFunctionReference, readValueType } from "./valueTypes.ts";

export function readType(reader: Reader): FunctionType {
  const offset = reader.offset;
  const form = reader.byte();
  if (form === 0x5e || form === 0x5f || (form >= 0x4d && form <= 0x50)) throw unsupported(offset, "garbage collection");
  if (form !== 0x60) throw malformed(offset, `malformed function type 0x${form.toString(16)}`);
  return {
    parameters: readValueTypes(reader, "parameters", limits.parameters),
    results: readValueTypes(reader, "results", limits.results),
  };
}

function readValueTypes(reader: Reader, what: string, limit: number): ValueType[] {
  const types: ValueType[] = [];
  for (let left = reader.count(what, limit); left > 0; left--) types.push(readValueType(reader));
  return types;
}

const externalKinds: readonly ExternalKind[] = ["function", "table", "memory", "global"];

export function readExternalKind(reader: Reader, what: "import" | "export"): ExternalKind {
  const offset = reader.offset;
  const byte = reader.byte();
  if (byte === 4) throw unsupported(offset, "exception handling");
  const kind = externalKinds[byte];
  if (kind === undefined) throw malformed(offset, `malformed ${what} kind 0x${byte.toString(16)}`);
  return kind;
}

export function readTable(reader: Reader, imported: boolean): LimitedType {
  const offset = reader.offset;
  readFunctionReference(reader);
  const flagOffset = reader.offset;
  const flag = reader.byte();
  if (flag === 4 || flag === 5) throw unsupported(flagOffset, "64-bit tables");
  if (flag > 1) throw malformed(flagOffset, "malformed limits flags");
  return { imported, limits: readLimits(reader, flag), offset };
}

export function readMemory(reader: Reader, imported: boolean): LimitedType {
  const offset = reader.offset;
  const flag = reader.byte();
  if (flag === 3) throw unsupported(offset, "threads (shared memory)");
  if (flag >= 4 && flag <= 7) throw unsupported(offset, "64-bit memories");
  if (flag >= 8 && flag <= 15) throw unsupported(offset, "custom page sizes");
  if (flag > 1) throw malformed(offset, "malformed limits flags");
  return { imported, limits: readLimits(reader, flag), offset };
}

function readLimits(reader: Reader, flag: number): Limits {
  const minimum = reader.u32();
  return { minimum, maximum: flag === 1 ? reader.u32() : undefined };
}

export function readGlobalType(reader: Reader): GlobalType {
  const type = readValueType(reader);
  const offset = reader.offset;
  const mutability = reader.byte();
  if (mutability > 1) throw malformed(offset, "malformed mutability");
  return { type, mutable: mutability === 1 };
}

export function readGlobal(reader: Reader): Global {
  const offset = reader.offset;
  const { type, mutable } = readGlobalType(reader);
  return { type, mutable, value: readConstantExpression(reader), offset };
}

export function readExport(reader: Reader): Export {
  const offset = reader.offset;
  const name = reader.name();
  return { name, kind: readExternalKind(reader, "export"), index: reader.u32(), offset };
}

export function readElementSegment(reader: Reader): ElementSegment {
  const offset = reader.offset;
  const flag = reader.u32();
  if (flag > 7) throw malformed(offset, "malformed element segment flags");
  const active = (flag & 1) === 0;
  const detailed = (flag & 2) !== 0;
  const expressions = (flag & 4) !== 0;
  const tableIndex = active && detailed ? reader.u32() : 0;
  const position = active ? readConstantExpression(reader) : undefined;
  if ((flag & 3) !== 0) {
    if (expressions) readFunctionReference(reader);
    else readElementKind(reader);
  }
  const count = reader.count("element segment entries", limits.tableSize, expressions ? 3 : 1);
  const functions = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    if (expressions) functions[i] = readFunctionExpression(reader);
    else {
      const entryOffset = reader.offset;
      functions[i] = reader.u32();
      // Index 2^32 - 1 is no function of any module and stands for null in `functions`.
      if (functions[i] === nullFunction) throw malformed(entryOffset, "function index out of range");
    }
  }
  const mode = active ? "active" : detailed ? "declarative" : "passive";
  return { mode, position, tableIndex, functions, offset };
}

function readElementKind(reader: Reader): void {
  const offset = reader.offset;
  if (reader.byte() !== 0) throw malformed(offset, "malformed element kind");
}

export function readDataSegment(reader: Reader): DataSegment {
  const offset = reader.offset;
  const flag = reader.u32();
  if (flag > 2) throw malformed(offset, "malformed data segment flags");
  const memoryIndex = flag === 2 ? reader.u32() : 0;
  const position = flag === 1 ? undefined : readConstantExpression(reader);
  return { mode: flag === 1 ? "passive" : "active", position, memoryIndex, bytes: reader.byteVector(), offset };
}

/** Shared by all functions without locals. */
const noLocals: never[] = [];

/** Size, declared locals, and where the instructions stand; these are left to the walk. */
export function readCode(reader: Reader): FunctionCode {
  const offset = reader.offset;
  const size = reader.u32();
  if (size > limits.functionSize) throw unsupported(offset, `a function of more than ${limits.functionSize} bytes`);
  const body = reader.part(size);
  const groups = body.count("groups of locals", 2 ** 32, 2);
  const localCounts: number[] = groups === 0 ? noLocals : [];
  const localTypes: ValueType[] = groups === 0 ? noLocals : [];
  let total = 0;
  for (let left = groups; left > 0; left--) {
    const countOffset = body.offset;
    const count = body.u32();
    total += count;
    if (total >= 2 ** 32) throw malformed(countOffset, "too many locals");
    localCounts.push(count);
    localTypes.push(readValueType(body));
  }
  if (total > limits.locals) throw unsupported(offset, `more than ${limits.locals} locals`);
  if (body.done || body.bytes[body.end - 1] !== 0x0b) throw malformed(body.end, "END opcode expected");
  return { localCounts, localTypes, start: body.offset, end: body.end };
}
