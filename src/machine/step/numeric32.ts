/** i32 instructions, and `i32.wrap_i64` (WebAssembly 1.0, "Numerics"). */
import { Register, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import { outsideStack, trap } from "./ending.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, sp: SP } = Register;
const outside = outsideStack;

export function numeric32(state: MachineState, opcode: number): void {
  if (opcode === 0x45 || (opcode >= 0x67 && opcode <= 0x69) || opcode >= 0xa7) unary32(state, opcode);
  else binary32(state, opcode);
}

function unary32(state: MachineState, opcode: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  state.setSlot(top, computeUnary(opcode, state.low(top)), 0);
  registers[PC] = registers[PC]! + 1;
}

function binary32(state: MachineState, opcode: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  const under = (top - 1) | 0;
  if (outside(top) || outside(under)) return trap(state, Trap.stackOutOfBounds);
  const y = state.low(top);
  const x = state.low(under);
  if (opcode >= 0x6d && opcode <= 0x70) {
    if (y === 0) return trap(state, Trap.divideByZero);
    if (opcode === 0x6d && y === -1 && x === -0x80000000) return trap(state, Trap.integerOverflow);
  }
  state.setSlot(under, computeBinary(opcode, x, y), 0);
  registers[SP] = top;
  registers[PC] = registers[PC]! + 1;
}

function computeUnary(opcode: number, x: number): number {
  switch (opcode) {
    case 0x45: // i32.eqz
      return x === 0 ? 1 : 0;
    case 0x67: // i32.clz
      return Math.clz32(x);
    case 0x68: // i32.ctz
      return countTrailingZeros(x);
    case 0x69: // i32.popcnt
      return countOnes(x);
    case 0xc0: // i32.extend8_s
      return (x << 24) >> 24;
    case 0xc1: // i32.extend16_s
      return (x << 16) >> 16;
    default: // i32.wrap_i64
      return x;
  }
}

export function countTrailingZeros(x: number): number {
  return x === 0 ? 32 : 31 - Math.clz32(x & -x);
}

export function countOnes(x: number): number {
  const pairs = x - ((x >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The divisor of a division is not zero, and `i32.div_s` does not overflow. */
function computeBinary(opcode: number, x: number, y: number): number {
  switch (opcode) {
    case 0x46: // i32.eq
      return x === y ? 1 : 0;
    case 0x47: // i32.ne
      return x !== y ? 1 : 0;
    case 0x48: // i32.lt_s
      return x < y ? 1 : 0;
    case 0x49: // i32.lt_u
      return x >>> 0 < y >>> 0 ? 1 : 0;
    case 0x4a: // i32.gt_s
      return x > y ? 1 : 0;
    case 0x4b: // i32.gt_u
      return x >>> 0 > y >>> 0 ? 1 : 0;
    case 0x4c: // i32.le_s
      return x <= y ? 1 : 0;
    case 0x4d: // i32.le_u
      return x >>> 0 <= y >>> 0 ? 1 : 0;
    case 0x4e: // i32.ge_s
      return x >= y ? 1 : 0;
    case 0x4f: // i32.ge_u
      return x >>> 0 >= y >>> 0 ? 1 : 0;
    case 0x6a: // i32.add
      return (x + y) | 0;
    case 0x6b: // i32.sub
      return (x - y) | 0;
    case 0x6c: // i32.mul
      return Math.imul(x, y);
    case 0x6d: // i32.div_s
      return (x / y) | 0;
    case 0x6e: // i32.div_u
      return ((x >>> 0) / (y >>> 0)) | 0;
    case 0x6f: // i32.rem_s
      return (x % y) | 0;
    case 0x70: // i32.rem_u
      return ((x >>> 0) % (y >>> 0)) | 0;
    case 0x71: // i32.and
      return x & y;
    case 0x72: // i32.or
      return x | y;
    case 0x73: // i32.xor
      return x ^ y;
    case 0x74: // i32.shl
      return x << y;
    case 0x75: // i32.shr_s
      return x >> y;
    case 0x76: // i32.shr_u
      return (x >>> y) | 0;
    case 0x77: // i32.rotl
      return (x << y) | (x >>> (32 - (y & 31)));
    default: // i32.rotr
      return (x >>> y) | (x << (32 - (y & 31)));
  }
}
