/** And, or, exclusive or, complement: piece by piece, so that a mask of constants leaves slices. */
import { addSliceRule, concat, cutsOf, extract, piecesOf } from "./pieces.ts";
import { constant, isConstant, isOnes, isZero, make, ones, ordered, type Term } from "./term.ts";

export function not(term: Term): Term {
  if (isConstant(term)) return constant(~term.value & ones(term.width), term.width);
  if (term.operation === "not") return term.operands[0]!;
  if (term.operation === "concat") return concat(term.operands.map(not));
  return make("not", term.width, [term]);
}

export const and = (a: Term, b: Term): Term => pieceByPiece(a, b, andOfPieces);
export const or = (a: Term, b: Term): Term => pieceByPiece(a, b, orOfPieces);
export const xor = (a: Term, b: Term): Term => pieceByPiece(a, b, xorOfPieces);

export const all = (terms: readonly Term[]): Term => terms.reduce(and, constant(1, 1));
export const any = (terms: readonly Term[]): Term => terms.reduce(or, constant(0, 1));

function andOfPieces(a: Term, b: Term): Term {
  if (isZero(a) || isZero(b) || a === not(b)) return constant(0, a.width);
  if (isOnes(a) || a === b) return b;
  if (isOnes(b)) return a;
  return make("and", a.width, ordered(a, b));
}

function orOfPieces(a: Term, b: Term): Term {
  if (isOnes(a) || isOnes(b) || a === not(b)) return constant(-1, a.width);
  if (isZero(a) || a === b) return b;
  if (isZero(b)) return a;
  return make("or", a.width, ordered(a, b));
}

function xorOfPieces(a: Term, b: Term): Term {
  if (a === b) return constant(0, a.width);
  if (isZero(a)) return b;
  if (isZero(b)) return a;
  if (isOnes(a)) return not(b);
  if (isOnes(b)) return not(a);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (other.operation === "xor" && other.operands.includes(one)) return other.operands.find((each) => each !== one)!;
  }
  return make("xor", a.width, ordered(a, b));
}

function pieceByPiece(a: Term, b: Term, combine: (a: Term, b: Term) => Term): Term {
  if (a.width !== b.width) throw new Error(`${a.width} bits against ${b.width}`);
  const [left, right] = [inRuns(a), inRuns(b)];
  if (left.length === 1 && right.length === 1) return combine(a, b);
  const pieces: Term[] = [];
  let end = a.width;
  for (const cut of mergedCuts(left, right)) {
    pieces.push(combine(extract(a, end - 1, cut), extract(b, end - 1, cut)));
    end = cut;
  }
  return concat(pieces);
}

/** The widths of a term's pieces, where a constant counts as the runs of equal bits that it is made of. */
function inRuns(term: Term): readonly number[] {
  return piecesOf(term).flatMap((piece) => {
    if (!isConstant(piece)) return [piece.width];
    const digits = piece.value.toString(2).padStart(piece.width, "0");
    return [...digits.matchAll(/0+|1+/g)].map(([run]) => run.length);
  });
}

function mergedCuts(left: readonly number[], right: readonly number[]): readonly number[] {
  const total = left.reduce((sum, width) => sum + width, 0);
  const cuts = new Set<number>();
  for (const widths of [left, right]) {
    let at = total;
    for (const width of widths) {
      at -= width;
      cuts.add(at);
    }
  }
  return [...cuts].sort((a, b) => b - a);
}

/** `perPiece` on each pair of pieces that stand at the same place. */
export function alignedPieces(a: Term, b: Term): readonly (readonly [Term, Term])[] {
  let end = a.width;
  return cutsOf([a, b]).map((cut) => {
    const pair = [extract(a, end - 1, cut), extract(b, end - 1, cut)] as const;
    end = cut;
    return pair;
  });
}

addSliceRule("not", (term, high, low) => not(extract(term.operands[0]!, high, low)));
for (const [operation, combine] of [
  ["and", and],
  ["or", or],
  ["xor", xor],
] as const) {
  addSliceRule(operation, ({ operands: [a, b] }, high, low) => combine(extract(a!, high, low), extract(b!, high, low)));
}
