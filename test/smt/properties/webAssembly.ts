import {
  add,
  and,
  any,
  atMost,
  below,
  bit,
  concat,
  constant,
  equal,
  extract,
  ite,
  lowest,
  mul,
  not,
  or,
  quotientOrZero,
  remainderOrZero,
  shiftedLeft,
  shiftedRight,
  signExtended,
  signedBelow,
  signedQuotientOrZero,
  signedRemainderOrZero,
  signedShiftedRight,
  sub,
  type Term,
  unequal,
  xor,
  zeroExtended,
} from "../terms/index.ts";

/**
 * What the numeric instructions compute: WebAssembly Core Specification 2.0, section 4.3.2 "Integer Operations", in bit-vector
 * operations of the instruction's own width n. Each is written from the text of the specification, not from the contracts.
 */
export interface Definition {
  readonly name: string;
  readonly opcode: number;
  readonly width: 32 | 64;
  /** The result, of any width; a trap takes precedence. */
  readonly result: (...operands: Term[]) => Term;
  readonly operands: 1 | 2;
  /** When there is no result. */
  readonly traps?: (a: Term, b: Term) => { readonly byZero: Term; readonly overflow: Term };
}

type Operation = (a: Term, b: Term) => Term;

const [FALSE] = [constant(0, 1)];

const byZero = (_: Term, b: Term) => ({ byZero: equal(b, constant(0, b.width)), overflow: FALSE });

/** idiv_s(i1, i2) is undefined if i2 is 0, and if the quotient is 2^(n-1). */
const byZeroOrOverflow = (a: Term, b: Term) => ({
  ...byZero(a, b),
  overflow: and(equal(a, constant(1n << BigInt(a.width - 1), a.width)), equal(b, constant(-1, b.width))),
});

/** The leading zeros before the highest one; n if there is none. */
function leadingZeros(a: Term): Term {
  let count = constant(a.width, a.width);
  for (let i = 0; i < a.width; i++) count = ite(bit(a, i), constant(a.width - 1 - i, a.width), count);
  return count;
}

function trailingZeros(a: Term): Term {
  let count = constant(a.width, a.width);
  for (let i = a.width - 1; i >= 0; i--) count = ite(bit(a, i), constant(i, a.width), count);
  return count;
}

/** The sum of the bits, by halves. */
function ones(a: Term): Term {
  if (a.width === 1) return a;
  const half = a.width / 2;
  const [high, low] = [ones(extract(a, a.width - 1, half)), ones(lowest(a, half))];
  return add(zeroExtended(high, a.width), zeroExtended(low, a.width));
}

/** Rotation by each constant there is, so that no shift amount is computed. */
function rotatedLeft(a: Term, by: Term): Term {
  const amount = lowest(by, a.width === 64 ? 6 : 5);
  let result = a;
  for (let k = 1; k < a.width; k++) {
    const turned = concat([extract(a, a.width - 1 - k, 0), extract(a, a.width - 1, a.width - k)]);
    result = ite(equal(amount, constant(k, amount.width)), turned, result);
  }
  return result;
}

function rotatedRight(a: Term, by: Term): Term {
  return rotatedLeft(a, sub(constant(0, by.width), by));
}

/** Shift amounts count modulo n. */
function modulo(shift: Operation): Operation {
  return (a, by) => shift(a, zeroExtended(lowest(by, a.width === 64 ? 6 : 5), a.width));
}

const extended = (from: number) => (a: Term) => signExtended(lowest(a, from), a.width);

const comparisons: Record<string, Operation> = {
  eq: equal,
  ne: unequal,
  lt_s: signedBelow,
  lt_u: below,
  gt_s: (a, b) => signedBelow(b, a),
  gt_u: (a, b) => below(b, a),
  le_s: (a, b) => not(signedBelow(b, a)),
  le_u: atMost,
  ge_s: (a, b) => not(signedBelow(a, b)),
  ge_u: (a, b) => atMost(b, a),
};

const divisions: Record<string, Operation> = {
  div_s: signedQuotientOrZero,
  div_u: quotientOrZero,
  rem_s: signedRemainderOrZero,
  rem_u: remainderOrZero,
};

