/** Comparisons and choices. Truth values are single bits, so `and`, `or`, `not` of `bitwise.ts` combine them. */
import { alignedPieces, all, not, xor } from "./bitwise.ts";
import { addSliceRule, concat, extract, fill, lowest, signedWidth, unsignedWidth } from "./pieces.ts";
import { constant, FALSE, isConstant, isZero, make, ordered, type Term, TRUE } from "./term.ts";

const knownEqual = new Map<string, Term>();

/** Remembered, because the walks of two trees are compared along all their paths. */
export function equal(a: Term, b: Term): Term {
  const key = ordered(a, b)
    .map((term) => term.id)
    .join();
  const known = knownEqual.get(key) ?? equalAnew(a, b);
  knownEqual.set(key, known);
  return known;
}

function equalAnew(a: Term, b: Term): Term {
  if (a === b) return TRUE;
  if (isConstant(a) && isConstant(b)) return FALSE;
  if (a.operation === "concat" || b.operation === "concat") {
    return all(alignedPieces(a, b).map(([left, right]) => equal(left, right)));
  }
  if (isConstant(a)) return equalToConstant(b, a);
  if (isConstant(b)) return equalToConstant(a, b);
  if (a.operation === "keccak" && b.operation === "keccak") return equalHashes(a, b);
  if (a.operation === "ite" && b.operation === "ite" && a.operands[0] === b.operands[0]) {
    return ite(a.operands[0]!, equal(a.operands[1]!, b.operands[1]!), equal(a.operands[2]!, b.operands[2]!));
  }
  return make("eq", 1, ordered(a, b));
}

/** ASSUMPTION: keccak256 has no collisions. */
function equalHashes(a: Term, b: Term): Term {
  const widths = (term: Term) => term.operands.map((operand) => operand.width).join();
  if (widths(a) !== widths(b)) return FALSE;
  return all(a.operands.map((operand, i) => equal(operand, b.operands[i]!)));
}

function equalToConstant(term: Term, value: Term): Term {
  if (term.width === 1) return isZero(value) ? not(term) : term;
  if (term.operation === "ite") {
    return ite(term.operands[0]!, equal(term.operands[1]!, value), equal(term.operands[2]!, value));
  }
  if (isZero(value) && (term.operation === "sub" || term.operation === "xor")) {
    return equal(term.operands[0]!, term.operands[1]!);
  }
  if (term.operation === "fill") {
    const first = extract(value, 0, 0);
    return value === fill(first, value.width) ? equal(term.operands[0]!, first) : FALSE;
  }
  return make("eq", 1, [term, value]);
}

export const unequal = (a: Term, b: Term): Term => not(equal(a, b));

/** Unsigned `a < b`. */
export function below(a: Term, b: Term): Term {
  if (a === b || isZero(b)) return FALSE;
  if (isConstant(a) && isConstant(b)) return a.value < b.value ? TRUE : FALSE;
  if (isZero(a)) return unequal(b, a);
  const width = Math.max(unsignedWidth(a), unsignedWidth(b));
  if (width < a.width) return below(lowest(a, width), lowest(b, width));
  if (isConstant(b) && b.value === 1n) return equal(a, constant(0, a.width));
  return make("ult", 1, [a, b]);
}

export const atMost = (a: Term, b: Term): Term => not(below(b, a));

/** Signed `a < b`. */
export function signedBelow(a: Term, b: Term): Term {
  if (a === b) return FALSE;
  if (isConstant(a) && isConstant(b))
    return BigInt.asIntN(a.width, a.value) < BigInt.asIntN(b.width, b.value) ? TRUE : FALSE;
  const width = Math.max(signedWidth(a), signedWidth(b));
  if (width < a.width) return signedBelow(lowest(a, width), lowest(b, width));
  return make("slt", 1, [a, b]);
}

/** `condition ? a : b`. */
export function ite(condition: Term, a: Term, b: Term): Term {
  if (isConstant(condition)) return isZero(condition) ? b : a;
  if (a === b) return a;
  if (condition.operation === "not") return ite(condition.operands[0]!, b, a);
  if (a.operation === "ite" && a.operands[0] === condition) return ite(condition, a.operands[1]!, b);
  if (b.operation === "ite" && b.operands[0] === condition) return ite(condition, a, b.operands[2]!);
  if (a.width === 1 && isConstant(a) && isConstant(b)) return isZero(a) ? not(condition) : condition;
  const width = Math.max(unsignedWidth(a), unsignedWidth(b));
  if (width < a.width) {
    return concat([constant(0, a.width - width), ite(condition, lowest(a, width), lowest(b, width))]);
  }
  return make("ite", a.width, [condition, a, b]);
}

/** Exclusive or, where what flips bits may be a choice between them and none: how OpenZeppelin's `Math` chooses a number. */
export function flipped(a: Term, b: Term): Term {
  const width = Math.max(unsignedWidth(a), unsignedWidth(b));
  if (width < a.width) return concat([constant(0, a.width - width), flipped(lowest(a, width), lowest(b, width))]);
  if (a.operation === "ite" && b.operation !== "ite") return flipped(b, a);
  if (b.operation !== "ite" || !b.operands.some(isZero)) return xor(a, b);
  return ite(b.operands[0]!, xor(a, b.operands[1]!), xor(a, b.operands[2]!));
}

addSliceRule("ite", ({ operands: [condition, a, b] }, high, low) =>
  ite(condition!, extract(a!, high, low), extract(b!, high, low)),
);
