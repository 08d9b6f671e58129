/** Jumps, calls and returns (`README.md`, "Instructions" and "Slots and frames"). */
import { Op } from "../opcodes.ts";
import { Register, Status, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { endTick, outsideStack, trap } from "./ending.ts";

export function control(state: MachineState, opcode: number, a: number, b: number): void {
  switch (opcode) {
    case Op.jump:
      return jump(state, a, b);
    case Op.jumpIf:
    case Op.jumpUnless:
      return jumpConditionally(state, opcode, b);
    case Op.jumpTable:
      return jumpTable(state, b);
    case Op.return:
      return returnFromCall(state, a);
    case Op.call:
      return enter(state, state.registers[Register.sp]!, a, b);
    case Op.callIndirect:
      return callIndirect(state, a, b);
    default:
      return trap(state, Trap.unreachable);
  }
}

function jump(state: MachineState, dropped: number, target: number): void {
  const registers = state.registers;
  registers[Register.sp] = registers[Register.sp]! - dropped;
  registers[Register.pc] = target;
}

function jumpConditionally(state: MachineState, opcode: number, target: number): void {
  const registers = state.registers;
  const top = (registers[Register.sp]! - 1) | 0;
  if (outsideStack(top)) return trap(state, Trap.stackOutOfBounds);
  const condition = state.low(top);
  registers[Register.sp] = top;
  registers[Register.pc] = (condition !== 0) === (opcode === Op.jumpIf) ? target : registers[Register.pc]! + 1;
}

function jumpTable(state: MachineState, lastEntry: number): void {
  const registers = state.registers;
  const top = (registers[Register.sp]! - 1) | 0;
  if (outsideStack(top)) return trap(state, Trap.stackOutOfBounds);
  const index = state.low(top);
  const entry = index >>> 0 < lastEntry >>> 0 ? index : lastEntry;
  registers[Register.sp] = top;
  registers[Register.pc] = registers[Register.pc]! + 1 + entry;
}

function returnFromCall(state: MachineState, resultDrop: number): void {
  const registers = state.registers;
  const fp = registers[Register.fp]!;
  if (outsideStack(fp)) return trap(state, Trap.stackOutOfBounds);
  const returnPc = state.low(fp);
  const callerFp = state.high(fp);
  if ((returnPc | callerFp) === 0) {
    const result = (fp - 1) | 0;
    if (outsideStack(result)) return trap(state, Trap.stackOutOfBounds);
    return endTick(state, state.low(result) === 0 ? Status.yielded : Status.halted);
  }
  registers[Register.sp] = fp - resultDrop;
  registers[Register.pc] = returnPc;
  registers[Register.fp] = callerFp;
}

function callIndirect(state: MachineState, gap: number, typeId: number): void {
  const registers = state.registers;
  const top = (registers[Register.sp]! - 1) | 0;
  if (outsideStack(top) || outsideStack(top + gap)) return trap(state, Trap.stackOutOfBounds);
  const index = state.low(top) >>> 0;
  if (index >= state.tableSize) return trap(state, Trap.tableOutOfBounds);
  const entryTypeId = state.entryTypeId(index);
  if (entryTypeId === 0) return trap(state, Trap.uninitializedElement);
  if (entryTypeId !== typeId) return trap(state, Trap.indirectCallTypeMismatch);
  enter(state, top, gap, state.entryPc(index));
}

/** Puts the frame record `gap` slots above the arguments that end at `argumentsEnd`, and goes to the function's entry. */
function enter(state: MachineState, argumentsEnd: number, gap: number, target: number): void {
  const registers = state.registers;
  const record = (argumentsEnd + gap) | 0;
  if (outsideStack(record)) return trap(state, Trap.stackOutOfBounds);
  state.setSlot(record, registers[Register.pc]! + 1, registers[Register.fp]!);
  registers[Register.fp] = record;
  registers[Register.sp] = record + 1;
  registers[Register.pc] = target;
}
