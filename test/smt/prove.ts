import { calldataOf, type Fixed } from "./call.ts";
import type { Compiled } from "./compile.ts";
import type { Assignment } from "./evaluate.ts";
import { type Ending, execute } from "./execute.ts";
import { solve, type Theory } from "./solver.ts";
import { and, any, constant, equal, isZero, not, type Term, TRUE } from "./terms/index.ts";

/** A counterexample: arguments for which the property fails. */
export interface Refuted {
  readonly verdict: "refuted";
  readonly counterexample: Assignment;
}

export type Verdict =
  | { readonly verdict: "proven" }
  | { readonly verdict: "unknown" }
  | { readonly verdict: "void" }
  | Refuted;

export interface Question {
  readonly contract: Compiled;
  readonly functionName: string;
  readonly fixed?: Fixed;
  /** What must hold of the words that the function returns. By default it is enough that it returns. */
  readonly ensures?: (...words: Term[]) => Term;
  /** Selectors of errors with which it may revert, besides `NotAssumed`. */
  readonly mayRevertWith?: readonly bigint[];
  readonly theory?: Theory;
  readonly timeoutMilliseconds?: number;
}

/** `NotAssumed()` of contracts/testing/properties/Assumptions.sol. */
export const NOT_ASSUMED = 0xd366017cn;

/**
 * Whether a function of a compiled contract, for all arguments, returns words as promised or says that the property is not about
 * them: no assertion fails, no arithmetic overflows, nothing else reverts. "void": there are no arguments for which it returns.
 */
export async function prove(question: Question): Promise<Verdict> {
  const { theory = "bitVectors", timeoutMilliseconds = 60_000 } = question;
  const endings = endingsOf(question);
  const failure = await solve(failureIn(endings, question), theory, timeoutMilliseconds);
  if (failure === "unknown") return { verdict: "unknown" };
  if (failure !== "impossible") return { verdict: "refuted", counterexample: failure };
  const returns = any(endings.filter((ending) => ending.kind === "return").map((ending) => ending.condition));
  const example = await solve(returns, theory, timeoutMilliseconds);
  return { verdict: example === "impossible" || example === "unknown" ? "void" : "proven" };
}

/** True for the arguments for which the property fails. */
export function failureOf(question: Question): Term {
  return failureIn(endingsOf(question), question);
}

function endingsOf({ contract, functionName, fixed = {} }: Question): readonly Ending[] {
  return execute(contract.code, calldataOf(contract, functionName, fixed));
}

function failureIn(endings: readonly Ending[], question: Question): Term {
  return any(endings.map((ending) => failureAt(ending, question)));
}

/** True for the arguments that end here against the property. */
function failureAt(ending: Ending, { ensures = () => TRUE, mayRevertWith = [] }: Question): Term {
  if (ending.kind === "return") {
    const words = ending.data.words(0, ending.data.length);
    return and(ending.condition, not(ensures(...words)));
  }
  if (ending.kind === "revert" && ending.data.length >= 4) {
    const selector = ending.data.read(0, 4);
    const allowed = [NOT_ASSUMED, ...mayRevertWith].map((each) => equal(selector, constant(each, 32)));
    if (isZero(not(any(allowed)))) return constant(0, 1);
  }
  return ending.condition;
}
