/** Random states for one instruction, drawn towards every edge: boundary values, leaf boundaries, ends of memory, bad encodings. */
import { globalSlots, stackSlots } from "../../src/machine/layout.ts";
import type { Opcode } from "../../src/machine/opcodes.ts";
import { Register, registerWords, Status } from "../../src/machine/registers.ts";
import type { Random } from "./random.ts";
import { emptySketch, type Sketch } from "./sketchedStep.ts";

const halves = [
  0, 1, 2, 7, 31, 32, 33, 63, 64, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];
const pages = [0, 1, 1, 2, 2, 0x8000, 0xfffe, 0xffff, 0x10000, 0x10000, 0x10001, 0xffffffff];

function half(random: Random): number {
  return random.chance(0.6) ? random.pick(halves) : random.uint32();
}

/** A slot somewhere, more often than not beside the end of a leaf, in the middle of the stack or at its ends. */
function slotNumber(random: Random): number {
  const places = [0, 1, 2, 3, 15, 16, 17, 18, 4094, 4095, 4096, 4097, 4098, 8189, 8190, 8191, 8192, 8193];
  if (random.chance(0.02)) return random.uint32();
  if (random.chance(0.1)) return random.pick(places);
  if (random.chance(0.3)) return 16 * random.below(stackSlots / 16) + random.below(3);
  return 3 + random.below(stackSlots - 8);
}

/** An address near `2^32`, a leaf's end or anything else within `limit` bytes. */
function addressBelow(random: Random, limit: number): number {
  if (random.chance(0.05)) return random.uint32();
  if (random.chance(0.15)) return Math.max(0, limit - random.below(20)) % 2 ** 32;
  return Math.floor((random.uint32() / 2 ** 32) * limit);
}

/**
 * A state about to execute `opcode`, with the operands at the places the instruction looks at. Most are what a program
 * could reach; some are nothing that an honest machine reaches.
 */
export function randomSketch(opcode: Opcode, random: Random): Sketch {
  const sketch = emptySketch();
  const { registers, stack, globals, table, code, memory } = sketch;
  random.fill(memory);
  for (let i = 0; i < code.length; i++) code[i] = random.uint32();
  const pc = random.chance(0.02) ? 2 ** 24 - 1 : random.below(2 ** 24);
  const memoryPages = random.pick(pages);
  registers[Register.pc] = pc;
  registers[Register.sp] = slotNumber(random);
  registers[Register.fp] = slotNumber(random);
  registers[Register.status] = Status.running;
  registers[Register.memoryPages] = memoryPages;
  registers[Register.tableSize] = random.pick([0, 1, 16, 17, 1000, 2 ** 18, 2 ** 18 + 1, 0xffffffff]);
  registers[Register.entryPc] = random.below(2 ** 24);
  registers[Register.machineVersion] = 1;
  const memoryBytes = Math.min(memoryPages, 65_536) * 65_536;
  const immediateA = random.chance(0.7) ? random.below(4) : random.below(2 ** 16);
  const immediateB = immediate(opcode, random);
  code[2 * (pc & 15)] = opcode.number | (immediateA << 16);
  code[2 * (pc & 15) + 1] = immediateB;
  fillStack(sketch, random);
  if (opcode.family === "memory" || opcode.family === "bulk") aim(opcode, sketch, random, memoryBytes, immediateB);
  if (opcode.name === "return" && random.chance(0.4)) {
    const record = registers[Register.fp]! >>> 0;
    if (record < stackSlots) stack.fill(0, 2 * record, 2 * record + 2);
  }
  for (let i = 0; i < 2 * globalSlots; i += 64) globals[i + random.below(64)] = half(random);
  for (let entry = 0; entry < 16; entry++) {
    table[2 * entry] = random.pick([0, immediateB, immediateB, immediateB, random.uint32()]);
    table[2 * entry + 1] = random.uint32();
  }
  if (opcode.name === "call_indirect" && random.chance(0.8)) setSlot(sketch, -1, random.below(40), half(random));
  if (/^i(32|64)\.(div|rem)/.test(opcode.name) && random.chance(0.3)) aimDivision(opcode, sketch, random);
  if (opcode.phases === 2 && random.chance(0.3)) {
    registers[Register.phase] = 1;
    for (let i = 0; i < 16; i++) registers[Register.buffer + i] = random.uint32();
  }
  if (random.chance(0.08)) spoil(sketch, random);
  return sketch;
}

