import {
  add,
  and,
  below,
  concat,
  constant,
  equal,
  extract,
  flipped,
  isConstant,
  lowest,
  mul,
  not,
  or,
  piecesOf,
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
  zeroExtended,
} from "./terms/index.ts";

export const word = (value: bigint | number): Term => constant(value, 256);

/** A truth value as the EVM's 0 or 1. */
const flag = (truth: Term): Term => zeroExtended(truth, 256);

/** What instructions that only touch the stack compute, by opcode: operands topmost first (Ethereum Yellow Paper, appendix H). */
export const computations: Readonly<Record<number, (...operands: Term[]) => Term>> = {
  1: (a, b) => add(a!, b!),
  2: (a, b) => mul(a!, b!),
  3: (a, b) => sub(a!, b!),
  4: (a, b) => quotientOrZero(a!, b!),
  5: (a, b) => signedQuotientOrZero(a!, b!),
  6: (a, b) => remainderOrZero(a!, b!),
  7: (a, b) => signedRemainderOrZero(a!, b!),
  10: (a, b) => power(a!, b!),
  11: (byteIndex, a) => signExtended(lowest(a!, 8 * (numberOf(byteIndex!) + 1)), 256),
  16: (a, b) => flag(below(a!, b!)),
  17: (a, b) => flag(below(b!, a!)),
  18: (a, b) => flag(signedBelow(a!, b!)),
  19: (a, b) => flag(signedBelow(b!, a!)),
  20: (a, b) => flag(equal(a!, b!)),
  21: (a) => flag(isZeroWord(a!)),
  22: (a, b) => and(a!, b!),
  23: (a, b) => or(a!, b!),
  24: (a, b) => flipped(a!, b!),
  25: (a) => not(a!),
  26: (index, a) => byteOf(a!, numberOf(index!)),
  27: (by, a) => shiftedLeft(a!, by!),
  28: (by, a) => shiftedRight(a!, by!),
  29: (by, a) => signedShiftedRight(a!, by!),
};

export function isZeroWord(term: Term): Term {
  return equal(term, word(0));
}

function byteOf(term: Term, index: number): Term {
  return zeroExtended(extract(term, 255 - 8 * index, 248 - 8 * index), 256);
}

function power(base: Term, exponent: Term): Term {
  if (isConstant(base) && base.value === 2n) return shiftedLeft(word(1), exponent);
  return word(BigInt(numberOf(base)) ** BigInt(numberOf(exponent)));
}

/** The value of a term that must be a constant: a jump's target, a place in calldata, a length. */
export function numberOf(term: Term): number {
  if (!isConstant(term)) throw new Error("a place, length or jump target depends on the input");
  return Number(term.value);
}

/** Most bits in which the places of one access to memory may differ. */
const MAX_FREE_BITS = 4;

/** All values a term can have, if only few of its bits are not constant. */
export function candidatesOf(term: Term): readonly Term[] {
  const pieces = piecesOf(term);
  const free = pieces.filter((piece) => !isConstant(piece)).reduce((sum, piece) => sum + piece.width, 0);
  if (free > MAX_FREE_BITS) throw new Error(`a place in memory depends on ${free} bits of the input`);
  return Array.from({ length: 2 ** free }, (_, choice) => {
    let rest = choice;
    return concat(
      pieces.map((piece) => {
        if (isConstant(piece)) return piece;
        const chosen = constant(rest & (2 ** piece.width - 1), piece.width);
        rest >>= piece.width;
        return chosen;
      }),
    );
  });
}
