import { init, killThreads, type Z3_context, Z3_lbool, type Z3_solver } from "z3-solver";
import type { Assignment } from "./evaluate.ts";
import { integerAssertionOf } from "./integerText.ts";
import { assertionOf } from "./smtText.ts";
import { isConstant, isZero, type Term } from "./terms/index.ts";

/** Values of the variables for which the term is true; "impossible" if there are none; "unknown" if time ran out. */
export type Answer = Assignment | "impossible" | "unknown";

type Api = Awaited<ReturnType<typeof init>>;

let started: Promise<Api> | undefined;

/** What z3 is asked about: bit vectors, or the numbers they stand for. */
export type Theory = "bitVectors" | "integers";

/** Whether there are values of the variables for which a one-bit term is true, asked of z3 (as WebAssembly, from npm). */
export async function solve(term: Term, theory: Theory, timeoutMilliseconds: number): Promise<Answer> {
  if (isConstant(term)) return isZero(term) ? "impossible" : {};
  const text = theory === "integers" ? integerAssertionOf(term) : assertionOf(term);
  return solveText(text, timeoutMilliseconds);
}

/** The same for assertions in the text form of SMT-LIB. */
export async function solveText(text: string, timeoutMilliseconds: number): Promise<Answer> {
  started ??= init();
  const api = await started;
  const { Z3 } = api;
  const config = Z3.mk_config();
  const context = Z3.mk_context(config);
  Z3.del_config(config);
  const solver = Z3.mk_solver(context);
  Z3.solver_inc_ref(context, solver);
  try {
    limitTime(api, context, solver, timeoutMilliseconds);
    assertText(api, context, solver, text);
    const answer = await Z3.solver_check(context, solver);
    if (answer === Z3_lbool.Z3_L_FALSE) return "impossible";
    if (answer === Z3_lbool.Z3_L_UNDEF) return "unknown";
    return parsedModel(Z3.model_to_string(context, Z3.solver_get_model(context, solver)));
  } finally {
    Z3.solver_dec_ref(context, solver);
    Z3.del_context(context);
  }
}

function limitTime({ Z3 }: Api, context: Z3_context, solver: Z3_solver, milliseconds: number): void {
  const parameters = Z3.mk_params(context);
  Z3.params_inc_ref(context, parameters);
  Z3.params_set_uint(context, parameters, Z3.mk_string_symbol(context, "timeout"), milliseconds);
  Z3.solver_set_params(context, solver, parameters);
  Z3.params_dec_ref(context, parameters);
}

/**
 * SAFETY: the text lies on z3's heap until it has been parsed. The package itself passes texts on the stack, which has no room for
 * long ones, and lets asynchronous calls (`eval_smtlib2_string`) read them after they have been overwritten.
 */
function assertText({ Z3, em }: Api, context: Z3_context, solver: Z3_solver, text: string): void {
  const bytes = new TextEncoder().encode(`${text}\0`);
  const place: number = em._malloc(bytes.length);
  new Uint8Array(em.HEAPU32.buffer).set(bytes, place);
  em._Z3_solver_from_string(context, solver, place);
  em._free(place);
  const code = Z3.get_error_code(context);
  if (code !== 0) throw new Error(`z3 does not understand: ${Z3.get_error_msg(context, code)}`);
}

/** Ends the threads of z3, without which the process would not end. */
export async function stopSolver(): Promise<void> {
  if (started === undefined) return;
  await killThreads((await started).em);
  started = undefined;
}

/** Values of bit vectors (`#x2a`) and integers (`42`); what else a model defines is left out. */
function parsedModel(text: string): Assignment {
  const values: Record<string, bigint> = {};
  for (const [, name, digits] of text.matchAll(/^(\S+) -> #?([xb]?[0-9a-f]+)$/gm)) {
    values[name!] = BigInt(/^[xb]/.test(digits!) ? `0${digits}` : digits!);
  }
  return values;
}
