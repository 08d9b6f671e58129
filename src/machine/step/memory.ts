/** Loads, stores, `memory.size` and `memory.grow` (`README.md`, "Two-part steps": accesses across a leaf boundary). */
import { leafBytes, memoryPageBytes } from "../layout.ts";
import { opcodeOf } from "../opcodes.ts";
import { Register, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { clearScratch, outsideStack, trap } from "./ending.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, sp: SP, phase: PHASE, buffer: BUFFER } = Register;
const outside = outsideStack;
const LEAF = leafBytes;
const PAGE = memoryPageBytes;

/** Bytes that each load or store accesses. */
const accessBytesOf = Uint8Array.from({ length: 256 }, (_, number) => opcodeOf[number]?.accessBytes ?? 0);

const firstStore = 0x36;

export function memory(state: MachineState, opcode: number, b: number): void {
  if (opcode < firstStore) return load(state, opcode, b);
  if (opcode === 0x3f) return memorySize(state);
  if (opcode === 0x40) return memoryGrow(state);
  return store(state, opcode, b);
}

/** True when `size` bytes at `address` do not lie within one leaf. */
function straddles(address: number, size: number): boolean {
  return (address & (LEAF - 1)) + size > LEAF;
}

function load(state: MachineState, opcode: number, offset: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  const size = accessBytesOf[opcode]!;
  const address = (state.low(top) >>> 0) + (offset >>> 0);
  if (address + size > state.memoryPages * PAGE) return trap(state, Trap.memoryOutOfBounds);
  if (straddles(address, size)) return loadAcross(state, opcode, top, address, size);
  if (registers[PHASE] !== 0) return trap(state, Trap.badScratch);
  loadWithin(state, opcode, top, address);
  registers[PC] = registers[PC]! + 1;
}

function loadWithin(state: MachineState, opcode: number, slot: number, address: number): void {
  let low: number;
  let high = 0;
  switch (opcode) {
    case 0x28: // i32.load
    case 0x35: // i64.load32_u
      low = state.load32(address);
      break;
    case 0x29: // i64.load
      low = state.load32(address);
      high = state.load32(address + 4);
      break;
    case 0x34: // i64.load32_s
      low = state.load32(address);
      high = low >> 31;
      break;
    case 0x2c: // i32.load8_s
      low = (state.load8(address) << 24) >> 24;
      break;
    case 0x30: // i64.load8_s
      low = (state.load8(address) << 24) >> 24;
      high = low >> 31;
      break;
    case 0x2d: // i32.load8_u
    case 0x31: // i64.load8_u
      low = state.load8(address);
      break;
    case 0x2e: // i32.load16_s
      low = (state.load16(address) << 16) >> 16;
      break;
    case 0x32: // i64.load16_s
      low = (state.load16(address) << 16) >> 16;
      high = low >> 31;
      break;
    default: // i32.load16_u, i64.load16_u
      low = state.load16(address);
  }
  state.setSlot(slot, low, high);
}

/** A load whose bytes lie in two leaves: part 1 carries those of the first in the buffer, part 2 completes. */
function loadAcross(state: MachineState, opcode: number, slot: number, address: number, size: number): void {
  const registers = state.registers;
  const inFirst = LEAF - (address & (LEAF - 1));
  if (registers[PHASE] === 0) {
    registers.fill(0, Register.buffer);
    for (let i = 0; i < inFirst; i++) state.setBuffer(i, state.load8(address + i));
    registers[PHASE] = 1;
    return;
  }
  for (let i = inFirst; i < size; i++) state.setBuffer(i, state.load8(address + i));
  const low = registers[BUFFER]!;
  const high = registers[BUFFER + 1]!;
  switch (opcode) {
    case 0x2e: // i32.load16_s
      state.setSlot(slot, (low << 16) >> 16, 0);
      break;
    case 0x32: // i64.load16_s
      state.setSlot(slot, (low << 16) >> 16, (low << 16) >> 31);
      break;
    case 0x2f: // i32.load16_u
    case 0x33: // i64.load16_u
      state.setSlot(slot, low & 0xffff, 0);
      break;
    case 0x34: // i64.load32_s
      state.setSlot(slot, low, low >> 31);
      break;
    case 0x29: // i64.load
      state.setSlot(slot, low, high);
      break;
    default: // i32.load, i64.load32_u
      state.setSlot(slot, low, 0);
  }
  clearScratch(registers);
  registers[PC] = registers[PC]! + 1;
}

function store(state: MachineState, opcode: number, offset: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  const under = (top - 1) | 0;
  if (outside(top) || outside(under)) return trap(state, Trap.stackOutOfBounds);
  const size = accessBytesOf[opcode]!;
  const low = state.low(top);
  const high = state.high(top);
  const address = (state.low(under) >>> 0) + (offset >>> 0);
  if (address + size > state.memoryPages * PAGE) return trap(state, Trap.memoryOutOfBounds);
  if (straddles(address, size)) return storeAcross(state, address, size, low, high);
  if (registers[PHASE] !== 0) return trap(state, Trap.badScratch);
  switch (size) {
    case 1:
      state.store8(address, low);
      break;
    case 2:
      state.store16(address, low);
      break;
    case 4:
      state.store32(address, low);
      break;
    default:
      state.store32(address, low);
      state.store32(address + 4, high);
  }
  registers[SP] = under;
  registers[PC] = registers[PC]! + 1;
}

/** A store whose bytes lie in two leaves: each part writes those of its leaf, part 2 completes. */
function storeAcross(state: MachineState, address: number, size: number, low: number, high: number): void {
  const registers = state.registers;
  const inFirst = LEAF - (address & (LEAF - 1));
  const first = registers[PHASE] === 0;
  const end = first ? inFirst : size;
  for (let i = first ? 0 : inFirst; i < end; i++) {
    state.store8(address + i, (i < 4 ? low >>> (8 * i) : high >>> (8 * (i - 4))) & 0xff);
  }
  if (first) {
    registers[PHASE] = 1;
    return;
  }
  clearScratch(registers);
  registers[SP] = registers[SP]! - 2;
  registers[PC] = registers[PC]! + 1;
}

function memorySize(state: MachineState): void {
  const registers = state.registers;
  const sp = registers[SP]!;
  if (outside(sp)) return trap(state, Trap.stackOutOfBounds);
  state.setSlot(sp, state.memoryPages, 0);
  registers[SP] = sp + 1;
  registers[PC] = registers[PC]! + 1;
}

function memoryGrow(state: MachineState): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  state.setSlot(top, state.low(top) === 0 ? state.memoryPages : -1, 0);
  registers[PC] = registers[PC]! + 1;
}
