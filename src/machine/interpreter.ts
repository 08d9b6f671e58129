/** The stepping interpreter: many steps of the one semantics, on the direct accessor. */
import { Register, Status } from "./registers.ts";
import type { MachineState } from "./state.ts";
import { execute } from "./step/step.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { status: STATUS } = Register;
const executeStep = execute;
const RUNNING = Status.running;

/** Small enough for the count to stay a small integer. */
const sliceSteps = 2 ** 24;

/**
 * Executes exactly `maxSteps` steps, fewer only when the state stops running: the tick has ended as yielded, halted or
 * trapped.
 * @returns the number of steps executed
 */
export function run(state: MachineState, maxSteps: number): number {
  const registers = state.registers;
  let executed = 0;
  while (executed < maxSteps && registers[STATUS] === RUNNING) {
    executed += runSlice(state, registers, Math.min(maxSteps - executed, sliceSteps));
  }
  return executed;
}

/** As `run`, with a count that stays a small integer. */
function runSlice(state: MachineState, registers: Int32Array, maxSteps: number): number {
  let executed = 0;
  while (executed < maxSteps && registers[STATUS] === RUNNING) {
    executeStep(state);
    executed++;
  }
  return executed;
}

/**
 * As `run`, but stops before the instruction at `stopPc` as well.
 * @returns the number of steps executed
 */
export function runUntil(state: MachineState, stopPc: number, maxSteps: number): number {
  const registers = state.registers;
  let executed = 0;
  while (executed < maxSteps && registers[STATUS] === RUNNING && registers[Register.pc] !== stopPc) {
    executeStep(state);
    executed++;
  }
  return executed;
}
