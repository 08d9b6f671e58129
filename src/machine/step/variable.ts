/** Constants, parametric instructions, locals and globals: whatever copies slots (`README.md`, "Instructions"). */
import { globalSlots } from "../layout.ts";
import { Op } from "../opcodes.ts";
import { Register, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { outsideStack, trap } from "./ending.ts";

export function variable(state: MachineState, opcode: number, a: number, b: number): void {
  const registers = state.registers;
  const sp = registers[Register.sp]!;
  const top = (sp - 1) | 0;
  const local = (registers[Register.fp]! + b) | 0;
  switch (opcode) {
    case Op.localGet:
      return copySlot(state, local, sp, (sp + 1) | 0);
    case Op.localSet:
      return copySlot(state, top, local, top);
    case Op.localTee:
      return copySlot(state, top, local, sp);
    case Op.move:
      return copySlot(state, (sp - a) | 0, (sp - b) | 0, sp);
    case Op.i32Const:
      return constant(state, sp, b, 0);
    case Op.i64Const:
      return constant(state, sp, b, b >> 31);
    case Op.i64ConstHigh:
      return constantHigh(state, top, b);
    case Op.globalGet:
      return globalGet(state, b);
    case Op.globalSet:
      return globalSet(state, b);
    case Op.select:
      return select(state, top);
    default:
      registers[Register.sp] = top;
      registers[Register.pc] = registers[Register.pc]! + 1;
  }
}

/** Copies all 64 bits of a slot and advances, leaving `sp` behind. */
function copySlot(state: MachineState, from: number, to: number, sp: number): void {
  if (outsideStack(from) || outsideStack(to)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  state.setSlot(to, state.low(from), state.high(from));
  registers[Register.sp] = sp;
  registers[Register.pc] = registers[Register.pc]! + 1;
}

function constant(state: MachineState, sp: number, low: number, high: number): void {
  if (outsideStack(sp)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  state.setSlot(sp, low, high);
  registers[Register.sp] = sp + 1;
  registers[Register.pc] = registers[Register.pc]! + 1;
}

function constantHigh(state: MachineState, top: number, high: number): void {
  if (outsideStack(top)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  state.setSlot(top, state.low(top), high);
  registers[Register.pc] = registers[Register.pc]! + 1;
}

function globalGet(state: MachineState, index: number): void {
  const registers = state.registers;
  const sp = registers[Register.sp]!;
  if (outsideStack(sp)) return trap(state, Trap.stackOutOfBounds);
  if (index >>> 0 >= globalSlots) return trap(state, Trap.illegalInstruction);
  const low = state.globalLow(index);
  const high = state.globalHigh(index);
  state.setSlot(sp, low, high);
  registers[Register.sp] = sp + 1;
  registers[Register.pc] = registers[Register.pc]! + 1;
}

function globalSet(state: MachineState, index: number): void {
  const registers = state.registers;
  const top = (registers[Register.sp]! - 1) | 0;
  if (outsideStack(top)) return trap(state, Trap.stackOutOfBounds);
  if (index >>> 0 >= globalSlots) return trap(state, Trap.illegalInstruction);
  const low = state.low(top);
  const high = state.high(top);
  state.setGlobal(index, low, high);
  registers[Register.sp] = top;
  registers[Register.pc] = registers[Register.pc]! + 1;
}

function select(state: MachineState, top: number): void {
  const otherwise = (top - 1) | 0;
  const chosen = (top - 2) | 0;
  if (outsideStack(top) || outsideStack(otherwise) || outsideStack(chosen)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  const from = state.low(top) !== 0 ? chosen : otherwise;
  state.setSlot(chosen, state.low(from), state.high(from));
  registers[Register.sp] = otherwise;
  registers[Register.pc] = registers[Register.pc]! + 1;
}
