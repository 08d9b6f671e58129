import type {
  ConstantExpression,
  DataSegment,
  ElementSegment,
  Export,
  FunctionType,
  GlobalType,
  Limits,
  Module,
  ValueType,
} from "../../src/wasm/module.ts";
import { nullFunction } from "../../src/wasm/module.ts";
import { Writer } from "../../src/wasm/writer.ts";

/** What a module is made of, to be put together anew. */
export interface ModuleParts {
  types: FunctionType[];
  imports: { module: string; name: string; description: ImportDescription }[];
  functions: { typeIndex: number; body: Uint8Array }[];
  tables: Limits[];
  memories: Limits[];
  globals: (GlobalType & { value: ConstantExpression })[];
  exports: Pick<Export, "name" | "kind" | "index">[];
  start: number | undefined;
  elements: Pick<ElementSegment, "mode" | "position" | "functions">[];
  data: Pick<DataSegment, "mode" | "position" | "bytes">[];
  dataCount: boolean;
}

export type ImportDescription =
  | { kind: "function"; typeIndex: number }
  | { kind: "table"; limits: Limits }
  | { kind: "memory"; limits: Limits }
  | ({ kind: "global" } & GlobalType);

/** The parts of a decoded module; bodies are locals and instructions, byte for byte. */
export function partsOf(module: Module): ModuleParts {
  return {
    types: [...module.types],
    imports: module.imports.map(({ module: from, name, kind, index }) => ({
      module: from,
      name,
      description: importDescription(module, kind, index),
    })),
    functions: module.functions.flatMap(({ typeIndex, code }) => {
      if (code === undefined) return [];
      const locals = encodeLocals(code.localCounts, code.localTypes);
      return [{ typeIndex, body: new Writer().raw(locals).raw(module.bytes.subarray(code.start, code.end)).done() }];
    }),
    tables: module.tables.flatMap(({ imported, limits }) => (imported ? [] : [limits])),
    memories: module.memories.flatMap(({ imported, limits }) => (imported ? [] : [limits])),
    globals: module.globals.flatMap(({ type, mutable, value }) => (value ? [{ type, mutable, value }] : [])),
    exports: [...module.exports],
    start: module.start?.index,
    elements: [...module.elements],
    data: [...module.data],
    dataCount: module.dataCount !== undefined,
  };
}

function importDescription(module: Module, kind: Export["kind"], index: number): ImportDescription {
  if (kind === "function") return { kind, typeIndex: module.functions[index]!.typeIndex };
  if (kind === "table") return { kind, limits: module.tables[index]!.limits };
  if (kind === "memory") return { kind, limits: module.memories[index]!.limits };
  const { type, mutable } = module.globals[index]!;
  return { kind, type, mutable };
}

export function encodeLocals(counts: readonly number[], types: readonly ValueType[]): Uint8Array {
  const writer = new Writer().u32(counts.length);
  for (const [i, count] of counts.entries()) writer.u32(count).byte(types[i]!);
  return writer.done();
}

const externalKinds = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** The binary format of a module; nothing is checked. */
export function encodeModule(parts: ModuleParts): Uint8Array {
  const module = new Writer().raw([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const section = <T>(id: number, items: readonly T[], write: (content: Writer, item: T) => void) => {
    if (items.length === 0) return;
    const content = new Writer().u32(items.length);
    for (const item of items) write(content, item);
    module.byte(id).byteVector(content.done());
  };
  section(1, parts.types, (to, { parameters, results }) => {
    to.byte(0x60).byteVector(Uint8Array.from(parameters)).byteVector(Uint8Array.from(results));
  });
  section(2, parts.imports, (to, { module: from, name, description }) => {
    to.name(from).name(name).byte(externalKinds[description.kind]);
    if (description.kind === "function") to.u32(description.typeIndex);
    else if (description.kind === "global") to.byte(description.type).byte(description.mutable ? 1 : 0);
    else writeLimits(description.kind === "table" ? to.byte(0x70) : to, description.limits);
  });
  section(3, parts.functions, (to, { typeIndex }) => to.u32(typeIndex));
  section(4, parts.tables, (to, limits) => writeLimits(to.byte(0x70), limits));
  section(5, parts.memories, writeLimits);
  section(6, parts.globals, (to, { type, mutable, value }) => {
    writeExpression(to.byte(type).byte(mutable ? 1 : 0), value);
  });
  section(7, parts.exports, (to, { name, kind, index }) => to.name(name).byte(externalKinds[kind]).u32(index));
  if (parts.start !== undefined) module.byte(8).byteVector(new Writer().u32(parts.start).done());
  section(9, parts.elements, writeElements);
  if (parts.dataCount) module.byte(12).byteVector(new Writer().u32(parts.data.length).done());
  section(10, parts.functions, (to, { body }) => to.byteVector(body));
  section(11, parts.data, (to, { mode, position, bytes }) => {
    if (mode === "active") writeExpression(to.byte(0), position!);
    else to.byte(1);
    to.byteVector(bytes);
  });
  return module.done();
}

function writeLimits(to: Writer, { minimum, maximum }: Limits): void {
  to.byte(maximum === undefined ? 0 : 1).u32(minimum);
  if (maximum !== undefined) to.u32(maximum);
}

function writeElements(to: Writer, { mode, position, functions }: ModuleParts["elements"][number]): void {
  to.byte({ active: 4, passive: 5, declarative: 7 }[mode]);
  if (mode === "active") writeExpression(to, position!);
  else to.byte(0x70);
  to.u32(functions.length);
  for (const index of functions) {
    if (index === nullFunction) to.raw([0xd0, 0x70, 0x0b]);
    else to.byte(0xd2).u32(index).byte(0x0b);
  }
}

function writeExpression(to: Writer, value: ConstantExpression): void {
  if (value.kind === "global") to.byte(0x23).u32(value.index);
  else if (value.type === 0x7f) to.byte(0x41).s32(value.low);
  else if (value.type === 0x7e) to.byte(0x42).s64(value.low, value.high);
  else if (value.type === 0x7d) to.byte(0x43).bits32(value.low);
  else to.byte(0x44).bits32(value.low).bits32(value.high);
  to.byte(0x0b);
}
