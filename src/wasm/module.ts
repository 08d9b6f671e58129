/**
 * A decoded module: the sections of WebAssembly 1.0 (plus multi-value, bulk memory, mutable globals) as plain data. Code
 * stays in the bytes; `walkFunction` reads it. Every `offset`, `start` and `end` counts bytes from the module's beginning.
 */

/** The binary format's number of a value type. */
export type ValueType = 0x7f | 0x7e | 0x7d | 0x7c;

export const valueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
}

/** A memory, in pages of 64 KiB, or a table of functions, in entries. */
export interface LimitedType {
  readonly imported: boolean;
  readonly limits: Limits;
  readonly offset: number;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

/** Imported globals have no `value`. */
export interface Global extends GlobalType {
  readonly value: ConstantExpression | undefined;
  readonly offset: number;
}

/** One element of the function index space; an imported function has no `code`. */
export interface FunctionDefinition {
  readonly typeIndex: number;
  readonly offset: number;
  readonly code: FunctionCode | undefined;
}

export interface FunctionCode {
  /** Runs of declared locals (parameters not included): `localTypes[i]` for `localCounts[i]` locals. */
  readonly localCounts: readonly number[];
  readonly localTypes: readonly ValueType[];
  /** The first instruction. */
  readonly start: number;
  /** After the last byte, which is the function's `end`. */
  readonly end: number;
}

export type ConstantExpression =
  /** The bits of an i32, i64, f32 or f64 constant; `high` is 0 for the 32-bit types. Both are int32. */
  | {
      readonly kind: "constant";
      readonly type: ValueType;
      readonly low: number;
      readonly high: number;
      readonly offset: number;
    }
  | { readonly kind: "global"; readonly index: number; readonly offset: number };

export type ExternalKind = "function" | "table" | "memory" | "global";

/** `index` is the import's place in the index space of its kind. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly offset: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly offset: number;
}

/** `nullFunction` in place of a function index in an element segment. */
export const nullFunction = 0xffff_ffff;

export interface ElementSegment {
  readonly mode: "active" | "passive" | "declarative";
  /** Where an active segment goes in the table; `undefined` otherwise. */
  readonly position: ConstantExpression | undefined;
  /** Of the table an active segment goes to. */
  readonly tableIndex: number;
  /** Function indices, or `nullFunction`. */
  readonly functions: Uint32Array;
  readonly offset: number;
}

export interface DataSegment {
  readonly mode: "active" | "passive";
  readonly position: ConstantExpression | undefined;
  /** Of the memory an active segment goes to. */
  readonly memoryIndex: number;
  /** A view of the module's bytes. */
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** A section as it stands in the bytes: the id at `offset`, contents from `start` up to `end`. */
export interface Section {
  readonly id: number;
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

/** Contents, after the name, from `start` up to `end`. */
export interface CustomSection {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Module {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** The whole index space: imports first. */
  readonly functions: readonly FunctionDefinition[];
  readonly tables: readonly LimitedType[];
  readonly memories: readonly LimitedType[];
  /** The whole index space: imports first. */
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start: { readonly index: number; readonly offset: number } | undefined;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  /** Of the data count section, if there is one. */
  readonly dataCount: number | undefined;
  /** In the order of the bytes, custom sections included. */
  readonly sections: readonly Section[];
  readonly customSections: readonly CustomSection[];
}

/** How many functions the module imports: the index of the first one with code. */
export function importedFunctions(module: Module): number {
  let count = 0;
  for (const entry of module.imports) if (entry.kind === "function") count++;
  return count;
}
