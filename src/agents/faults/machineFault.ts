import type { Environment } from "../../environment/environment.ts";
import { type Fault, type Mutation, wrongResult } from "../../machine/native/fault.ts";
import { Register } from "../../machine/registers.ts";
import type { InjectedFault } from "./injectedFault.ts";

/** The machine's part of the faults that are injected; one change of state at most. */
export function machineFault(
  faults: readonly InjectedFault[],
  environment: Environment,
  input: Uint8Array,
): Fault | undefined {
  for (const fault of faults) {
    if (fault.kind === "record") return wrongResult;
    if (!("step" in fault)) continue;
    const { kind, index, tick, step } = fault;
    return { at: { tick, step }, mutation: mutationOf(kind, index, environment, input) };
  }
  return undefined;
}

function mutationOf(
  kind: Mutation["kind"],
  index: number | undefined,
  { drive }: Environment,
  input: Uint8Array,
): Mutation {
  switch (kind) {
    case "memory":
      // A byte in the middle of the source: the artifact holds something that the source does not.
      return { kind, address: index ?? drive.address + Math.floor(input.length / 2), xor: 1 };
    case "register":
      return { kind, word: index ?? Register.memoryPages, xor: 1 };
    case "stack":
      // The frame record through which `tick` returns.
      return { kind, slot: index ?? 1, xor: 1 };
    case "global":
      return { kind, index: index ?? 1, xor: 1 };
  }
}
