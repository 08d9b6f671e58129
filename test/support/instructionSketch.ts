/** States written down by hand: one instruction, its operands, and whatever else a test is about. */
import { opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { Random } from "./random.ts";
import { emptySketch, type Sketch, type SketchedStep, sketchStep } from "./sketchedStep.ts";

export interface InstructionState {
  readonly a?: number;
  readonly b?: number;
  /** Operands, the top of the stack last. A number is an i32, with a zero high half. */
  readonly operands?: readonly (number | bigint)[];
  readonly sp?: number;
  readonly fp?: number;
  readonly pc?: number;
  readonly pages?: number;
  readonly tableSize?: number;
  readonly status?: number;
  readonly phase?: number;
  readonly memory?: Uint8Array;
  readonly buffer?: Uint8Array;
  /** Anything that has no place above. */
  readonly change?: (sketch: Sketch) => void;
}

/** A running state with 10 slots in use that is about to execute the instruction. */
export function sketchInstruction(name: string, state: InstructionState = {}): Sketch {
  const sketch = emptySketch();
  const { registers, code, stack, memory } = sketch;
  const opcode = opcodes.find((opcode) => opcode.name === name)!;
  const sp = state.sp ?? 10;
  registers[Register.pc] = state.pc ?? 5;
  registers[Register.sp] = sp;
  registers[Register.fp] = state.fp ?? 3;
  registers[Register.status] = state.status ?? Status.running;
  registers[Register.memoryPages] = state.pages ?? 1;
  registers[Register.tableSize] = state.tableSize ?? 0;
  registers[Register.machineVersion] = 1;
  registers[Register.phase] = state.phase ?? 0;
  code[2 * ((state.pc ?? 5) & 15)] = opcode.number | ((state.a ?? 0) << 16);
  code[2 * ((state.pc ?? 5) & 15) + 1] = state.b ?? 0;
  const operands = state.operands ?? [];
  for (const [i, operand] of operands.entries()) {
    const value = BigInt.asUintN(64, typeof operand === "bigint" ? operand : BigInt(operand >>> 0));
    const slot = sp - operands.length + i;
    stack[2 * slot] = Number(value & 0xffffffffn);
    stack[2 * slot + 1] = Number(value >> 32n);
  }
  if (state.memory) memory.set(state.memory);
  if (state.buffer) new Uint8Array(registers.buffer, 4 * Register.buffer).set(state.buffer);
  state.change?.(sketch);
  return sketch;
}

/** The 64 bits of a slot. */
export function slotOf({ stack }: Sketch, slot: number): bigint {
  return BigInt.asUintN(64, (BigInt(stack[2 * slot + 1]!) << 32n) | BigInt(stack[2 * slot]! >>> 0));
}

/** Executes one step of a sketch, whose siblings come from a generator of their own. */
export function stepSketch(sketch: Sketch, seed = 1): SketchedStep {
  const random = new Random(seed);
  return sketchStep(sketch, () => random.fill(new Uint8Array(32)));
}
