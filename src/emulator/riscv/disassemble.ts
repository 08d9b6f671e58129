/** RISC-V instructions in words, for people: as `objdump -M no-aliases` writes them, 16-bit ones as what they stand for. */
import { expandCompressed } from "./compressed.ts";
import { type Form, instructionOf } from "./instructionSet.ts";
import { csrName, floatRegisters, integerRegisters, roundingModes } from "./names.ts";

/** An instruction as it stands in memory. */
export interface Disassembled {
  readonly text: string;
  /** 2 or 4. */
  readonly bytes: number;
}

/**
 * The instruction at an address.
 * @param bits the 32 bits there; of a 16-bit instruction the upper half does not count.
 */
export function disassembleGuest(bits: number, pc: bigint): Disassembled {
  if ((bits & 3) === 3) return { text: textOf(bits >>> 0, pc) ?? `no instruction (0x${hex(bits)})`, bytes: 4 };
  const half = bits & 0xffff;
  const word = expandCompressed(half);
  const text = word === undefined ? undefined : textOf(word, pc);
  return { text: text ?? `no instruction (0x${half.toString(16)})`, bytes: 2 };
}

function textOf(word: number, pc: bigint): string | undefined {
  const found = instructionOf(word);
  if (found === undefined) return undefined;
  const { name, form } = found;
  const operands = operandsOf(form, word, pc);
  const order = form === "atomic" || form === "reserve" ? ["", ".rl", ".aq", ".aqrl"][(word >>> 25) & 3]! : "";
  return operands === "" ? name : `${name}${order} ${operands}`;
}

const x = (number: number) => integerRegisters[number & 31]!;
const f = (number: number) => floatRegisters[number & 31]!;
const hex = (value: number) => (value >>> 0).toString(16);

function operandsOf(form: Form, word: number, pc: bigint): string {
  const [rd, rs1, rs2] = [word >>> 7, word >>> 15, word >>> 20];
  const immediate = word >> 20;
  const isFloat = (word & 0x5f) === 0x07;
  switch (form) {
    case "none":
      return "";
    case "register":
      return `${x(rd)},${x(rs1)},${x(rs2)}`;
    case "immediate":
      return `${x(rd)},${x(rs1)},${immediate}`;
    case "shift":
      return `${x(rd)},${x(rs1)},0x${hex((word >>> 20) & ((word & 8) === 0 ? 63 : 31))}`;
    case "load":
      return `${isFloat ? f(rd) : x(rd)},${immediate}(${x(rs1)})`;
    case "store":
      return `${isFloat ? f(rs2) : x(rs2)},${((word >> 25) << 5) | (rd & 31)}(${x(rs1)})`;
    case "branch":
      return `${x(rs1)},${x(rs2)},${target(pc, branchOffset(word))}`;
    case "upper":
      return `${x(rd)},0x${hex(word >>> 12)}`;
    case "jump":
      return `${x(rd)},${target(pc, jumpOffset(word))}`;
    case "fence":
      return fenceOperands(word);
    case "sfence":
      return `${x(rs1)},${x(rs2)}`;
    case "csr":
      return `${x(rd)},${csrName(word >>> 20)},${x(rs1)}`;
    case "csrImmediate":
      return `${x(rd)},${csrName(word >>> 20)},${rs1 & 31}`;
    case "atomic":
      return `${x(rd)},${x(rs2)},(${x(rs1)})`;
    case "reserve":
      return `${x(rd)},(${x(rs1)})`;
    default:
      return floatOperands(form, word);
  }
}

function floatOperands(form: string, word: number): string {
  const [kind, letters] = form.split(" ") as [string, string];
  const numbers: Readonly<Record<string, string>> = {
    d: f(word >>> 7),
    D: x(word >>> 7),
    1: f(word >>> 15),
    A: x(word >>> 15),
    2: f(word >>> 20),
    3: f(word >>> 27),
  };
  const rounding = kind === "rounded" ? roundingModes[(word >>> 12) & 7] : undefined;
  return [...[...letters].map((letter) => numbers[letter]!), ...(rounding === undefined ? [] : [rounding])].join(",");
}

function fenceOperands(word: number): string {
  const set = (bits: number) => [..."iorw"].filter((_, i) => (bits >> (3 - i)) & 1).join("") || "unknown";
  return `${set((word >>> 24) & 15)},${set((word >>> 20) & 15)}`;
}

function target(pc: bigint, offset: number): string {
  return `0x${BigInt.asUintN(64, pc + BigInt(offset)).toString(16)}`;
}

function branchOffset(word: number): number {
  return ((word >> 31) << 12) | (((word >>> 7) & 1) << 11) | (((word >>> 25) & 63) << 5) | (((word >>> 8) & 15) << 1);
}

function jumpOffset(word: number): number {
  return ((word >> 31) << 20) | (word & 0xff000) | (((word >>> 20) & 1) << 11) | (((word >>> 21) & 0x3ff) << 1);
}
