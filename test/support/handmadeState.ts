/** States made by hand: code as a list of instructions, operands put where a test wants them. */
import { Register, Status } from "../../src/machine/registers.ts";
import { MachineState, newArrays } from "../../src/machine/state.ts";

/** One instruction: opcode, immediate `b`, immediate `a`. */
export type Instruction = readonly [opcode: number, b?: number, a?: number];

export function assemble(instructions: readonly Instruction[]): Int32Array {
  return Int32Array.from(instructions.flatMap(([opcode, b = 0, a = 0]) => [opcode | (a << 16), b]));
}

/** A running state at pc 0 with `operands` on the stack (64 bits each) and one page of memory. */
export function runningState(
  instructions: readonly Instruction[],
  operands: readonly bigint[] = [],
  memoryPages = 1,
  firstSlot = 2,
): MachineState {
  const state = new MachineState(newArrays({ memoryPages, tableSize: 0, code: assemble(instructions) }));
  for (const [i, operand] of operands.entries()) {
    state.setSlot(firstSlot + i, Number(BigInt.asIntN(32, operand)), Number(BigInt.asIntN(32, operand >> 32n)));
  }
  state.registers[Register.sp] = firstSlot + operands.length;
  state.registers[Register.fp] = 1;
  state.registers[Register.status] = Status.running;
  state.registers[Register.memoryPages] = memoryPages;
  state.registers[Register.machineVersion] = 1;
  return state;
}

/** A slot as an unsigned 64-bit number. */
export function slot(state: MachineState, index: number): bigint {
  return (BigInt(state.high(index) >>> 0) << 32n) | BigInt(state.low(index) >>> 0);
}
