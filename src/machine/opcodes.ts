/**
 * The one table of instructions of the lowered machine (`README.md`, "Instructions"): numbers, families, immediates and
 * effects. The Solidity constants are generated from it.
 */

/** Which file of `step/` (and of `contracts/step`) executes an instruction. */
export type Family = "control" | "variable" | "memory" | "bulk" | "numeric32" | "numeric64";

/** What the 16-bit immediate `a` or the 32-bit immediate `b` means; `none` is encoded as 0 and never looked at. */
export type Immediate =
  | "none"
  | "drop count"
  | "result drop count"
  | "source distance"
  | "destination distance"
  | "gap"
  | "target pc"
  | "last entry"
  | "type id"
  | "frame distance"
  | "global index"
  | "offset"
  | "low half"
  | "high half";

/** A tree of the state, besides the code, that an instruction may touch. */
export type Tree = "stack" | "globals" | "table" | "memory";

/** One instruction of the machine: its number, its family, what it takes and gives. */
export interface Opcode {
  readonly number: number;
  /** WebAssembly's own name where the instruction is WebAssembly's own. */
  readonly name: string;
  readonly family: Family;
  readonly a: Immediate;
  readonly b: Immediate;
  /** Operands taken from the top of the stack. Those of `return` (results moved beforehand) are not counted. */
  readonly pops: number;
  readonly pushes: number;
  /** 2: may take two steps, the second with `phase` 1. */
  readonly phases: 1 | 2;
  /** In the order of first touch in a step that runs to its end. */
  readonly touches: readonly Tree[];
  /** Bytes accessed by a load or store, 0 for everything else. */
  readonly accessBytes: 0 | 1 | 2 | 4 | 8;
}

type Extras = Partial<Pick<Opcode, "a" | "b" | "phases" | "touches" | "accessBytes">>;

function row(number: number, name: string, family: Family, pops: number, pushes: number, extras: Extras = {}): Opcode {
  return {
    number,
    name,
    family,
    a: "none",
    b: "none",
    pops,
    pushes,
    phases: 1,
    touches: ["stack"],
    accessBytes: 0,
    ...extras,
  };
}

function load(number: number, name: string, accessBytes: 1 | 2 | 4 | 8): Opcode {
  const phases = accessBytes === 1 ? 1 : 2;
  return row(number, name, "memory", 1, 1, { b: "offset", phases, touches: ["stack", "memory"], accessBytes });
}

function store(number: number, name: string, accessBytes: 1 | 2 | 4 | 8): Opcode {
  const phases = accessBytes === 1 ? 1 : 2;
  return row(number, name, "memory", 2, 0, { b: "offset", phases, touches: ["stack", "memory"], accessBytes });
}

/** Consecutive numbers from `first`, all with the same stack effect. */
function run(first: number, family: Family, pops: number, names: string): Opcode[] {
  return names.split(" ").map((name, i) => row(first + i, name, family, pops, 1));
}

function prefixed(type: "i32" | "i64", names: string): string {
  return names
    .split(" ")
    .map((name) => `${type}.${name}`)
    .join(" ");
}

const comparisons = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const counts = "clz ctz popcnt";
const arithmetic = "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";

