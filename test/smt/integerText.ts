import { isZero, partsOf, type Term, unsignedWidth } from "./terms/index.ts";

const comparisons: Partial<Record<Term["operation"], string>> = { eq: "=", ult: "<" };

/**
 * A one-bit term as an assertion about integers: each bit vector is the number it stands for, and what wraps is written out. z3
 * decides multiplications and divisions by constants much faster so; masks and shifts by variables have no such form.
 */
export function integerAssertionOf(goal: Term): string {
  return [...partsOf(goal).flatMap(linesOf), `(assert ${truth(goal)})`].join("\n");
}

const power = (exponent: number): bigint => 1n << BigInt(exponent);

/** A number that a term never exceeds. */
function most(term: Term): bigint {
  const { operation, operands } = term;
  const [a, b] = operands as [Term, Term];
  const general = power(unsignedWidth(term)) - 1n;
  const least = (bound: bigint) => (bound < general ? bound : general);
  switch (operation) {
    case "constant":
      return term.value;
    case "concat":
      return least(sumOf(operands.map((piece, i) => most(piece) * power(widthBelow(operands, i)))));
    case "add":
      return least(most(a) + most(b));
    case "mul":
      return least(most(a) * most(b));
    case "udiv":
      return b.operation === "constant" ? least(most(a) / b.value) : general;
    case "extract":
      return term.low === 0 ? least(most(a)) : general;
    default:
      return general;
  }
}

const sumOf = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, each) => sum + each, 0n);

/** The number of bits below a piece. */
const widthBelow = (pieces: readonly Term[], index: number): number =>
  pieces.slice(index + 1).reduce((sum, piece) => sum + piece.width, 0);

const booleans = ["constant", "eq", "ult", "not", "and", "or", "xor", "ite"];

const isBoolean = (term: Term): boolean => term.width === 1 && booleans.includes(term.operation);

function name(term: Term): string {
  if (term.operation === "constant") return `${term.value}`;
  return term.operation === "variable" ? term.name : `t${term.id}`;
}

function truth(term: Term): string {
  if (term.operation === "constant") return isZero(term) ? "false" : "true";
  return isBoolean(term) ? name(term) : `(= ${name(term)} 1)`;
}

function number(term: Term): string {
  return isBoolean(term) && term.operation !== "constant" ? `(ite ${name(term)} 1 0)` : name(term);
}

/** A number from 0 to below `limit` that is not computed but described. */
function unknown(term: string, limit: bigint): readonly string[] {
  return [`(declare-const ${term} Int)`, `(assert (and (<= 0 ${term}) (< ${term} ${limit})))`];
}

function linesOf(term: Term): readonly string[] {
  const { operation, operands, width, low } = term;
  const self = name(term);
  if (operation === "constant") return [];
  if (operation === "variable") return unknown(self, power(width));
  if (isBoolean(term)) return [`(define-fun ${self} () Bool ${booleanOf(term)})`];
  const [a = "", b = ""] = operands.map(number);
  if (operation === "extract") {
    if (low === 0 && most(operands[0]!) < power(width)) return [`(define-fun ${self} () Int ${a})`];
    const [above, below] = [`${self}_above`, `${self}_below`];
    const parts = `(+ (* ${power(low + width)} ${above}) (* ${power(low)} ${self}) ${below})`;
    return [
      ...unknown(self, power(width)),
      ...unknown(above, power(Math.max(0, operands[0]!.width - width - low))),
      ...unknown(below, power(low)),
      `(assert (= ${a} ${parts}))`,
    ];
  }
  if (operation === "mul" && most(term.operands[0]!) * most(term.operands[1]!) >= power(width))
    return wrappedLines(term, self, a, b);
  if (operation === "udiv" || operation === "urem") return divisionLines(term, self, a, b);
  return [`(define-fun ${self} () Int ${numberOf(term, a, b)})`];
}

/** Quotient and remainder, described by what they are; by 0 they can be anything. */
function divisionLines(term: Term, self: string, a: string, b: string): readonly string[] {
  const divisor = term.operands[1]!;
  const [quotient, remainder] = term.operation === "udiv" ? [self, `${self}_rest`] : [`${self}_quotient`, self];
  const isKnown = divisor.operation === "constant" && divisor.value > 0n;
  return [
    ...unknown(quotient, isKnown ? most(term.operands[0]!) / divisor.value + 1n : power(term.width)),
    ...unknown(remainder, isKnown ? divisor.value : power(term.width)),
    `(assert (=> (< 0 ${b}) (and (< ${remainder} ${b}) (= ${a} (+ (* ${b} ${quotient}) ${remainder})))))`,
  ];
}

/** A product that can overflow: described by how often. */
function wrappedLines({ operands, width }: Term, self: string, a: string, b: string): readonly string[] {
  const times = `${self}_times`;
  return [
    ...unknown(self, power(width)),
    ...unknown(times, (most(operands[0]!) * most(operands[1]!)) / power(width) + 1n),
    `(assert (= (* ${a} ${b}) (+ ${self} (* ${power(width)} ${times}))))`,
  ];
}

function booleanOf({ operation, operands }: Term): string {
  const truths = operands.map(truth);
  const comparison = comparisons[operation];
  if (comparison !== undefined) return `(${comparison} ${operands.map(number).join(" ")})`;
  return `(${operation} ${truths.join(" ")})`;
}

function numberOf({ operation, operands, width }: Term, a: string, b: string): string {
  const limit = power(width);
  switch (operation) {
    case "concat":
      return sumOfPieces(operands);
    case "fill":
      return `(* ${limit - 1n} ${a})`;
    case "ite":
      return `(ite ${truth(operands[0]!)} ${number(operands[1]!)} ${number(operands[2]!)})`;
    case "add":
      if (sumOf(operands.map(most)) < limit) return `(+ ${a} ${b})`;
      return `(ite (< (+ ${a} ${b}) ${limit}) (+ ${a} ${b}) (- (+ ${a} ${b}) ${limit}))`;
    case "sub":
      return `(ite (< ${a} ${b}) (- (+ ${a} ${limit}) ${b}) (- ${a} ${b}))`;
    case "mul":
      return `(* ${a} ${b})`;
  }
  throw new Error(`${operation} of ${width} bits is not written as integers`);
}

function sumOfPieces(pieces: readonly Term[]): string {
  return `(+ 0 ${pieces.map((piece, i) => `(* ${power(widthBelow(pieces, i))} ${number(piece)})`).join(" ")})`;
}
