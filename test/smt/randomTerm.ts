import type { Random } from "../support/random.ts";
import type { Assignment } from "./evaluate.ts";
import { computations, word } from "./opcodes.ts";
import { type Term, variable, zeroExtended } from "./terms/index.ts";

/** What instructions compute of numbers, by opcode: written from the Yellow Paper, apart from the terms. */
const plain: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
  1: (a, b) => a + b,
  2: (a, b) => a * b,
  3: (a, b) => a - b,
  4: (a, b) => (b === 0n ? 0n : a / b),
  5: (a, b) => (b === 0n ? 0n : signed(a) / signed(b)),
  6: (a, b) => (b === 0n ? 0n : a % b),
  7: (a, b) => (b === 0n ? 0n : signed(a) % signed(b)),
  16: (a, b) => truth(a < b),
  17: (a, b) => truth(a > b),
  18: (a, b) => truth(signed(a) < signed(b)),
  19: (a, b) => truth(signed(a) > signed(b)),
  20: (a, b) => truth(a === b),
  22: (a, b) => a & b,
  23: (a, b) => a | b,
  24: (a, b) => a ^ b,
  27: (by, a) => (by > 255n ? 0n : a << by),
  28: (by, a) => (by > 255n ? 0n : a >> by),
  29: (by, a) => signed(a) >> (by > 255n ? 255n : by),
};

const unary: Readonly<Record<number, (a: bigint) => bigint>> = { 21: (a) => truth(a === 0n), 25: (a) => ~a };

const signed = (a: bigint): bigint => BigInt.asIntN(256, a);
const truth = (fact: boolean): bigint => (fact ? 1n : 0n);

/** A term that instructions made, values for its variables, and the number that the same instructions make of those. */
export interface Sample {
  readonly term: Term;
  readonly assignment: Assignment;
  readonly value: bigint;
}

const widths = [1, 8, 24, 32, 40, 64, 96, 256];
const opcodes = [...Object.keys(plain), ...Object.keys(unary), 11].map(Number);

/** Masks, sign bits and the like, which simplifications look for. */
function specialNumber(random: Random): bigint {
  const power = 1n << BigInt(random.pick([0, 1, 5, 8, 16, 31, 32, 40, 63, 64, 96, 255]));
  return BigInt.asUintN(256, random.pick([power, power - 1n, -power, power - 2n, 1000n, 0n]));
}

function leaf(random: Random): Sample {
  if (random.chance(0.4)) {
    const value = random.chance(0.5) ? specialNumber(random) : BigInt(random.below(70));
    return { term: word(value), assignment: {}, value };
  }
  const width = random.pick(widths);
  const name = `v${width}_${random.below(2)}`;
  return { term: zeroExtended(variable(name, width), 256), assignment: {}, value: -1n };
}

/** A random expression of the given depth over the variables of `assignment`. */
export function randomSample(random: Random, depth: number, assignment: Assignment): Sample {
  if (depth === 0) {
    const { term, value } = leaf(random);
    const name = term.operation === "variable" ? term.name : (term.operands[1]?.name ?? "");
    return { term, assignment, value: value < 0n ? assignment[name]! : value };
  }
  const opcode = random.pick(opcodes);
  const a = randomSample(random, depth - 1, assignment);
  if (opcode in unary) {
    return { term: computations[opcode]!(a.term), assignment, value: BigInt.asUintN(256, unary[opcode]!(a.value)) };
  }
  if (opcode === 11) {
    const bytes = random.below(32);
    const value = BigInt.asUintN(256, BigInt.asIntN(8 * (bytes + 1), a.value));
    return { term: computations[opcode]!(word(bytes), a.term), assignment, value };
  }
  const b = randomSample(random, random.below(depth), assignment);
  const [left, right] = random.chance(0.5) ? [a, b] : [b, a];
  const value = BigInt.asUintN(256, plain[opcode]!(left.value, right.value));
  return { term: computations[opcode]!(left.term, right.term), assignment, value };
}

/** Values for all variables that samples can have, large and small. */
export function randomAssignment(random: Random): Assignment {
  const number = (width: number) => {
    const words = Array.from({ length: 8 }, () => BigInt(random.uint32()));
    const any = random.chance(0.3) ? specialNumber(random) : words.reduce((sum, each) => (sum << 32n) | each, 0n);
    return BigInt.asUintN(width, random.chance(0.2) ? BigInt(random.below(9)) : any);
  };
  return Object.fromEntries(widths.flatMap((width) => [0, 1].map((i) => [`v${width}_${i}`, number(width)])));
}
