/** Constants, parametric instructions, locals and globals: whatever copies slots (`README.md`, "Instructions"). */
import { globalSlots } from "../layout.ts";
import { Register, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { outsideStack, trap } from "./ending.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, sp: SP, fp: FP } = Register;
const outside = outsideStack;
const GLOBALS = globalSlots;

export function variable(state: MachineState, opcode: number, a: number, b: number): void {
  const registers = state.registers;
  const sp = registers[SP]!;
  const top = (sp - 1) | 0;
  const local = (registers[FP]! + b) | 0;
  switch (opcode) {
    case 0x20: // local.get
      return copySlot(state, local, sp, (sp + 1) | 0);
    case 0x21: // local.set
      return copySlot(state, top, local, top);
    case 0x22: // local.tee
      return copySlot(state, top, local, sp);
    case 0x07: // move
      return copySlot(state, (sp - a) | 0, (sp - b) | 0, sp);
    case 0x41: // i32.const
      return constant(state, sp, b, 0);
    case 0x42: // i64.const
      return constant(state, sp, b, b >> 31);
    case 0x08: // i64.const_high
      return constantHigh(state, top, b);
    case 0x23: // global.get
      return globalGet(state, b);
    case 0x24: // global.set
      return globalSet(state, b);
    case 0x1b: // select
      return select(state, top);
    default: // drop
      registers[SP] = top;
      registers[PC] = registers[PC]! + 1;
  }
}

/** Copies all 64 bits of a slot and advances, leaving `sp` behind. */
function copySlot(state: MachineState, from: number, to: number, sp: number): void {
  if (outside(from) || outside(to)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  state.setSlot(to, state.low(from), state.high(from));
  registers[SP] = sp;
  registers[PC] = registers[PC]! + 1;
}

function constant(state: MachineState, sp: number, low: number, high: number): void {
  if (outside(sp)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  state.setSlot(sp, low, high);
  registers[SP] = sp + 1;
  registers[PC] = registers[PC]! + 1;
}

function constantHigh(state: MachineState, top: number, high: number): void {
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  state.setSlot(top, state.low(top), high);
  registers[PC] = registers[PC]! + 1;
}

function globalGet(state: MachineState, index: number): void {
  const registers = state.registers;
  const sp = registers[SP]!;
  if (outside(sp)) return trap(state, Trap.stackOutOfBounds);
  if (index >>> 0 >= GLOBALS) return trap(state, Trap.illegalInstruction);
  const low = state.globalLow(index);
  const high = state.globalHigh(index);
  state.setSlot(sp, low, high);
  registers[SP] = sp + 1;
  registers[PC] = registers[PC]! + 1;
}

function globalSet(state: MachineState, index: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  if (index >>> 0 >= GLOBALS) return trap(state, Trap.illegalInstruction);
  const low = state.low(top);
  const high = state.high(top);
  state.setGlobal(index, low, high);
  registers[SP] = top;
  registers[PC] = registers[PC]! + 1;
}

function select(state: MachineState, top: number): void {
  const otherwise = (top - 1) | 0;
  const chosen = (top - 2) | 0;
  if (outside(top) || outside(otherwise) || outside(chosen)) return trap(state, Trap.stackOutOfBounds);
  const registers = state.registers;
  const from = state.low(top) !== 0 ? chosen : otherwise;
  state.setSlot(chosen, state.low(from), state.high(from));
  registers[SP] = otherwise;
  registers[PC] = registers[PC]! + 1;
}
