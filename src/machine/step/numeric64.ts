/** i64 instructions on two 32-bit halves (WebAssembly 1.0, "Numerics"). */
import { Register, Trap } from "../registers.ts";
import type { MachineState } from "../state.ts";
import {
  add64,
  divideSigned64,
  divideUnsigned64,
  lessSigned,
  lessUnsigned,
  multiply64,
  remainderSigned64,
  remainderUnsigned64,
  result,
  rotateLeft64,
  shiftLeft64,
  shiftRightSigned64,
  shiftRightUnsigned64,
  subtract64,
} from "./arithmetic64.ts";
import { outsideStack, trap } from "./ending.ts";
import { countOnes, countTrailingZeros } from "./numeric32.ts";

// V8 folds a module's own constants into optimized code; what is imported it loads and checks each time.
const { pc: PC, sp: SP } = Register;
const outside = outsideStack;
const halves = result;

export function numeric64(state: MachineState, opcode: number): void {
  if (opcode === 0x50 || (opcode >= 0x79 && opcode <= 0x7b) || opcode >= 0xac) unary64(state, opcode);
  else binary64(state, opcode);
}

function unary64(state: MachineState, opcode: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  if (outside(top)) return trap(state, Trap.stackOutOfBounds);
  computeUnary(opcode, state.low(top), state.high(top));
  state.setSlot(top, halves[0]!, halves[1]!);
  registers[PC] = registers[PC]! + 1;
}

function binary64(state: MachineState, opcode: number): void {
  const registers = state.registers;
  const top = (registers[SP]! - 1) | 0;
  const under = (top - 1) | 0;
  if (outside(top) || outside(under)) return trap(state, Trap.stackOutOfBounds);
  const yLow = state.low(top);
  const yHigh = state.high(top);
  const xLow = state.low(under);
  const xHigh = state.high(under);
  if (opcode <= 0x5a) {
    halves[0] = compare(opcode, xLow, xHigh, yLow, yHigh) ? 1 : 0;
    halves[1] = 0;
  } else {
    if (opcode >= 0x7f && opcode <= 0x82) {
      if ((yLow | yHigh) === 0) return trap(state, Trap.divideByZero);
      const overflows = opcode === 0x7f && (yLow & yHigh) === -1 && xLow === 0 && xHigh === -0x80000000;
      if (overflows) return trap(state, Trap.integerOverflow);
    }
    computeBinary(opcode, xLow, xHigh, yLow, yHigh);
  }
  state.setSlot(under, halves[0]!, halves[1]!);
  registers[SP] = top;
  registers[PC] = registers[PC]! + 1;
}

function setResult(low: number, high: number): void {
  halves[0] = low;
  halves[1] = high;
}

function computeUnary(opcode: number, low: number, high: number): void {
  switch (opcode) {
    case 0x50: // i64.eqz
      return setResult((low | high) === 0 ? 1 : 0, 0);
    case 0x79: // i64.clz
      return setResult(high === 0 ? 32 + Math.clz32(low) : Math.clz32(high), 0);
    case 0x7a: // i64.ctz
      return setResult(low === 0 ? 32 + countTrailingZeros(high) : countTrailingZeros(low), 0);
    case 0x7b: // i64.popcnt
      return setResult(countOnes(low) + countOnes(high), 0);
    case 0xac: // i64.extend_i32_s
    case 0xc4: // i64.extend32_s
      return setResult(low, low >> 31);
    case 0xad: // i64.extend_i32_u
      return setResult(low, 0);
    case 0xc2: // i64.extend8_s
      return setResult((low << 24) >> 24, (low << 24) >> 31);
    default: // i64.extend16_s
      return setResult((low << 16) >> 16, (low << 16) >> 31);
  }
}

function compare(opcode: number, xLow: number, xHigh: number, yLow: number, yHigh: number): boolean {
  switch (opcode) {
    case 0x51: // i64.eq
      return xLow === yLow && xHigh === yHigh;
    case 0x52: // i64.ne
      return xLow !== yLow || xHigh !== yHigh;
    case 0x53: // i64.lt_s
      return lessSigned(xLow, xHigh, yLow, yHigh);
    case 0x54: // i64.lt_u
      return lessUnsigned(xLow, xHigh, yLow, yHigh);
    case 0x55: // i64.gt_s
      return lessSigned(yLow, yHigh, xLow, xHigh);
    case 0x56: // i64.gt_u
      return lessUnsigned(yLow, yHigh, xLow, xHigh);
    case 0x57: // i64.le_s
      return !lessSigned(yLow, yHigh, xLow, xHigh);
    case 0x58: // i64.le_u
      return !lessUnsigned(yLow, yHigh, xLow, xHigh);
    case 0x59: // i64.ge_s
      return !lessSigned(xLow, xHigh, yLow, yHigh);
    default: // i64.ge_u
      return !lessUnsigned(xLow, xHigh, yLow, yHigh);
  }
}

/** The divisor of a division is not zero. */
function computeBinary(opcode: number, xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  switch (opcode) {
    case 0x7c: // i64.add
      return add64(xLow, xHigh, yLow, yHigh);
    case 0x7d: // i64.sub
      return subtract64(xLow, xHigh, yLow, yHigh);
    case 0x7e: // i64.mul
      return multiply64(xLow, xHigh, yLow, yHigh);
    case 0x7f: // i64.div_s
      return divideSigned64(xLow, xHigh, yLow, yHigh);
    case 0x80: // i64.div_u
      return divideUnsigned64(xLow, xHigh, yLow, yHigh);
    case 0x81: // i64.rem_s
      return remainderSigned64(xLow, xHigh, yLow, yHigh);
    case 0x82: // i64.rem_u
      return remainderUnsigned64(xLow, xHigh, yLow, yHigh);
    case 0x83: // i64.and
      return setResult(xLow & yLow, xHigh & yHigh);
    case 0x84: // i64.or
      return setResult(xLow | yLow, xHigh | yHigh);
    case 0x85: // i64.xor
      return setResult(xLow ^ yLow, xHigh ^ yHigh);
    case 0x86: // i64.shl
      return shiftLeft64(xLow, xHigh, yLow);
    case 0x87: // i64.shr_s
      return shiftRightSigned64(xLow, xHigh, yLow);
    case 0x88: // i64.shr_u
      return shiftRightUnsigned64(xLow, xHigh, yLow);
    case 0x89: // i64.rotl
      return rotateLeft64(xLow, xHigh, yLow);
    default: // i64.rotr
      return rotateLeft64(xLow, xHigh, -yLow & 63);
  }
}
