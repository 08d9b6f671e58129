/**
 * Terms as pieces that stand side by side: what shifts, masks and packing by constants come to. Most properties of packed words
 * are decided by this form alone.
 */
import { constant, isConstant, isZero, make, ones, type Term } from "./term.ts";

/** How an operation hands a slice of itself on to its operands; undefined if it cannot. */
export type SliceRule = (term: Term, high: number, low: number) => Term | undefined;

const sliceRules = new Map<string, SliceRule>();

export function addSliceRule(operation: Term["operation"], rule: SliceRule): void {
  sliceRules.set(operation, rule);
}

/** The pieces of a term, highest first. */
export function piecesOf(term: Term): readonly Term[] {
  return term.operation === "concat" ? term.operands : [term];
}

/** Terms side by side, highest first. */
export function concat(terms: readonly Term[]): Term {
  const pieces: Term[] = [];
  for (const piece of terms.flatMap(piecesOf)) {
    const last = pieces.at(-1);
    const joined = last && joinedPieces(last, piece);
    if (joined) pieces.pop();
    pieces.push(...piecesOf(joined ?? piece));
  }
  if (pieces.length === 1) return pieces[0]!;
  return make(
    "concat",
    pieces.reduce((sum, piece) => sum + piece.width, 0),
    pieces,
  );
}

/** Two neighbours as one piece, if they are one. */
function joinedPieces(left: Term, right: Term): Term | undefined {
  const width = left.width + right.width;
  if (isConstant(left) && isConstant(right)) {
    return constant((left.value << BigInt(right.width)) | right.value, width);
  }
  if (left.operation === "fill" && right.operation === "fill" && left.operands[0] === right.operands[0]) {
    return fill(left.operands[0]!, width);
  }
  if (left.operation !== "extract") return undefined;
  const [source, low] = right.operation === "extract" ? [right.operands[0]!, right.low] : [right, 0];
  if (left.operands[0] !== source || left.low !== low + right.width) return undefined;
  return extract(source, low + width - 1, low);
}

/** The bits `high` to `low` of a term, both inclusive. */
export function extract(term: Term, high: number, low: number): Term {
  const width = high - low + 1;
  if (width === term.width) return term;
  if (isConstant(term)) return constant((term.value >> BigInt(low)) & ones(width), width);
  if (term.operation === "fill") return fill(term.operands[0]!, width);
  if (term.operation === "extract") return extract(term.operands[0]!, term.low + high, term.low + low);
  if (term.operation === "concat") return extractOfPieces(term, high, low);
  return sliceRules.get(term.operation)?.(term, high, low) ?? make("extract", width, [term], { low });
}

function extractOfPieces(term: Term, high: number, low: number): Term {
  const pieces: Term[] = [];
  let end = term.width;
  for (const piece of term.operands) {
    const begin = end - piece.width;
    if (begin <= high && end > low) {
      pieces.push(extract(piece, Math.min(high, end - 1) - begin, Math.max(low, begin) - begin));
    }
    end = begin;
  }
  return concat(pieces);
}

/** The lowest `width` bits. */
export const lowest = (term: Term, width: number): Term => extract(term, width - 1, 0);

export const bit = (term: Term, index: number): Term => extract(term, index, index);

export const topBit = (term: Term): Term => bit(term, term.width - 1);

/** One bit, repeated. */
export function fill(oneBit: Term, width: number): Term {
  if (width === 1) return oneBit;
  if (isConstant(oneBit)) return constant(oneBit.value === 0n ? 0n : ones(width), width);
  return make("fill", width, [oneBit]);
}

export function zeroExtended(term: Term, width: number): Term {
  return width === term.width ? term : concat([constant(0, width - term.width), term]);
}

export function signExtended(term: Term, width: number): Term {
  return width === term.width ? term : concat([fill(topBit(term), width - term.width), term]);
}

/** How many of its lowest bits a term needs: all above are zero. At least 1. */
export function unsignedWidth(term: Term): number {
  const first = piecesOf(term)[0]!;
  if (!isConstant(first)) return term.width;
  return Math.max(1, term.width - first.width + (isZero(first) ? 0 : first.value.toString(2).length));
}

/** How many of its lowest bits a term needs as a signed number: all above repeat the topmost of them. */
export function signedWidth(term: Term): number {
  const unsigned = unsignedWidth(term);
  if (unsigned < term.width) return unsigned + 1;
  const [first, second] = piecesOf(term);
  if (first!.operation !== "fill" || second === undefined) return term.width;
  const rest = term.width - first!.width;
  return topBit(second) === first!.operands[0] ? rest : rest + 1;
}

/** The places (numbers of bits) where a piece of one of the terms begins. */
export function cutsOf(terms: readonly Term[]): readonly number[] {
  const cuts = new Set<number>();
  for (const term of terms) {
    let at = term.width;
    for (const piece of piecesOf(term)) {
      at -= piece.width;
      cuts.add(at);
    }
  }
  return [...cuts].sort((a, b) => b - a);
}
