import { malformed, unsupported } from "./errors.ts";
import { type ValueType, valueType } from "./module.ts";

/** Opcodes of the binary format that the walk treats one by one; the others stand in `plainInstructions`. */
export const op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  typedSelect: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  refNull: 0xd0,
  refFunc: 0xd2,
  prefix: 0xfc,
} as const;

/** Opcodes after the prefix 0xfc are numbered `prefixed | number`. */
export const prefixed = 0xfc00;

/** What follows an opcode. */
export type Immediate =
  | "none"
  /** Alignment and offset. */
  | "memory argument"
  /** One zero byte that names the memory. */
  | "memory"
  | "two memories"
  | "data and memory"
  | "data"
  | "element and table"
  | "element"
  | "two tables"
  | "i32"
  | "i64"
  | "f32"
  | "f64";

/** An instruction whose operands and results depend on nothing but its opcode. */
export interface PlainInstruction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly immediate: Immediate;
  /** log2 of the bytes accessed: the largest alignment allowed. */
  readonly log2Size: number;
}

const table: (PlainInstruction | undefined)[] = new Array(0x100);
const prefixedTable: (PlainInstruction | undefined)[] = [];

const letters: Readonly<Record<string, ValueType>> = {
  i: valueType.i32,
  l: valueType.i64,
  f: valueType.f32,
  d: valueType.f64,
};

/** `signature`: operands and results by letter (i32 i, i64 l, f32 f, f64 d), for example `ii-i`. */
function instruction(name: string, signature: string, immediate: Immediate, log2Size = 0): PlainInstruction {
  const [parameters, results] = signature.split("-").map((part) => [...part].map((letter) => letters[letter]!));
  return { name, parameters: parameters!, results: results!, immediate, log2Size };
}

/** Names at consecutive opcodes from `first`, all with the same signature, `prefix` in front of each. */
function run(first: number, prefix: string, signature: string, names: string): void {
  for (const [i, name] of names.split(" ").entries()) {
    table[first + i] = instruction(prefix + name, signature, "none");
  }
}

const comparisons = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const floatComparisons = "eq ne lt gt le ge";
const counts = "clz ctz popcnt";
const arithmetic = "add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const floatUnary = "abs neg ceil floor trunc nearest sqrt";
const floatBinary = "add sub mul div min max copysign";

run(0x00, "", "-", "unreachable nop");
run(0x45, "i32.", "i-i", "eqz");
run(0x46, "i32.", "ii-i", comparisons);
run(0x50, "i64.", "l-i", "eqz");
run(0x51, "i64.", "ll-i", comparisons);
run(0x5b, "f32.", "ff-i", floatComparisons);
run(0x61, "f64.", "dd-i", floatComparisons);
run(0x67, "i32.", "i-i", counts);
run(0x6a, "i32.", "ii-i", arithmetic);
run(0x79, "i64.", "l-l", counts);
run(0x7c, "i64.", "ll-l", arithmetic);
run(0x8b, "f32.", "f-f", floatUnary);
run(0x92, "f32.", "ff-f", floatBinary);
run(0x99, "f64.", "d-d", floatUnary);
run(0xa0, "f64.", "dd-d", floatBinary);
run(0xa7, "i32.", "l-i", "wrap_i64");
run(0xa8, "i32.", "f-i", "trunc_f32_s trunc_f32_u");
run(0xaa, "i32.", "d-i", "trunc_f64_s trunc_f64_u");
run(0xac, "i64.", "i-l", "extend_i32_s extend_i32_u");
run(0xae, "i64.", "f-l", "trunc_f32_s trunc_f32_u");
run(0xb0, "i64.", "d-l", "trunc_f64_s trunc_f64_u");
run(0xb2, "f32.", "i-f", "convert_i32_s convert_i32_u");
run(0xb4, "f32.", "l-f", "convert_i64_s convert_i64_u");
run(0xb6, "f32.", "d-f", "demote_f64");
run(0xb7, "f64.", "i-d", "convert_i32_s convert_i32_u");
run(0xb9, "f64.", "l-d", "convert_i64_s convert_i64_u");
run(0xbb, "f64.", "f-d", "promote_f32");
run(0xbc, "i32.", "f-i", "reinterpret_f32");
run(0xbd, "i64.", "d-l", "reinterpret_f64");
run(0xbe, "f32.", "i-f", "reinterpret_i32");
run(0xbf, "f64.", "l-d", "reinterpret_i64");
run(0xc0, "i32.", "i-i", "extend8_s extend16_s");
run(0xc2, "i64.", "l-l", "extend8_s extend16_s extend32_s");

