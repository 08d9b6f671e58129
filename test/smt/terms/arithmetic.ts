/**
 * Arithmetic, done in as few bits as its operands need. Each rule states the fact about numbers that it rests on; a sum, product or
 * left shift also hands a slice of its lowest bits on to its operands, since higher bits never reach lower ones.
 */
import { xor } from "./bitwise.ts";
import { equal, ite } from "./logic.ts";
import {
  addSliceRule,
  concat,
  extract,
  lowest,
  signExtended,
  signedWidth,
  topBit,
  unsignedWidth,
  zeroExtended,
} from "./pieces.ts";
import { constant, isConstant, isZero, make, ordered, type Term } from "./term.ts";

type Binary = (a: Term, b: Term) => Term;

/** `combine` in the lowest `width` bits, the rest zero. */
function narrowed(a: Term, b: Term, width: number, combine: Binary): Term {
  return zeroExtended(combine(lowest(a, width), lowest(b, width)), a.width);
}

/** A sum of two numbers of n bits has n + 1. */
export function add(a: Term, b: Term): Term {
  if (isZero(a)) return b;
  if (isZero(b)) return a;
  if (isConstant(a) && isConstant(b)) return constant(a.value + b.value, a.width);
  const width = Math.max(unsignedWidth(a), unsignedWidth(b)) + 1;
  if (width < a.width) return narrowed(a, b, width, add);
  if (a.operation === "sub" && a.operands[1] === b) return a.operands[0]!;
  if (b.operation === "sub" && b.operands[1] === a) return b.operands[0]!;
  return make("add", a.width, ordered(a, b));
}

/** A difference of two numbers of n bits has n + 1, the topmost being its sign. */
export function sub(a: Term, b: Term): Term {
  if (isZero(b)) return a;
  if (a === b) return constant(0, a.width);
  if (isConstant(a) && isConstant(b)) return constant(a.value - b.value, a.width);
  const width = Math.max(unsignedWidth(a), unsignedWidth(b)) + 1;
  if (width < a.width) return signExtended(sub(lowest(a, width), lowest(b, width)), a.width);
  return make("sub", a.width, [a, b]);
}

export const negative = (a: Term): Term => sub(constant(0, a.width), a);

/** A product of numbers of n and m bits has n + m, and one with a single bit is a choice. */
export function mul(a: Term, b: Term): Term {
  if (isConstant(a) && isConstant(b)) return constant(a.value * b.value, a.width);
  if (isConstant(a)) return mul(b, a);
  if (isZero(b)) return b;
  const shift = exponentOf(b);
  if (shift !== undefined) return shiftedLeft(a, constant(shift, a.width));
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (unsignedWidth(one) === 1) return ite(lowest(one, 1), other, constant(0, a.width));
  }
  const width = unsignedWidth(a) + unsignedWidth(b);
  if (width < a.width) return narrowed(a, b, width, mul);
  return make("mul", a.width, ordered(a, b));
}

/** n if the term is 2^n. */
function exponentOf(term: Term): number | undefined {
  if (!isConstant(term) || term.value === 0n || (term.value & (term.value - 1n)) !== 0n) return undefined;
  return term.value.toString(2).length - 1;
}

/** All ones if the divisor is 0 (as SMT-LIB has it). A number of n bits by one of at least m bits has at most n - m + 1 bits. */
export function udiv(a: Term, b: Term): Term {
  if (isConstant(b) && b.value !== 0n) {
    if (isConstant(a)) return constant(a.value / b.value, a.width);
    const shift = exponentOf(b);
    if (shift !== undefined) return shiftedRight(a, constant(shift, a.width));
    const width = unsignedWidth(a) - unsignedWidth(b) + 1;
    if (width < 1) return constant(0, a.width);
    return zeroExtended(extract(make("udiv", a.width, [a, b]), width - 1, 0), a.width);
  }
  return make("udiv", a.width, [a, b]);
}

/** The quotient, 0 if the divisor is 0 (as the EVM has it). */
export function quotientOrZero(a: Term, b: Term): Term {
  const width = Math.max(unsignedWidth(a), unsignedWidth(b));
  if (width < a.width) return narrowed(a, b, width, quotientOrZero);
  const quotient = otherFactor(a, b) ?? udiv(a, b);
  return ite(equal(b, constant(0, b.width)), constant(0, a.width), quotient);
}

