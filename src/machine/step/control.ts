/** Jumps, calls and returns (`README.md`, "Instructions" and "Slots and frames"). */
import { Register, Status, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { endTick, outsideStack, trap } from "./ending.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, sp: SP, fp: FP } = Register;
const outside = outsideStack;

export function control(state: MachineState, opcode: number, a: number, b: number): void {
  switch (opcode) {
    case 0x02: // jump
      return jump(state, a, b);
    case 0x03: // jump_if
    case 0x04: // jump_unless
      return jumpConditionally(state, opcode, b);
    case 0x05: // jump_table
      return jumpTable(state, b);
    case 0x06: // return
      return returnFromCall(state, a);
    case 0x10: // call
      return enter(state, state.registers[SP]!, a, b);
    case 0x11: // call_indirect
      return callIndirect(state, a, b);
    default: // unreachable
      return trap(state, Trap.unreachable);
  }
}

function jump(state: MachineState, dropped: number, target: number): void {
  const registers = state.registers;
  registers[SP] = registers[SP]! - dropped;
  registers[PC] = target;
}

function jumpConditionally(state: MachineState, opcode: number, target: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  const condition = state.low(top);
  registers[SP] = top;
  registers[PC] = (condition !== 0) === (opcode === 0x03) ? target : registers[PC]! + 1;
}

function jumpTable(state: MachineState, lastEntry: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  const index = state.low(top);
  const entry = index >>> 0 < lastEntry >>> 0 ? index : lastEntry;
  registers[SP] = top;
  registers[PC] = registers[PC]! + 1 + entry;
}

function returnFromCall(state: MachineState, resultDrop: number): void {
  const registers = state.registers;
  const fp = registers[FP]!;
  if (outside(fp)) return trap(state, Trap.stackOutOfBounds);
  const returnPc = state.low(fp);
  const callerFp = state.high(fp);
  if ((returnPc | callerFp) === 0) {
    const result = (fp - 1) | 0;
    if (outside(result)) return trap(state, Trap.stackOutOfBounds);
    return endTick(state, state.low(result) === 0 ? Status.yielded : Status.halted);
  }
  registers[SP] = fp - resultDrop;
  registers[PC] = returnPc;
  registers[FP] = callerFp;
}

function callIndirect(state: MachineState, gap: number, typeId: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top) || outside(top + gap)) return trap(state, Trap.stackOutOfBounds);
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
  if (outside(record)) return trap(state, Trap.stackOutOfBounds);
  state.setSlot(record, registers[PC]! + 1, registers[FP]!);
  registers[FP] = record;
  registers[SP] = record + 1;
  registers[PC] = target;
}
