import type { Fixed } from "../call.ts";
import type { Deployment, Mutation } from "../compile.ts";
import type { Theory } from "../solver.ts";
import type { Term } from "../terms/index.ts";

/** One proof: the property for these values of some parameters, and all values of the others. */
export interface Case {
  readonly fixed: Fixed;
  /** What must hold of the words that are returned; by default the function's own assertions are all there is to prove. */
  readonly ensures?: (...words: Term[]) => Term;
}

export interface Property {
  /** In plain words, as the end of "proves that ...". */
  readonly title: string;
  /** What mutants know it by. */
  readonly name: string;
  /** In the contract; by default the name. */
  readonly functionName?: string;
  /** By default one, in which nothing is fixed. */
  readonly cases?: readonly Case[];
  /** In which z3 decides it faster; by default bit vectors. */
  readonly theory?: Theory;
  /** Selectors of errors with which the function may revert. */
  readonly mayRevertWith?: readonly bigint[];
}

/** A mistake that the proof of a property must notice. */
export interface Mutant extends Mutation {
  /** In plain words, as the end of "refutes ... when". */
  readonly title: string;
  /** The name of that property. */
  readonly breaks: string;
  /** Mutants that do not touch each other's properties can be compiled as one; by default each is compiled alone. */
  readonly variant?: string;
}

/** A contract of contracts/testing/properties, what it promises, and which mistakes in what it tests would break that. */
export interface Subject {
  readonly contract: string;
  readonly deployment: Deployment;
  readonly properties: readonly Property[];
  readonly mutants: readonly Mutant[];
}

/** The numbers from `first` to `last`. */
export function through(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
