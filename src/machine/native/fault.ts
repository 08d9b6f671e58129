/**
 * Faults on purpose: a change of one state, after which everything goes on from the changed state, so that a lie is
 * consistent everywhere but at one step. Tests and demonstrations need faulty solvers whose trace is consistent.
 */
import type { MachineState } from "../state.ts";

/** What is changed: bits of a value, by exclusive or. */
export type Mutation =
  | { readonly kind: "memory"; readonly address: number; readonly xor: number }
  /** `word` is a word of the registers leaf. */
  | { readonly kind: "register"; readonly word: number; readonly xor: number }
  /** The low half of a stack slot. */
  | { readonly kind: "stack"; readonly slot: number; readonly xor: number }
  /** The low half of a global. */
  | { readonly kind: "global"; readonly index: number; readonly xor: number };

export interface Fault {
  readonly mutation: Mutation;
  /**
   * The state that is changed: after `step` steps (at least one) of tick number `tick`, or the tick's end when it has fewer
   * steps; or the end of the whole run.
   */
  readonly at: { readonly tick: number; readonly step: number } | "end";
}

/** Changes the first byte of the artifact's sha256 in the result record, at the end of the run. */
export const wrongResult: Fault = { at: "end", mutation: { kind: "memory", address: 24, xor: 1 } };

export function mutate(state: MachineState, mutation: Mutation): void {
  switch (mutation.kind) {
    case "memory":
      return state.store8(mutation.address, state.load8(mutation.address) ^ mutation.xor);
    case "register":
      state.registers[mutation.word]! ^= mutation.xor;
      return;
    case "stack":
      state.stack[2 * mutation.slot]! ^= mutation.xor;
      return;
    case "global":
      state.globals[2 * mutation.index]! ^= mutation.xor;
  }
}

/** A name for the fault that is fit for a folder: the same fault has the same name. */
export function faultName({ at, mutation }: Fault): string {
  const where = at === "end" ? "end" : `${at.tick}-${at.step}`;
  return `${where}-${Object.values(mutation).join("-")}`;
}
