import {
  divideByZero,
  double,
  type Exact,
  type Format,
  inexact,
  infinityOf,
  invalid,
  isNan,
  type Operand,
  type Result,
  round,
  roundToInteger,
  single,
  squareRootOf,
  sum,
  unpack,
  zeroOf,
} from "./floatNumber.ts";

/** Contents of the sources: float registers (64 bits, boxed or not) and an integer one. */
export interface Sources {
  readonly f: readonly [bigint, bigint, bigint];
  readonly x: bigint;
}
/** What an instruction of F or D leaves: in a float register, or in an integer one. */
export interface Outcome extends Result {
  readonly to: "f" | "x";
}

const all = (1n << 64n) - 1n;
const box = 0xffff_ffff_0000_0000n;
const nanOf = ({ canonicalNan }: Format, flags: number): Result => ({ bits: canonicalNan, flags });
const signals = (...operands: Operand[]) => operands.some(({ kind }) => kind === "signaling");
const negated = <T extends Operand>(operand: T): T => ({ ...operand, negative: !operand.negative });
const isZero = (operand: Operand) => operand.kind === "finite" && operand.numerator === 0n;
/** A number or infinity, for comparisons: infinities are beyond every number. */
const exactOf = (operand: Operand): Exact =>
  operand.kind === "finite" ? operand : { negative: operand.negative, numerator: 1n, denominator: 1n, exponent: 2000 };

function rounded(value: Exact, zeroIsNegative: boolean, format: Format, mode: number): Result {
  return value.numerator === 0n ? { bits: zeroOf(format, zeroIsNegative), flags: 0 } : round(value, format, mode);
}

function add(a: Operand, b: Operand, format: Format, mode: number): Result {
  if (isNan(a) || isNan(b)) return nanOf(format, signals(a, b) ? invalid : 0);
  if (a.kind !== "finite" || b.kind !== "finite") {
    const infinite = a.kind === "infinite" ? a : b;
    if (a.kind === b.kind && a.negative !== b.negative) return nanOf(format, invalid);
    return { bits: infinityOf(format, infinite.negative), flags: 0 };
  }
  return rounded(sum(a, b), a.negative === b.negative ? a.negative : mode === 2, format, mode);
}

function multiplyAdd(a: Operand, b: Operand, c: Operand | undefined, format: Format, mode: number): Result {
  const negative = a.negative !== b.negative;
  const undefinedProduct = (a.kind === "infinite" && isZero(b)) || (b.kind === "infinite" && isZero(a));
  if (undefinedProduct) return nanOf(format, invalid);
  if (isNan(a) || isNan(b) || (c !== undefined && isNan(c))) {
    return nanOf(format, signals(a, b, ...(c === undefined ? [] : [c])) ? invalid : 0);
  }
  if (a.kind !== "finite" || b.kind !== "finite") {
    return add({ kind: "infinite", negative }, c ?? { kind: "infinite", negative }, format, mode);
  }
  const exponent = a.exponent + b.exponent;
  const product = { negative, numerator: a.numerator * b.numerator, denominator: 1n, exponent };
  if (c === undefined) return rounded(product, negative, format, mode);
  return add({ kind: "finite", subnormal: false, ...product }, c, format, mode);
}

function divide(a: Operand, b: Operand, format: Format, mode: number): Result {
  const negative = a.negative !== b.negative;
  if (isNan(a) || isNan(b)) return nanOf(format, signals(a, b) ? invalid : 0);
  if (a.kind === "infinite" || b.kind === "infinite") {
    if (a.kind === b.kind) return nanOf(format, invalid);
    return { bits: a.kind === "infinite" ? infinityOf(format, negative) : zeroOf(format, negative), flags: 0 };
  }
  if (isZero(b)) {
    return isZero(a) ? nanOf(format, invalid) : { bits: infinityOf(format, negative), flags: divideByZero };
  }
  const [dividend, divisor] = [exactOf(a), exactOf(b)];
  const exponent = dividend.exponent - divisor.exponent;
  const quotient = { negative, numerator: dividend.numerator, denominator: divisor.numerator, exponent };
  return rounded(quotient, negative, format, mode);
}

function squareRoot(a: Operand, format: Format, mode: number): Result {
  if (isNan(a)) return nanOf(format, signals(a) ? invalid : 0);
  if (isZero(a)) return { bits: zeroOf(format, a.negative), flags: 0 };
  if (a.negative) return nanOf(format, invalid);
  if (a.kind !== "finite") return { bits: infinityOf(format, false), flags: 0 };
  return round(squareRootOf(a), format, mode);
}

function convert(a: Operand, format: Format, mode: number): Result {
  if (isNan(a)) return nanOf(format, signals(a) ? invalid : 0);
  if (a.kind !== "finite") return { bits: infinityOf(format, a.negative), flags: 0 };
  return rounded(exactOf(a), a.negative, format, mode);
}

function toInteger(a: Operand, bits: number, signed: boolean, mode: number): Result {
  const [least, greatest] = signed
    ? [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n]
    : [0n, (1n << BigInt(bits)) - 1n];
  const extended = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(bits, value));
  if (isNan(a)) return { bits: extended(greatest), flags: invalid };
  const { integer, exact } = roundToInteger(exactOf(a), mode);
  const value = a.negative ? -integer : integer;
  if (value < least || value > greatest) return { bits: extended(value < least ? least : greatest), flags: invalid };
  return { bits: extended(value), flags: exact ? 0 : inexact };
}

