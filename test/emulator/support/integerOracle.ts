import { typeI, typeR } from "./encode.ts";

/** What an integer instruction puts into its destination (unprivileged ISA, RV64I and M), in integers of any size. */
export interface IntegerInstruction {
  readonly name: string;
  /** The instruction with a destination, a first source, and a second source or an immediate. */
  readonly encode: (rd: number, rs1: number, second: number) => number;
  readonly result: (a: bigint, b: bigint) => bigint;
  /** For an instruction with an immediate: the values it can have. */
  readonly immediates?: readonly number[];
}

const signed = (value: bigint) => BigInt.asIntN(64, value);
const low = (value: bigint) => BigInt.asIntN(32, value);
const lowUnsigned = (value: bigint) => BigInt.asUintN(32, value);
const all = (1n << 64n) - 1n;

/** Quotient and remainder, rounded towards zero, with what the M extension defines for zero divisors. */
const quotient = (a: bigint, b: bigint) => (b === 0n ? -1n : a / b);
const remainder = (a: bigint, b: bigint) => (b === 0n ? a : a % b);

type Result = (a: bigint, b: bigint) => bigint;
/** Name, funct3, funct7, result: opcode 0x33. */
const registers: readonly (readonly [string, number, number, Result])[] = [
  ["add", 0, 0, (a, b) => a + b],
  ["sub", 0, 0x20, (a, b) => a - b],
  ["sll", 1, 0, (a, b) => a << (b & 63n)],
  ["slt", 2, 0, (a, b) => BigInt(signed(a) < signed(b))],
  ["sltu", 3, 0, (a, b) => BigInt(a < b)],
  ["xor", 4, 0, (a, b) => a ^ b],
  ["srl", 5, 0, (a, b) => a >> (b & 63n)],
  ["sra", 5, 0x20, (a, b) => signed(a) >> (b & 63n)],
  ["or", 6, 0, (a, b) => a | b],
  ["and", 7, 0, (a, b) => a & b],
  ["mul", 0, 1, (a, b) => a * b],
  ["mulh", 1, 1, (a, b) => (signed(a) * signed(b)) >> 64n],
  ["mulhsu", 2, 1, (a, b) => (signed(a) * b) >> 64n],
  ["mulhu", 3, 1, (a, b) => (a * b) >> 64n],
  ["div", 4, 1, (a, b) => quotient(signed(a), signed(b))],
  ["divu", 5, 1, quotient],
  ["rem", 6, 1, (a, b) => remainder(signed(a), signed(b))],
  ["remu", 7, 1, remainder],
];
/** The same for opcode 0x3b, whose results are 32 bits, sign-extended. */
const words: readonly (readonly [string, number, number, Result])[] = [
  ["addw", 0, 0, (a, b) => a + b],
  ["subw", 0, 0x20, (a, b) => a - b],
  ["sllw", 1, 0, (a, b) => a << (b & 31n)],
  ["srlw", 5, 0, (a, b) => lowUnsigned(a) >> (b & 31n)],
  ["sraw", 5, 0x20, (a, b) => low(a) >> (b & 31n)],
  ["mulw", 0, 1, (a, b) => a * b],
  ["divw", 4, 1, (a, b) => quotient(low(a), low(b))],
  ["divuw", 5, 1, (a, b) => quotient(lowUnsigned(a), lowUnsigned(b))],
  ["remw", 6, 1, (a, b) => remainder(low(a), low(b))],
  ["remuw", 7, 1, (a, b) => remainder(lowUnsigned(a), lowUnsigned(b))],
];

const edges = [0, 1, 2, -1, -2, 3, 7, 255, -256, 1365, -1366, 2046, 2047, -2047, -2048];
const shifts = (bits: number) => Array.from({ length: bits }, (_, i) => i);
const registerForm = (opcode: number, [name, funct3, funct7, result]: (typeof registers)[number], is32: boolean) => ({
  name,
  encode: (rd: number, rs1: number, rs2: number) => typeR(opcode, funct3, funct7, rd, rs1, rs2),
  result: (a: bigint, b: bigint) => (is32 ? low(result(a, b)) : result(a, b)) & all,
});
/** The immediate form has the funct3 of the register form; `funct7` of a shift goes above its amount. */
const immediateForm = (
  opcode: number,
  [name, funct3, funct7, result]: (typeof registers)[number],
  is32: boolean,
  shiftBits?: number,
) => ({
  name: is32 ? `${name.slice(0, -1)}iw` : name === "sltu" ? "sltiu" : `${name}i`,
  encode: (rd: number, rs1: number, value: number) => typeI(opcode, funct3, rd, rs1, value | (funct7 << 5)),
  result: (a: bigint, b: bigint) => (is32 ? low(result(a, b)) : result(a, b)) & all,
  immediates: shiftBits === undefined ? edges : shifts(shiftBits),
});
const pick = (table: typeof registers, names: readonly string[]) => table.filter(([name]) => names.includes(name));

export const integerInstructions: readonly IntegerInstruction[] = [
  ...registers.map((row) => registerForm(0x33, row, false)),
  ...words.map((row) => registerForm(0x3b, row, true)),
  ...pick(registers, ["add", "slt", "sltu", "xor", "or", "and"]).map((row) => immediateForm(0x13, row, false)),
  ...pick(registers, ["sll", "srl", "sra"]).map((row) => immediateForm(0x13, row, false, 64)),
  ...pick(words, ["addw"]).map((row) => immediateForm(0x1b, row, true)),
  ...pick(words, ["sllw", "srlw", "sraw"]).map((row) => immediateForm(0x1b, row, true, 32)),
];

/** Values where carries, signs, word halves and divisions change. */
export const edgeValues: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 5n, 10n, 31n, 32n, 63n, 64n, all, all - 1n, all - 2n],
  ...[31n, 32n, 63n].flatMap((bit) => [-1n, 0n, 1n].map((distance) => (1n << bit) + distance)),
  ...[0xffff_ffff_8000_0000n, 0xffff_ffff_7fff_ffffn, 0xffff_ffff_0000_0000n, 0xffff_ffff_0000_0001n],
  ...[0x5555_5555_5555_5555n, 0xaaaa_aaaa_aaaa_aaaan, 0x0123_4567_89ab_cdefn, 0xfedc_ba98_7654_3210n],
];
