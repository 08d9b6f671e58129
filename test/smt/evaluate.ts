import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { isZero, ones, type Term } from "./terms/index.ts";

/** Values of variables, by name. */
export type Assignment = Readonly<Record<string, bigint>>;

/** The value of a term: what its operations mean, in plain numbers, with the real keccak256. */
export function evaluator(assignment: Assignment): (term: Term) => bigint {
  const known = new Map<Term, bigint>();
  const evaluate = (term: Term): bigint => {
    const before = known.get(term);
    if (before !== undefined) return before;
    const value = meaningOf(term, evaluate, assignment);
    known.set(term, value);
    return value;
  };
  return evaluate;
}

function meaningOf(term: Term, evaluate: (term: Term) => bigint, assignment: Assignment): bigint {
  const { operation, width, operands } = term;
  if (operation === "constant") return term.value;
  if (operation === "variable") return assignment[term.name] ?? 0n;
  if (operation === "ite") return evaluate(operands[evaluate(operands[0]!) === 1n ? 1 : 2]!);
  const values = operands.map(evaluate);
  const [a = 0n, b = 0n] = values;
  const signed = (value: bigint) => BigInt.asIntN(operands[0]!.width, value);
  const truth = (fact: boolean) => (fact ? 1n : 0n);
  const wrapped = (value: bigint) => BigInt.asUintN(width, value);
  switch (operation) {
    case "concat":
      return values.reduce((sum, value, i) => (sum << BigInt(operands[i]!.width)) | value, 0n);
    case "extract":
      return wrapped(a >> BigInt(term.low));
    case "fill":
      return a === 0n ? 0n : ones(width);
    case "not":
      return wrapped(~a);
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "add":
      return wrapped(a + b);
    case "sub":
      return wrapped(a - b);
    case "mul":
      return wrapped(a * b);
    case "udiv":
      return b === 0n ? ones(width) : a / b;
    case "urem":
      return b === 0n ? a : a % b;
    case "shl":
      return b >= width ? 0n : wrapped(a << b);
    case "lshr":
      return b >= width ? 0n : a >> b;
    case "ashr":
      return wrapped(signed(a) >> (b >= width ? BigInt(width) : b));
    case "eq":
      return truth(a === b);
    case "ult":
      return truth(a < b);
    case "slt":
      return truth(signed(a) < signed(b));
    case "keccak":
      return hashOf(operands, values);
  }
}

function hashOf(operands: readonly Term[], values: readonly bigint[]): bigint {
  const hex = values.map((value, i) => value.toString(16).padStart(operands[i]!.width / 4, "0")).join("");
  return BigInt(`0x${bytesToHex(keccak_256(hexToBytes(hex)))}`);
}

/** Whether a term is true. */
export const holds = (assignment: Assignment, term: Term): boolean =>
  !isZero(term) && evaluator(assignment)(term) === 1n;