const accesses: readonly (readonly [number, string, string, number])[] = [
  [0x28, "i32.load", "i-i", 2],
  [0x29, "i64.load", "i-l", 3],
  [0x2a, "f32.load", "i-f", 2],
  [0x2b, "f64.load", "i-d", 3],
  [0x2c, "i32.load8_s", "i-i", 0],
  [0x2d, "i32.load8_u", "i-i", 0],
  [0x2e, "i32.load16_s", "i-i", 1],
  [0x2f, "i32.load16_u", "i-i", 1],
  [0x30, "i64.load8_s", "i-l", 0],
  [0x31, "i64.load8_u", "i-l", 0],
  [0x32, "i64.load16_s", "i-l", 1],
  [0x33, "i64.load16_u", "i-l", 1],
  [0x34, "i64.load32_s", "i-l", 2],
  [0x35, "i64.load32_u", "i-l", 2],
  [0x36, "i32.store", "ii-", 2],
  [0x37, "i64.store", "il-", 3],
  [0x38, "f32.store", "if-", 2],
  [0x39, "f64.store", "id-", 3],
  [0x3a, "i32.store8", "ii-", 0],
  [0x3b, "i32.store16", "ii-", 1],
  [0x3c, "i64.store8", "il-", 0],
  [0x3d, "i64.store16", "il-", 1],
  [0x3e, "i64.store32", "il-", 2],
];
for (const [number, name, signature, log2Size] of accesses) {
  table[number] = instruction(name, signature, "memory argument", log2Size);
}
table[0x3f] = instruction("memory.size", "-i", "memory");
table[0x40] = instruction("memory.grow", "i-i", "memory");
table[op.i32Const] = instruction("i32.const", "-i", "i32");
table[op.i64Const] = instruction("i64.const", "-l", "i64");
table[op.f32Const] = instruction("f32.const", "-f", "f32");
table[op.f64Const] = instruction("f64.const", "-d", "f64");

for (const [i, pair] of ["f-i", "d-i", "f-l", "d-l"].entries()) {
  const name = `${pair[2] === "i" ? "i32" : "i64"}.trunc_sat_${pair[0] === "f" ? "f32" : "f64"}`;
  prefixedTable[2 * i] = instruction(`${name}_s`, pair, "none");
  prefixedTable[2 * i + 1] = instruction(`${name}_u`, pair, "none");
}
prefixedTable[8] = instruction("memory.init", "iii-", "data and memory");
prefixedTable[9] = instruction("data.drop", "-", "data");
prefixedTable[10] = instruction("memory.copy", "iii-", "two memories");
prefixedTable[11] = instruction("memory.fill", "iii-", "memory");
prefixedTable[12] = instruction("table.init", "iii-", "element and table");
prefixedTable[13] = instruction("elem.drop", "-", "element");
prefixedTable[14] = instruction("table.copy", "iii-", "two tables");

/** The instruction of an opcode as `Instruction.opcode` gives it, or `undefined` if its type depends on more than that. */
export function plainInstruction(opcode: number): PlainInstruction | undefined {
  return opcode < 0x100 ? table[opcode] : prefixedTable[opcode - prefixed];
}

const structuredNames: Readonly<Record<number, string>> = {
  2: "block",
  3: "loop",
  4: "if",
  5: "else",
  11: "end",
  12: "br",
  13: "br_if",
  14: "br_table",
  15: "return",
  16: "call",
  17: "call_indirect",
  26: "drop",
  27: "select",
  28: "select",
  32: "local.get",
  33: "local.set",
  34: "local.tee",
  35: "global.get",
  36: "global.set",
};

/** WebAssembly's name of an opcode as `Instruction.opcode` gives it. */
export function instructionName(opcode: number): string {
  return plainInstruction(opcode)?.name ?? structuredNames[opcode] ?? `0x${opcode.toString(16)}`;
}

/** Whether the walk knows the opcode (`Instruction.opcode`). */
export function isKnown(opcode: number): boolean {
  return plainInstruction(opcode) !== undefined || opcode in structuredNames;
}

/** Instructions that compute with, load, store or make floats. Those that only move values are not among them. */
export function isFloatInstruction(opcode: number): boolean {
  const plain = plainInstruction(opcode);
  if (plain === undefined) return false;
  return [...plain.parameters, ...plain.results].some((type) => type === valueType.f32 || type === valueType.f64);
}

/** The refusal of an opcode that is not known here: unsupported if some later WebAssembly has it, else malformed. */
export function unknownOpcode(offset: number, opcode: number) {
  if (opcode >= prefixed) {
    const number = opcode - prefixed;
    if (number >= 15 && number <= 17) return unsupported(offset, "reference types (table instructions)");
    if (number >= 19 && number <= 22) return unsupported(offset, "wide arithmetic");
  }
  if ((opcode >= 0x06 && opcode <= 0x0a) || opcode === 0x18 || opcode === 0x19 || opcode === 0x1f) {
    return unsupported(offset, "exception handling");
  }
  if (opcode === 0x12 || opcode === 0x13) return unsupported(offset, "tail calls");
  if (opcode === 0x14 || opcode === 0x15) return unsupported(offset, "typed function references");
  if (opcode === 0x25 || opcode === 0x26 || (opcode >= 0xd0 && opcode <= 0xd2)) {
    return unsupported(offset, "reference types");
  }
  if (opcode >= 0xd3 && opcode <= 0xd6) return unsupported(offset, "typed function references");
  if (opcode >= 0xe0 && opcode <= 0xe6) return unsupported(offset, "stack switching");
  if (opcode === 0xfb) return unsupported(offset, "garbage collection");
  if (opcode === 0xfd) return unsupported(offset, "SIMD");
  if (opcode === 0xfe) return unsupported(offset, "threads");
  return malformed(offset, `illegal opcode 0x${opcode.toString(16)}`);
}