/** The second factor of a product that has the first one and has not overflowed. */
function otherFactor(product: Term, factor: Term): Term | undefined {
  if (product.operation !== "mul") return undefined;
  const [a, b] = product.operands as [Term, Term];
  if (unsignedWidth(a) + unsignedWidth(b) > product.width) return undefined;
  if (a === factor) return b;
  return b === factor ? a : undefined;
}

/** The dividend if the divisor is 0 (as SMT-LIB has it). Numbers of n bits have a remainder of n bits, also then. */
export function urem(a: Term, b: Term): Term {
  if (isConstant(b) && b.value !== 0n) {
    if (isConstant(a)) return constant(a.value % b.value, a.width);
    const shift = exponentOf(b);
    if (shift === 0) return constant(0, a.width);
    if (shift !== undefined) return zeroExtended(lowest(a, shift), a.width);
  }
  const width = Math.max(unsignedWidth(a), unsignedWidth(b));
  if (width < a.width) return narrowed(a, b, width, urem);
  return make("urem", a.width, [a, b]);
}

export function remainderOrZero(a: Term, b: Term): Term {
  return ite(equal(b, constant(0, b.width)), constant(0, a.width), urem(a, b));
}

/** The magnitude of a signed number of n bits has n bits without a sign, also for the least one. */
export function magnitude(a: Term): Term {
  const width = signedWidth(a);
  if (width < a.width) return zeroExtended(magnitude(lowest(a, width)), a.width);
  return ite(topBit(a), negative(a), a);
}

/** Truncated toward zero: the definition of `bvsdiv`, except that a quotient by 0 is 0. */
export function signedQuotientOrZero(a: Term, b: Term): Term {
  const quotient = quotientOrZero(magnitude(a), magnitude(b));
  return ite(xor(topBit(a), topBit(b)), negative(quotient), quotient);
}

/** With the sign of the dividend: the definition of `bvsrem`, except that a remainder by 0 is 0. */
export function signedRemainderOrZero(a: Term, b: Term): Term {
  const remainder = remainderOrZero(magnitude(a), magnitude(b));
  return ite(topBit(a), negative(remainder), remainder);
}

export function shiftedLeft(a: Term, by: Term): Term {
  if (isConstant(by)) {
    if (by.value >= BigInt(a.width)) return constant(0, a.width);
    const n = Number(by.value);
    return n === 0 ? a : concat([lowest(a, a.width - n), constant(0, n)]);
  }
  if (isZero(a)) return a;
  const width = unsignedWidth(a) + 2 ** Math.min(unsignedWidth(by), 16) - 1;
  if (width < a.width && unsignedWidth(by) <= width) return narrowed(a, by, width, shiftedLeft);
  return make("shl", a.width, [a, by]);
}

/** Bits that are zero stay zero. */
export function shiftedRight(a: Term, by: Term): Term {
  if (isConstant(by)) {
    if (by.value >= BigInt(a.width)) return constant(0, a.width);
    return zeroExtended(extract(a, a.width - 1, Number(by.value)), a.width);
  }
  const width = Math.max(unsignedWidth(a), unsignedWidth(by));
  if (width < a.width) return narrowed(a, by, width, shiftedRight);
  return make("lshr", a.width, [a, by]);
}

/** Bits that repeat the sign keep repeating it. */
export function signedShiftedRight(a: Term, by: Term): Term {
  if (isConstant(by)) {
    const n = by.value >= BigInt(a.width) ? a.width - 1 : Number(by.value);
    return signExtended(extract(a, a.width - 1, n), a.width);
  }
  const width = Math.max(signedWidth(a), unsignedWidth(by));
  if (width < a.width) return signExtended(signedShiftedRight(lowest(a, width), lowest(by, width)), a.width);
  return make("ashr", a.width, [a, by]);
}

for (const [operation, combine] of [
  ["add", add],
  ["sub", sub],
  ["mul", mul],
] as const) {
  addSliceRule(operation, ({ operands: [a, b] }, high, low) =>
    low === 0 ? combine(lowest(a!, high + 1), lowest(b!, high + 1)) : undefined,
  );
}

addSliceRule("shl", ({ operands: [a, by] }, high, low) =>
  low === 0 && unsignedWidth(by!) <= high + 1 ? shiftedLeft(lowest(a!, high + 1), lowest(by!, high + 1)) : undefined,
);