/** All instructions, by ascending number. */
export const opcodes: readonly Opcode[] = [
  row(0x01, "unreachable", "control", 0, 0, { touches: [] }),
  row(0x02, "jump", "control", 0, 0, { a: "drop count", b: "target pc", touches: [] }),
  row(0x03, "jump_if", "control", 1, 0, { b: "target pc" }),
  row(0x04, "jump_unless", "control", 1, 0, { b: "target pc" }),
  row(0x05, "jump_table", "control", 1, 0, { b: "last entry" }),
  row(0x06, "return", "control", 0, 0, { a: "result drop count" }),
  row(0x07, "move", "variable", 0, 0, { a: "source distance", b: "destination distance" }),
  row(0x08, "i64.const_high", "variable", 1, 1, { b: "high half" }),
  row(0x0a, "memory.copy", "bulk", 3, 0, { phases: 2, touches: ["stack", "memory"] }),
  row(0x0b, "memory.fill", "bulk", 3, 0, { touches: ["stack", "memory"] }),
  row(0x10, "call", "control", 0, 0, { a: "gap", b: "target pc" }),
  row(0x11, "call_indirect", "control", 1, 0, { a: "gap", b: "type id", touches: ["stack", "table"] }),
  row(0x1a, "drop", "variable", 1, 0, { touches: [] }),
  row(0x1b, "select", "variable", 3, 1),
  row(0x20, "local.get", "variable", 0, 1, { b: "frame distance" }),
  row(0x21, "local.set", "variable", 1, 0, { b: "frame distance" }),
  row(0x22, "local.tee", "variable", 1, 1, { b: "frame distance" }),
  row(0x23, "global.get", "variable", 0, 1, { b: "global index", touches: ["globals", "stack"] }),
  row(0x24, "global.set", "variable", 1, 0, { b: "global index", touches: ["stack", "globals"] }),
  load(0x28, "i32.load", 4),
  load(0x29, "i64.load", 8),
  load(0x2c, "i32.load8_s", 1),
  load(0x2d, "i32.load8_u", 1),
  load(0x2e, "i32.load16_s", 2),
  load(0x2f, "i32.load16_u", 2),
  load(0x30, "i64.load8_s", 1),
  load(0x31, "i64.load8_u", 1),
  load(0x32, "i64.load16_s", 2),
  load(0x33, "i64.load16_u", 2),
  load(0x34, "i64.load32_s", 4),
  load(0x35, "i64.load32_u", 4),
  store(0x36, "i32.store", 4),
  store(0x37, "i64.store", 8),
  store(0x3a, "i32.store8", 1),
  store(0x3b, "i32.store16", 2),
  store(0x3c, "i64.store8", 1),
  store(0x3d, "i64.store16", 2),
  store(0x3e, "i64.store32", 4),
  row(0x3f, "memory.size", "memory", 0, 1),
  row(0x40, "memory.grow", "memory", 1, 1),
  row(0x41, "i32.const", "variable", 0, 1, { b: "low half" }),
  row(0x42, "i64.const", "variable", 0, 1, { b: "low half" }),
  ...run(0x45, "numeric32", 1, "i32.eqz"),
  ...run(0x46, "numeric32", 2, prefixed("i32", comparisons)),
  ...run(0x50, "numeric64", 1, "i64.eqz"),
  ...run(0x51, "numeric64", 2, prefixed("i64", comparisons)),
  ...run(0x67, "numeric32", 1, prefixed("i32", counts)),
  ...run(0x6a, "numeric32", 2, prefixed("i32", arithmetic)),
  ...run(0x79, "numeric64", 1, prefixed("i64", counts)),
  ...run(0x7c, "numeric64", 2, prefixed("i64", arithmetic)),
  ...run(0xa7, "numeric32", 1, "i32.wrap_i64"),
  ...run(0xac, "numeric64", 1, "i64.extend_i32_s i64.extend_i32_u"),
  ...run(0xc0, "numeric32", 1, "i32.extend8_s i32.extend16_s"),
  ...run(0xc2, "numeric64", 1, "i64.extend8_s i64.extend16_s i64.extend32_s"),
];

/** By number; `undefined` where there is not an instruction. */
export const opcodeOf: readonly (Opcode | undefined)[] = Array.from({ length: 256 }, (_, number) =>
  opcodes.find((opcode) => opcode.number === number),
);

/** Numbers of the instructions that lowering and the step name in code. */
export const Op = {
  unreachable: 0x01,
  jump: 0x02,
  jumpIf: 0x03,
  jumpUnless: 0x04,
  jumpTable: 0x05,
  return: 0x06,
  move: 0x07,
  i64ConstHigh: 0x08,
  memoryCopy: 0x0a,
  memoryFill: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
} as const;
