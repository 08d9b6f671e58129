/** How a tick begins and ends: resume, trap, yield and halt (`README.md`, "Slots and frames"). They touch no leaf. */
import { stackSlots } from "../layout.ts";
import { Register, Status } from "../registers.ts";
import type { MachineState } from "../state.ts";

/** True when a slot number, computed modulo 2^32, is beyond the stack. */
export function outsideStack(slot: number): boolean {
  return slot >>> 0 >= stackSlots;
}

/** Yielded becomes running at the entry; every other status stays as it is. Writes registers only. */
export function resume(registers: Int32Array): void {
  if (registers[Register.status] !== Status.yielded) return;
  registers[Register.pc] = registers[Register.entryPc]!;
  registers[Register.fp] = 1;
  registers[Register.sp] = 2;
  registers[Register.status] = Status.running;
  registers[Register.trapCode] = 0;
  clearScratch(registers);
}

export function clearScratch(registers: Int32Array): void {
  registers.fill(0, Register.phase);
}

/** Ends the tick with a trap: keeps `pc`, clears the stack. */
export function trap(state: MachineState, code: number): void {
  end(state, Status.trapped, state.registers[Register.pc]!, code);
}

/** Ends the tick as yielded or halted: clears `pc` and the stack. */
export function endTick(state: MachineState, status: number): void {
  end(state, status, 0, 0);
}

function end(state: MachineState, status: number, pc: number, trapCode: number): void {
  const registers = state.registers;
  registers[Register.pc] = pc;
  registers[Register.sp] = 0;
  registers[Register.fp] = 0;
  registers[Register.status] = status;
  registers[Register.trapCode] = trapCode;
  clearScratch(registers);
  state.clearStack();
}
