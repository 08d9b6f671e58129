/** States no honest machine need ever reach: random registers, slots and code, biased to where the edges are. */
import { codeInstructions, memoryPageBytes, stackSlots } from "../../src/machine/layout.ts";
import { Op, opcodeOf, opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { MachineState, newArrays } from "../../src/machine/state.ts";

/** A small fast generator of 32-bit integers (xorshift), so that a whole state costs one seed. */
export class RandomWords {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  word(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state;
  }

  below(bound: number): number {
    return (this.word() >>> 0) % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  chance(outOf: number): boolean {
    return this.below(outOf) === 0;
  }
}

const edges = [0, 1, -1, 2, 63, 64, 65, 127, 128, 129, 255, 4095, 4096, 0x7fffffff, -0x80000000, 0xffff, 0x10000];

/** Instructions at the beginning and at the end of the code; the middle of the array is as long as it needs to be. */
const codeLength = 64;

/**
 * @param pages pages of memory
 * @param opcode what the first instruction is, random when left out
 */
export function randomState(seed: number, pages: number, opcode?: number): MachineState {
  const random = new RandomWords(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  for (let i = 0; i < 8; i++) random.word();
  const memoryBytes = pages * memoryPageBytes;
  const number = () => {
    const kind = random.below(8);
    if (kind === 0) return random.pick(edges);
    if (kind === 1) return memoryBytes - random.below(300);
    if (kind === 2) return random.below(memoryBytes + 1) & ~127;
    if (kind === 3) return random.below(memoryBytes + 1);
    if (kind < 7) return 128 * random.below(pages * 512 + 1) - random.below(9);
    return random.word();
  };
  const slotNumber = () => (random.chance(12) ? number() : random.pick([14, 15, 16, 17, 18, 31, 32, 8190, 8191, 8192]));
  const code = new Int32Array(2 * codeLength);
  for (let i = 0; i < codeLength; i++) {
    const known = random.chance(40) ? random.below(256) : random.pick(opcodes).number;
    const a = random.chance(8) ? random.word() << 16 : random.below(4) << 16;
    code[2 * i] = (i === 0 && opcode !== undefined ? opcode : known) | a | (random.chance(20) ? 0x5a00 : 0);
    code[2 * i + 1] = random.chance(8) ? number() : random.below(20) - (random.chance(4) ? 4 : 0);
  }
  if (opcode === Op.callIndirect) code[1] = 1 + random.below(2);
  const tableSize = random.below(40);
  const state = new MachineState(newArrays({ memoryPages: pages, tableSize, code }));
  for (let i = 0; i < state.table.length; i += 2) {
    state.table[i] = random.below(3);
    state.table[i + 1] = random.below(codeLength);
  }
  for (let slot = 0; slot < stackSlots; slot = slot === 63 ? stackSlots - 16 : slot + 1) {
    state.stack[2 * slot] = random.chance(4) ? random.below(3) : number();
    state.stack[2 * slot + 1] = random.chance(2) ? 0 : number();
  }
  for (let i = 0; i < 64; i++) state.globals[i] = number();
  for (let i = 0; i < memoryBytes; i += 1 + random.below(61)) state.memory[i] = random.word();
  const registers = state.registers;
  const twoParts = opcode === undefined || opcodeOf[opcode]?.phases === 2;
  registers[Register.pc] = opcode !== undefined ? 0 : random.chance(30) ? random.word() : random.below(codeLength);
  if (random.chance(60)) registers[Register.pc] = codeInstructions - random.below(2);
  registers[Register.sp] = slotNumber();
  registers[Register.fp] = slotNumber();
  registers[Register.status] = random.chance(40) ? random.below(6) : Status.running;
  registers[Register.memoryPages] = pages;
  registers[Register.tableSize] = random.chance(30) ? random.word() : tableSize;
  registers[Register.entryPc] = random.below(codeLength);
  registers[Register.machineVersion] = 1;
  registers[Register.phase] = random.chance(30) ? random.word() : random.chance(twoParts ? 2 : 8) ? 1 : 0;
  if (random.chance(2)) for (let i = Register.phase + 1; i < 32; i++) registers[i] = random.word();
  return state;
}