/** -1, 0 or 1; zeros are equal. */
function order(a: Operand, b: Operand): number {
  const difference = sum(exactOf(a), { ...exactOf(b), negative: !b.negative });
  if (a.kind === "infinite" && b.kind === "infinite" && a.negative === b.negative) return 0;
  return difference.numerator === 0n ? 0 : difference.negative ? -1 : 1;
}

function select(a: Operand, b: Operand, bits: readonly [bigint, bigint], greater: boolean, format: Format): Result {
  const flags = signals(a, b) ? invalid : 0;
  if (isNan(a) && isNan(b)) return nanOf(format, flags);
  if (isNan(a) || isNan(b)) return { bits: isNan(a) ? bits[1] : bits[0], flags };
  const compared = order(a, b) || Number(b.negative) - Number(a.negative);
  return { bits: (greater ? compared > 0 : compared < 0) ? bits[0] : bits[1], flags };
}

function compare(name: string, a: Operand, b: Operand): Result {
  if (isNan(a) || isNan(b)) return { bits: 0n, flags: name !== "feq" || signals(a, b) ? invalid : 0 };
  const compared = order(a, b);
  return { bits: BigInt(name === "feq" ? compared === 0 : name === "flt" ? compared < 0 : compared <= 0), flags: 0 };
}

function classify(a: Operand): number {
  if (a.kind === "signaling") return 8;
  if (a.kind === "quiet") return 9;
  const magnitude = a.kind === "infinite" ? 3 : isZero(a) ? 0 : a.subnormal ? 1 : 2;
  return a.negative ? 3 - magnitude : 4 + magnitude;
}

function signInjection(name: string, a: bigint, b: bigint, format: Format): bigint {
  const top = zeroOf(format, true);
  const sign = name === "fsgnj" ? b : name === "fsgnjn" ? ~b : a ^ b;
  return (a & ~top) | (sign & top);
}

/**
 * What the instruction of a name ("fadd.s") gives in a rounding mode (0 to 4): the F and D extensions by their text, in
 * exact arithmetic. NaN results are canonical; a single that is not boxed counts as the canonical NaN.
 */
export function floatOutcome(fullName: string, { f, x }: Sources, mode: number): Outcome {
  const parts = fullName.split(".");
  const name = parts[0]!;
  const bitsOf = (register: bigint, format: Format) =>
    format === double ? register : register >> 32n === 0xffff_ffffn ? register & 0xffff_ffffn : single.canonicalNan;
  const format =
    (name === "fmv" || name === "fcvt" ? parts.find((part) => part === "s" || part === "d") : parts[1]) === "d"
      ? double
      : single;
  const bits = f.map((register) => bitsOf(register, format)) as [bigint, bigint, bigint];
  const [a, b, c] = bits.map((value) => unpack(value, format)) as [Operand, Operand, Operand];
  const toFloat = (result: Result): Outcome => ({
    ...result,
    bits: format === double ? result.bits : result.bits | box,
    to: "f",
  });
  const toX = (result: Result): Outcome => ({ ...result, to: "x" });
  const kinds = { w: [32, true], wu: [32, false], l: [64, true], lu: [64, false] } as const;
  switch (name) {
    case "fadd":
      return toFloat(add(a, b, format, mode));
    case "fsub":
      return toFloat(add(a, negated(b), format, mode));
    case "fmul":
      return toFloat(multiplyAdd(a, b, undefined, format, mode));
    case "fdiv":
      return toFloat(divide(a, b, format, mode));
    case "fsqrt":
      return toFloat(squareRoot(a, format, mode));
    case "fmadd":
      return toFloat(multiplyAdd(a, b, c, format, mode));
    case "fmsub":
      return toFloat(multiplyAdd(a, b, negated(c), format, mode));
    case "fnmsub":
      return toFloat(multiplyAdd(negated(a), b, c, format, mode));
    case "fnmadd":
      return toFloat(multiplyAdd(negated(a), b, negated(c), format, mode));
    case "fsgnj":
    case "fsgnjn":
    case "fsgnjx":
      return toFloat({ bits: signInjection(name, bits[0], bits[1], format), flags: 0 });
    case "fmin":
    case "fmax":
      return toFloat(select(a, b, [bits[0], bits[1]], name === "fmax", format));
    case "feq":
    case "flt":
    case "fle":
      return toX(compare(name, a, b));
    case "fclass":
      return toX({ bits: 1n << BigInt(classify(a)), flags: 0 });
    case "fmv":
      if (parts[1] !== "x") return toFloat({ bits: format === double ? x : x & 0xffff_ffffn, flags: 0 });
      return toX({ bits: format === double ? f[0] : BigInt.asIntN(32, f[0]) & all, flags: 0 });
    default: {
      const [to, from] = parts.slice(1) as [string, string];
      if (to in kinds) {
        const [width, signed] = kinds[to as keyof typeof kinds];
        return toX(toInteger(a, width, signed, mode));
      }
      if (from in kinds) {
        const [width, signed] = kinds[from as keyof typeof kinds];
        const value = signed ? BigInt.asIntN(width, x) : BigInt.asUintN(width, x);
        const exact = { negative: value < 0n, numerator: value < 0n ? -value : value, denominator: 1n, exponent: 0 };
        return toFloat(rounded(exact, false, format, mode));
      }
      const source = from === "d" ? double : single;
      return toFloat(convert(unpack(bitsOf(f[0], source), source), format, mode));
    }
  }
}
