/**
 * Calls any function of a program with arguments, in the interpreter alone: what a claimable program's ticks are not. The
 * frame record of such a call is not a sentinel but returns to `returnPc`, where nothing is, so that the results stay.
 */
import { AssayError } from "../core/errors.ts";
import { runUntil } from "./interpreter.ts";
import { codeInstructions } from "./layout.ts";
import { gapOf } from "./lowering/functionLowering.ts";
import type { MachineProgram } from "./program.ts";
import { Register, Status } from "./registers.ts";
import type { MachineState } from "./state.ts";
import { clearScratch } from "./step/ending.ts";

/** Where an invoked function returns to: the first pc that nothing can be fetched from. */
export const returnPc = codeInstructions;

/** Slot of the first argument, and of the first result. */
const firstSlot = 1;

export type InvocationOutcome =
  /** 64 bits of each result, unsigned; an i32 is in the low half. */
  | { readonly kind: "returned"; readonly results: readonly bigint[] }
  | { readonly kind: "trapped"; readonly trapCode: number }
  /** `maxSteps` were not enough. */
  | { readonly kind: "unfinished" };

/**
 * Makes `state` running at a function's first instruction, its arguments on an otherwise empty stack. Memory and globals
 * stay as earlier calls left them.
 * @param operands 64 bits of each argument, unsigned or signed; of an i32 only the low half counts
 */
export function startInvocation(
  state: MachineState,
  program: MachineProgram,
  functionIndex: number,
  operands: readonly bigint[],
): void {
  const { entryPc, parameters, results } = functionOf(program, functionIndex);
  if (operands.length !== parameters) {
    const message = `function ${functionIndex} takes ${parameters} arguments, got ${operands.length}`;
    throw new AssayError("machine/bad-input", message, { expected: parameters, given: operands.length });
  }
  const { registers } = state;
  const record = firstSlot + parameters + gapOf(parameters, results);
  state.stack.fill(0);
  for (const [i, operand] of operands.entries()) {
    state.setSlot(firstSlot + i, Number(BigInt.asIntN(32, operand)), Number(BigInt.asIntN(32, operand >> 32n)));
  }
  state.setSlot(record, returnPc, 0);
  registers[Register.pc] = entryPc;
  registers[Register.fp] = record;
  registers[Register.sp] = record + 1;
  registers[Register.status] = Status.running;
  registers[Register.trapCode] = 0;
  clearScratch(registers);
}

/** Executes up to `maxSteps` steps of a started invocation. May be called again after `unfinished`. */
export function continueInvocation(
  state: MachineState,
  program: MachineProgram,
  functionIndex: number,
  maxSteps: number,
): InvocationOutcome {
  runUntil(state, returnPc, maxSteps);
  const { registers } = state;
  if (registers[Register.status] !== Status.running) {
    return { kind: "trapped", trapCode: registers[Register.trapCode]! };
  }
  if (registers[Register.pc] !== returnPc) return { kind: "unfinished" };
  const { results } = functionOf(program, functionIndex);
  return { kind: "returned", results: Array.from({ length: results }, (_, i) => slotBits(state, firstSlot + i)) };
}

/** `startInvocation` and `continueInvocation`. */
export function invoke(
  state: MachineState,
  program: MachineProgram,
  functionIndex: number,
  operands: readonly bigint[],
  maxSteps: number,
): InvocationOutcome {
  startInvocation(state, program, functionIndex, operands);
  return continueInvocation(state, program, functionIndex, maxSteps);
}

function slotBits(state: MachineState, slot: number): bigint {
  return (BigInt(state.high(slot) >>> 0) << 32n) | BigInt(state.low(slot) >>> 0);
}

function functionOf(program: MachineProgram, index: number) {
  const found = program.functions[index];
  if (found === undefined) throw new AssayError("machine/bad-input", `there is no function ${index}`, { index });
  return found;
}
