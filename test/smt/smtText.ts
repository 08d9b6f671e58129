import { isZero, partsOf, type Term } from "./terms/index.ts";

type Operators = Partial<Record<Term["operation"], string>>;

const bitVectorOperators: Operators = {
  not: "bvnot",
  and: "bvand",
  or: "bvor",
  xor: "bvxor",
  add: "bvadd",
  sub: "bvsub",
  mul: "bvmul",
  udiv: "bvudiv",
  urem: "bvurem",
  shl: "bvshl",
  lshr: "bvlshr",
  ashr: "bvashr",
};

/** Of truth values. */
const connectives: Operators = { not: "not", and: "and", or: "or", xor: "xor", ite: "ite" };

const predicates: Operators = { eq: "=", ult: "bvult", slt: "bvslt" };

const sort = (width: number): string => `(_ BitVec ${width})`;

/** Declarations of all that a one-bit term is made of, and the assertion that it is 1, in the text form of SMT-LIB 2.6. */
export function assertionOf(goal: Term): string {
  const functions = new Map<string, string>();
  const lines = partsOf(goal).flatMap((term) => {
    const { operation, operands, width, name, id } = term;
    if (operation === "constant") return [];
    if (operation === "variable") return [`(declare-const ${name} ${sort(width)})`];
    if (operation === "keccak") functions.set(functionName(term), operands.map((each) => sort(each.width)).join(" "));
    return [`(define-fun t${id} () ${definition(term)})`];
  });
  const declarations = [...functions].map(([name, sorts]) => `(declare-fun ${name} (${sorts}) ${sort(256)})`);
  return [...declarations, ...lines, `(assert ${asTruth(goal)})`].join("\n");
}

const functionName = (term: Term): string => `keccak_${term.operands.map((operand) => operand.width).join("_")}`;

/** Whether a one-bit term is written as a Bool and not as a bit vector of length one. */
function isTruth(term: Term): boolean {
  return term.width === 1 && (term.operation in predicates || term.operation in connectives);
}

function asTruth(term: Term): string {
  if (term.operation === "constant") return isZero(term) ? "false" : "true";
  return isTruth(term) ? `t${term.id}` : `(= ${asBits(term)} #b1)`;
}

function asBits(term: Term): string {
  if (term.operation === "variable") return term.name;
  if (term.operation === "constant") return `(_ bv${term.value} ${term.width})`;
  return isTruth(term) ? `(ite t${term.id} #b1 #b0)` : `t${term.id}`;
}

function definition(term: Term): string {
  const { operation, operands } = term;
  if (!isTruth(term)) return `${sort(term.width)} ${bitsOf(term)}`;
  if (operation in predicates) return `Bool (${predicates[operation]} ${operands.map(asBits).join(" ")})`;
  return `Bool (${connectives[operation]} ${operands.map(asTruth).join(" ")})`;
}

function bitsOf(term: Term): string {
  const { operation, operands, low, width } = term;
  const list = operands.map(asBits).join(" ");
  switch (operation) {
    case "concat":
      return `(concat ${list})`;
    case "extract":
      return `((_ extract ${low + width - 1} ${low}) ${list})`;
    case "fill":
      return `((_ repeat ${width}) ${list})`;
    case "ite":
      return `(ite ${asTruth(operands[0]!)} ${operands.slice(1).map(asBits).join(" ")})`;
    case "keccak":
      return `(${functionName(term)} ${list})`;
    default:
      return `(${bitVectorOperators[operation]} ${list})`;
  }
}
