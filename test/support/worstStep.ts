/**
 * The most expensive steps of each instruction, constructed: calldata decides (40 gas for a byte that is not zero), so they
 * touch as many leaves as the instruction can, its stack leaves meet at the top of the tree only, and no byte of leaf,
 * sibling or root is zero where the machine leaves the choice.
 */
import { type Opcode, opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { Random } from "./random.ts";
import { emptySketch, type Sketch, type SketchedStep, sketchStep } from "./sketchedStep.ts";

/** First slot of the stack's upper half: its leaf and the one below it meet at the top. */
const middle = 4096;
/** Without a zero byte, and small enough for an immediate `a` or twice the bounds of a slot. */
const distance = 0x0101;
/** Without a zero byte, and far below 2^32 together with `offset`. */
const address = 0x7f7f7f80;
const offset = 0x01010101;

export interface WorstStep extends SketchedStep {
  readonly opcode: Opcode;
  readonly variant: string;
}

/** Every variant of every instruction. */
export function worstSteps(): WorstStep[] {
  return opcodes.flatMap((opcode) =>
    variantsOf(opcode).map((variant) => {
      const random = new Random(opcode.number);
      const nonZero = () => Uint8Array.from({ length: 32 }, () => 1 + random.below(255));
      return { opcode, variant, ...sketchStep(worstSketch(opcode, variant), nonZero) };
    }),
  );
}

function variantsOf(opcode: Opcode): string[] {
  if (opcode.name === "return") return ["sentinel", "record"];
  if (opcode.name === "memory.copy") return ["forward load", "forward store", "backward load", "backward store"];
  return opcode.phases === 2 ? ["within", "first part", "second part"] : ["whole"];
}

function worstSketch(opcode: Opcode, variant: string): Sketch {
  const sketch = emptySketch();
  const { registers, stack, globals, table, code, memory } = sketch;
  for (const array of [registers, stack, globals, table, code]) array.fill(0x55555555);
  memory.fill(0x55);
  const sp = stackPointer(opcode);
  registers[Register.pc] = 0x00555555;
  registers[Register.sp] = sp;
  registers[Register.fp] = opcode.name === "return" ? middle : middle + distance;
  registers[Register.status] = Status.running;
  registers[Register.phase] = variant.startsWith("second") || variant.endsWith("store") ? 1 : 0;
  code[2 * (0x555555 & 15)] = opcode.number | 0x5500 | (distance << 16);
  code[2 * (0x555555 & 15) + 1] = immediate(opcode, sp);
  if (opcode.name === "return" && variant === "sentinel") stack.fill(0, 2 * middle, 2 * middle + 2);
  for (let entry = 0; entry < 16; entry++) table[2 * entry] = offset;
  setOperands(opcode, variant, sp, stack);
  return sketch;
}

/** So that the instruction's slots lie on both sides of the middle. */
function stackPointer({ name, pops, phases }: Opcode): number {
  if (name === "call_indirect") return middle;
  if (name.startsWith("local") || name === "move" || name === "return") return middle;
  return pops + phases > 2 || pops === 1 ? middle + 1 : middle - distance;
}

function immediate({ name, b }: Opcode, sp: number): number {
  if (b === "global index") return 0x0101;
  if (b === "type id") return offset;
  if (b === "destination distance") return -distance;
  // Of `local.get`, `local.set` and `local.tee`: `sp` is in the upper half, or just below it.
  if (b === "frame distance") return name === "local.get" ? -2 * distance : -distance;
  return sp === 0 ? 0 : offset;
}

function setOperands(
  { name, family, accessBytes, pushes }: Opcode,
  variant: string,
  sp: number,
  stack: Int32Array,
): void {
  const operand = (depth: number, value: number) => {
    stack[2 * (sp - depth)] = value;
  };
  if (name === "call_indirect") operand(1, 0x01010101 & 0x1ffff);
  if (family === "bulk") {
    operand(1, 0x01010101);
    operand(2, variant.startsWith("backward") ? address - 0x01010101 : address + 0x01010101);
    operand(3, address);
  }
  if (accessBytes > 0) {
    const straddles = variant !== "within" && variant !== "whole";
    operand(pushes === 1 ? 1 : 2, address - offset - (straddles ? 1 : 128));
  }
}
