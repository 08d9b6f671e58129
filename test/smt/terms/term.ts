/**
 * Bit-vector terms, each made once: two terms of the same shape are the same object. The other files of this folder build them
 * and simplify while they build; those who build with them never see an expression that could be written shorter by a rule.
 */
export type Operation =
  | "constant"
  | "variable"
  | "concat"
  | "extract"
  | "fill"
  | "not"
  | "and"
  | "or"
  | "xor"
  | "add"
  | "sub"
  | "mul"
  | "udiv"
  | "urem"
  | "shl"
  | "lshr"
  | "ashr"
  | "eq"
  | "ult"
  | "slt"
  | "ite"
  | "keccak";

export interface Term {
  readonly id: number;
  readonly operation: Operation;
  /** In bits. A truth value is one bit. */
  readonly width: number;
  readonly operands: readonly Term[];
  /** Of a constant. */
  readonly value: bigint;
  /** Of a variable. */
  readonly name: string;
  /** Of an extract: its lowest bit. */
  readonly low: number;
}

const made = new Map<string, Term>();

interface Details {
  readonly value?: bigint;
  readonly name?: string;
  readonly low?: number;
}

/** The term itself, unsimplified. */
export function make(operation: Operation, width: number, operands: readonly Term[], details: Details = {}): Term {
  const { value = 0n, name = "", low = 0 } = details;
  const key = `${operation} ${width} ${value} ${name} ${low} ${operands.map((operand) => operand.id).join(" ")}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const term: Term = { id: made.size, operation, width, operands, value, name, low };
  made.set(key, term);
  return term;
}

export const ones = (width: number): bigint => (1n << BigInt(width)) - 1n;

export function constant(value: bigint | number, width: number): Term {
  return make("constant", width, [], { value: BigInt(value) & ones(width) });
}

export function variable(name: string, width: number): Term {
  return make("variable", width, [], { name });
}

export const TRUE: Term = constant(1, 1);
export const FALSE: Term = constant(0, 1);

export const isConstant = (term: Term): boolean => term.operation === "constant";
export const isZero = (term: Term): boolean => isConstant(term) && term.value === 0n;
export const isOnes = (term: Term): boolean => isConstant(term) && term.value === ones(term.width);

/** The operands of an operation in which their order does not matter, in the one order that is used. */
export function ordered(a: Term, b: Term): readonly [Term, Term] {
  return a.id <= b.id ? [a, b] : [b, a];
}

/** The unchanged hash: an uninterpreted function of its words. That no two inputs share a hash is a rule of `equal`. */
export function keccak(words: readonly Term[]): Term {
  return make("keccak", 256, words);
}

/** All terms that a term is made of, each once, operands before what uses them. */
export function partsOf(term: Term): readonly Term[] {
  const seen = new Set<Term>();
  const parts: Term[] = [];
  const visit = (each: Term): void => {
    if (seen.has(each)) return;
    seen.add(each);
    each.operands.forEach(visit);
    parts.push(each);
  };
  visit(term);
  return parts;
}

export function uses(term: Term, operation: Operation): boolean {
  return partsOf(term).some((part) => part.operation === operation);
}