function immediate(opcode: Opcode, random: Random): number {
  switch (opcode.b) {
    case "offset":
      return random.chance(0.6) ? random.below(300) : half(random);
    case "frame distance":
    case "destination distance":
      return random.chance(0.9) ? random.below(40) - 20 : random.uint32();
    case "global index":
      return random.chance(0.95) ? random.below(globalSlots) : half(random);
    case "last entry":
      return random.below(100);
    default:
      return half(random);
  }
}

/** The slots around `sp` and `fp`, all 64 bits of them. */
function fillStack({ registers, stack }: Sketch, random: Random): void {
  for (const center of [registers[Register.sp]! >>> 0, registers[Register.fp]! >>> 0]) {
    if (center > stackSlots + 64) continue;
    for (let slot = Math.max(0, center - 32); slot < Math.min(stackSlots, center + 32); slot++) {
      stack[2 * slot] = half(random);
      stack[2 * slot + 1] = half(random);
    }
  }
}

/** Operands of a memory instruction: mostly within bounds, mostly beside a leaf's end. */
function aim(opcode: Opcode, sketch: Sketch, random: Random, memoryBytes: number, offset: number): void {
  const address = () => addressBelow(random, memoryBytes);
  if (opcode.family === "bulk") {
    const length = random.pick([0, 1, 63, 64, 65, 127, 128, 200, 5000, random.uint32()]);
    const destination = addressBelow(random, Math.max(0, memoryBytes - length));
    setSlot(sketch, -1, length, half(random));
    setSlot(
      sketch,
      -2,
      opcode.name === "memory.copy" && random.chance(0.3) ? destination + random.below(200) - 100 : address(),
      0,
    );
    setSlot(sketch, -3, destination, half(random));
  } else if (opcode.accessBytes > 0) {
    let accessed = address();
    const straddling = opcode.accessBytes > 1 && random.chance(0.5);
    if (straddling) accessed += 128 - (accessed % 128) - 1 - random.below(opcode.accessBytes - 1);
    else if (random.chance(0.3)) accessed += 128 - (accessed % 128) - opcode.accessBytes;
    const location = accessed >= offset >>> 0 || random.chance(0.2) ? accessed - (offset >>> 0) : accessed;
    setSlot(sketch, opcode.pushes === 1 ? -1 : -2, location, half(random));
  } else if (opcode.name === "memory.grow" && random.chance(0.5)) {
    setSlot(sketch, -1, 0, half(random));
  }
}

/** Division by zero, and the most negative number by -1. */
function aimDivision(opcode: Opcode, sketch: Sketch, random: Random): void {
  const wide = opcode.name.startsWith("i64");
  if (random.chance(0.5)) {
    setSlot(sketch, -1, 0, wide ? 0 : half(random));
  } else {
    setSlot(sketch, -1, -1, wide ? -1 : half(random));
    setSlot(sketch, -2, wide ? 0 : 0x80000000, wide ? 0x80000000 : half(random));
  }
}

function setSlot({ registers, stack }: Sketch, distance: number, low: number, high: number): void {
  const slot = (registers[Register.sp]! + distance) >>> 0;
  if (slot >= stackSlots) return;
  stack[2 * slot] = low;
  stack[2 * slot + 1] = high;
}

/** Makes a state that no program reaches: bad scratch, bad pc, an unknown opcode, any word of the registers leaf. */
function spoil({ registers, code }: Sketch, random: Random): void {
  const pc = registers[Register.pc]! & 15;
  switch (random.below(5)) {
    case 0:
      registers[Register.phase] = random.pick([1, 2, 0xffffffff]);
      break;
    case 1:
      registers[Register.pc] = random.pick([2 ** 24, 0xffffffff, random.uint32()]);
      break;
    case 2:
      code[2 * pc] = random.uint32();
      break;
    case 3:
      registers[Register.status] = random.pick([0, 2, 3, 4, 0xffffffff]);
      break;
    default:
      for (let i = 0; i < 4; i++) registers[random.below(registerWords)] = random.uint32();
      if (random.chance(0.7)) registers[Register.status] = Status.running;
  }
}
