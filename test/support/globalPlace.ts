import { Op } from "../../src/machine/opcodes.ts";
import { Register } from "../../src/machine/registers.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { step } from "../../src/machine/step/step.ts";
import { enterTick, runInput } from "./guestRun.ts";

/**
 * How many steps of tick number `tick` of a build in the small guest are over when global `index` has been written first.
 * What the emulator keeps in a global it reads soon after, and clears at the tick's end.
 */
export function stepsToGlobalSet(input: Uint8Array, tick: number, index: number): number {
  let state: MachineState | undefined;
  runInput(input, "small", (ticks, _, memory) => {
    if (ticks === tick) state = enterTick(memory);
  });
  for (let steps = 1; state?.running; steps++) {
    const at = 2 * state.registers[Register.pc]!;
    const isWrite = (state.code[at]! & 0xff) === Op.globalSet && state.code[at + 1] === index;
    step(state);
    if (isWrite) return steps;
  }
  throw new Error(`tick ${tick} does not write global ${index}`);
}
