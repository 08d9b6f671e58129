/** `memory.copy` and `memory.fill`, one leaf in each step; their operand slots are the loop state (`README.md`). */
import { leafBytes, memoryPageBytes } from "../layout.ts";
import { Op } from "../opcodes.ts";
import { Register, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { clearScratch, outsideStack, trap } from "./ending.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, sp: SP, phase: PHASE } = Register;
const outside = outsideStack;

/** The buffer's size. */
const maxChunk = 64;

export function bulk(state: MachineState, opcode: number): void {
  const top = (state.registers[SP]! - 1) | 0;
  if (outside(top) || outside(top - 1) || outside(top - 2)) return trap(state, Trap.stackOutOfBounds);
  const length = state.low(top) >>> 0;
  const middle = state.low(top - 1) >>> 0;
  const destination = state.low(top - 2) >>> 0;
  if (opcode === Op.memoryCopy) copy(state, top, destination, middle, length);
  else fill(state, top, destination, middle, length);
}

function copy(state: MachineState, top: number, destination: number, source: number, length: number): void {
  const registers = state.registers;
  const memoryBytes = state.memoryPages * memoryPageBytes;
  if (source + length > memoryBytes || destination + length > memoryBytes) {
    return trap(state, Trap.memoryOutOfBounds);
  }
  const second = registers[PHASE] !== 0;
  if (length === 0) return second ? trap(state, Trap.badScratch) : finish(state, top);
  const backward = source < destination;
  const chunk = chunkLength(destination, source, length, backward);
  const skipped = backward ? length - chunk : 0;
  if (!second) {
    registers.fill(0, Register.buffer);
    for (let i = 0; i < chunk; i++) state.setBuffer(i, state.load8(source + skipped + i));
    registers[PHASE] = 1;
    return;
  }
  for (let i = 0; i < chunk; i++) state.store8(destination + skipped + i, state.buffer(i));
  state.setSlot(top, length - chunk, 0);
  if (!backward) {
    state.setSlot(top - 1, source + chunk, 0);
    state.setSlot(top - 2, destination + chunk, 0);
  }
  clearScratch(registers);
}

/** Bytes of the next chunk: at most 64, within one leaf at both ends. */
function chunkLength(destination: number, source: number, length: number, backward: boolean): number {
  if (backward) {
    const inSource = ((source + length - 1) & (leafBytes - 1)) + 1;
    const inDestination = ((destination + length - 1) & (leafBytes - 1)) + 1;
    return Math.min(length, maxChunk, inSource, inDestination);
  }
  const inSource = leafBytes - (source & (leafBytes - 1));
  const inDestination = leafBytes - (destination & (leafBytes - 1));
  return Math.min(length, maxChunk, inSource, inDestination);
}

function fill(state: MachineState, top: number, destination: number, value: number, length: number): void {
  if (destination + length > state.memoryPages * memoryPageBytes) return trap(state, Trap.memoryOutOfBounds);
  if (length === 0) return finish(state, top);
  const chunk = Math.min(length, leafBytes - (destination & (leafBytes - 1)));
  for (let i = 0; i < chunk; i++) state.store8(destination + i, value & 0xff);
  state.setSlot(top, length - chunk, 0);
  state.setSlot(top - 2, destination + chunk, 0);
}

/** Pops the three operands and advances. */
function finish(state: MachineState, top: number): void {
  const registers = state.registers;
  registers[SP] = top - 2;
  registers[PC] = registers[PC]! + 1;
}