const combinations: Record<string, Operation> = {
  and,
  or,
  xor,
  shl: modulo(shiftedLeft),
  shr_s: modulo(signedShiftedRight),
  shr_u: modulo(shiftedRight),
  rotl: rotatedLeft,
  rotr: rotatedRight,
};

function definitionsOf(width: 32 | 64, first: { readonly eqz: number; readonly clz: number }): readonly Definition[] {
  const named = (name: string, opcode: number) => ({ name: `i${width}.${name}`, opcode, width });
  const binary = (operations: Record<string, Operation>, from: number): readonly Definition[] =>
    Object.entries(operations).map(([name, result], i) => ({ ...named(name, from + i), operands: 2, result }));
  const unary = (name: string, opcode: number, result: (a: Term) => Term): Definition => ({
    ...named(name, opcode),
    operands: 1,
    result,
  });
  return [
    unary("eqz", first.eqz, (a) => equal(a, constant(0, width))),
    ...binary(comparisons, first.eqz + 1),
    unary("clz", first.clz, leadingZeros),
    unary("ctz", first.clz + 1, trailingZeros),
    unary("popcnt", first.clz + 2, ones),
    ...binary({ add, sub, mul }, first.clz + 3),
    ...binary(divisions, first.clz + 6).map((definition) => ({
      ...definition,
      traps: definition.name.endsWith("div_s") ? byZeroOrOverflow : byZero,
    })),
    ...binary(combinations, first.clz + 10),
  ];
}

/** All numeric instructions of the two integer types, by the opcodes of the binary format (section 5.4.8). */
export const definitions: readonly Definition[] = [
  ...definitionsOf(32, { eqz: 0x45, clz: 0x67 }),
  { name: "i32.wrap_i64", opcode: 0xa7, width: 32, operands: 1, result: (a) => a },
  { name: "i32.extend8_s", opcode: 0xc0, width: 32, operands: 1, result: extended(8) },
  { name: "i32.extend16_s", opcode: 0xc1, width: 32, operands: 1, result: extended(16) },
  ...definitionsOf(64, { eqz: 0x50, clz: 0x79 }),
  { name: "i64.extend_i32_s", opcode: 0xac, width: 64, operands: 1, result: extended(32) },
  { name: "i64.extend_i32_u", opcode: 0xad, width: 64, operands: 1, result: (a) => lowest(a, 32) },
  { name: "i64.extend8_s", opcode: 0xc2, width: 64, operands: 1, result: extended(8) },
  { name: "i64.extend16_s", opcode: 0xc3, width: 64, operands: 1, result: extended(16) },
  { name: "i64.extend32_s", opcode: 0xc4, width: 64, operands: 1, result: extended(32) },
];

const [PC, RUNNING, TRAPPED, DIVIDE_BY_ZERO, INTEGER_OVERFLOW] = [7, 1, 3, 2, 3];

/**
 * What `ArithmeticProperties` must return after an instruction: lower slot, upper slot, sp, pc, status, trap code. An i32 on the
 * stack is the lowest half of its slot; the results have zeros above.
 */
export function ensuredBy({ width, operands, result, traps }: Definition, lower: Term, upper: Term) {
  return (...words: Term[]): Term => {
    const [slot0, slot1, sp, pc, status, trapCode] = words as [Term, Term, Term, Term, Term, Term];
    const is = (word: Term, value: Term | number) =>
      equal(word, typeof value === "number" ? constant(value, 256) : zeroExtended(value, 256));
    const [a, b] = [lowest(lower, width), lowest(upper, width)];
    const goesOn = and(is(pc, PC + 1), and(is(status, RUNNING), is(trapCode, 0)));
    if (operands === 1) return and(and(is(slot0, lower), is(slot1, result(b))), and(is(sp, 2), goesOn));
    const computed = and(and(is(slot0, result(a, b)), is(slot1, upper)), and(is(sp, 1), goesOn));
    if (traps === undefined) return computed;
    const { byZero: zero, overflow } = traps(a, b);
    const code = ite(zero, constant(DIVIDE_BY_ZERO, 256), constant(INTEGER_OVERFLOW, 256));
    const trapped = and(and(is(sp, 0), is(pc, PC)), and(is(status, TRAPPED), equal(trapCode, code)));
    return ite(any([zero, overflow]), trapped, computed);
  };
}
