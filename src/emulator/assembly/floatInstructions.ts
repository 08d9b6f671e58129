/** The F and D extensions: operands in, `float.ts` and `floatConvert.ts` compute, result out with its NaN box. */
import { A, add, B, C, divide, multiply, multiplyAdd, nan, squareRoot, unpack } from "./float";
import { charge, DIVIDE, FLOAT, MULTIPLY_ADD } from "./charge";
import { classify, compare, convert, fromInteger, select, toInteger } from "./floatConvert";
import { FCSR, X_SINK } from "./layout";
import { floatEnabled, markFloatDirty, readF, readX, writeF, writeX } from "./registers";

const BOX: u64 = 0xffffffff_00000000;

/** A register's bits in a format: a single that is not NaN-boxed is the canonical NaN. */
function operand(number: u32, double: bool): u64 {
  const bits = readF(number);
  if (double) return bits;
  return (bits & BOX) == BOX ? bits & 0xffffffff : nan(false);
}

function result(number: u32, bits: u64, double: bool): bool {
  writeF(number, double ? bits : bits | BOX);
  markFloatDirty();
  return true;
}

function integerResult(number: u32, value: u64): bool {
  writeX(number == 0 ? X_SINK : number, value);
  return true;
}

/** The rounding mode an instruction asks for, 5 or more when it is none. */
function roundingMode(raw: u32): u32 {
  const mode = (raw >> 12) & 7;
  return mode == 7 ? <u32>(load<u64>(FCSR) >> 5) : mode;
}

/** Executes one instruction; false when it is illegal. */
export function executeFloat(raw: u32): bool {
  const opcode = raw & 0x7f;
  charge(opcode != 0x53 ? MULTIPLY_ADD : (raw >> 27 & ~8) == 3 ? DIVIDE : FLOAT);
  const format = (raw >> 25) & 3;
  if (!floatEnabled() || format > 1) return false;
  const double = format == 1;
  const rd = (raw >> 7) & 31;
  const a = operand((raw >> 15) & 31, double);
  const b = operand((raw >> 20) & 31, double);
  if (opcode != 0x53) {
    const mode = roundingMode(raw);
    if (mode > 4) return false;
    unpack(A, a, double);
    unpack(B, b, double);
    unpack(C, operand(raw >> 27, double), double);
    // fmadd 43, fmsub 47, fnmsub 4b, fnmadd 4f: -(a * b) ... for the latter two, the addend negated for 47 and 4f.
    const flipProduct: u32 = opcode >= 0x4b ? 1 : 0;
    const flipAddend: u32 = opcode == 0x47 || opcode == 0x4f ? 1 : 0;
    return result(rd, multiplyAdd(flipProduct, flipAddend, double, mode), double);
  }
  const funct3 = (raw >> 12) & 7;
  const rs2 = (raw >> 20) & 31;
  switch (raw >> 27) {
    case 0x04: return injectSign(rd, funct3, a, b, double);
    case 0x05:
      if (funct3 > 1) return false;
      unpack(A, a, double);
      unpack(B, b, double);
      return result(rd, select(a, b, funct3 == 1, double), double);
    case 0x14:
      if (funct3 > 2) return false;
      unpack(A, a, double);
      unpack(B, b, double);
      markFloatDirty();
      return integerResult(rd, compare(funct3));
    case 0x1c:
      if (rs2 != 0 || funct3 > 1) return false;
      if (funct3 == 0) return integerResult(rd, double ? readF((raw >> 15) & 31) : <u64><i64><i32>readF((raw >> 15) & 31));
      unpack(A, a, double);
      return integerResult(rd, classify(isSubnormal(a, double)));
    case 0x1e:
      if (rs2 != 0 || funct3 != 0) return false;
      return result(rd, double ? readX((raw >> 15) & 31) : readX((raw >> 15) & 31) & 0xffffffff, double);
    default: return executeRounded(raw, rd, a, b, rs2, double);
  }
}

/** The instructions that have a rounding mode. */
function executeRounded(raw: u32, rd: u32, a: u64, b: u64, rs2: u32, double: bool): bool {
  const mode = roundingMode(raw);
  if (mode > 4) return false;
  switch (raw >> 27) {
    case 0x00: case 0x01: case 0x02: case 0x03: {
      const operation = raw >> 27;
      unpack(A, a, double);
      unpack(B, b, double);
      if (operation == 2) return result(rd, multiply(double, mode), double);
      if (operation == 3) return result(rd, divide(double, mode), double);
      return result(rd, add(operation, double, mode), double);
    }
    case 0x0b:
      if (rs2 != 0) return false;
      unpack(A, a, double);
      return result(rd, squareRoot(double, mode), double);
    case 0x08:
      // fcvt.s.d and fcvt.d.s: rs2 names the source's format.
      if (rs2 != (double ? 0 : 1)) return false;
      unpack(A, operand((raw >> 15) & 31, !double), !double);
      return result(rd, convert(double, mode), double);
    case 0x18:
      if (rs2 > 3) return false;
      unpack(A, a, double);
      markFloatDirty();
      return integerResult(rd, toInteger((rs2 & 1) == 0, rs2 >= 2, mode));
    case 0x1a: {
      if (rs2 > 3) return false;
      const source = readX((raw >> 15) & 31);
      const value = rs2 == 0 ? <u64><i64><i32>source : rs2 == 1 ? source & 0xffffffff : source;
      return result(rd, fromInteger(value, (rs2 & 1) == 0, double, mode), double);
    }
    default: return false;
  }
}

function injectSign(rd: u32, funct3: u32, a: u64, b: u64, double: bool): bool {
  if (funct3 > 2) return false;
  const top: u64 = double ? 1 << 63 : 1 << 31;
  const from = funct3 == 0 ? b : funct3 == 1 ? ~b : a ^ b;
  return result(rd, (a & ~top) | (from & top), double);
}

@inline
function isSubnormal(bits: u64, double: bool): bool {
  return (bits & (double ? 0x7ff00000_00000000 : 0x7f800000)) == 0;
}
