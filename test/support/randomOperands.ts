import type { ValueType } from "../../src/wasm/module.ts";
import { op } from "../../src/wasm/opcodes.ts";
import type { Writer } from "../../src/wasm/writer.ts";
import type { Random } from "./random.ts";

const leaf = 128;
const page = 0x1_0000;
const corners = [0, 1, -1, 2, 31, 32, 33, 63, 64, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000];

/** A constant: corners of both types more often than others. */
export function writeConstant(to: Writer, random: Random, type: ValueType): void {
  const half = () => (random.chance(0.6) ? random.pick(corners) : random.uint32()) | 0;
  if (type === 0x7f) to.byte(op.i32Const).s32(half());
  else {
    const low = half();
    to.byte(op.i64Const).s64(low, random.chance(0.5) ? low >> 31 : half());
  }
}

/** The least number divided by -1: `div_s` overflows, `rem_s` is 0. */
export function writeExtremeDivision(to: Writer, random: Random, type: ValueType): void {
  const remainder = random.chance(0.7) ? 2 : 0;
  if (type === 0x7f) {
    to.byte(op.i32Const).s32(-0x8000_0000).byte(op.i32Const).s32(-1);
    to.byte(0x6d + remainder);
  } else {
    to.byte(op.i64Const).s64(0, -0x8000_0000).byte(op.i64Const).s64(-1, -1);
    to.byte(0x7f + remainder);
  }
}

/**
 * An address on the stack: at a leaf's end, at the memory's end, or out of some value.
 * @returns the offset that is to stand in the instruction
 */
export function writeAddress(to: Writer, random: Random, memoryPages: number, writeValue: () => void): number {
  const size = memoryPages * page;
  const offset = random.chance(0.7) ? 0 : random.chance(0.95) ? random.below(200) : random.uint32();
  const constant = (address: number) => void to.byte(op.i32Const).s32(address - (offset < 200 ? offset : 0));
  switch (random.below(8)) {
    case 0:
      constant(size - random.below(12));
      break;
    case 1:
    case 2:
    case 3:
      constant(leaf * (2 + random.below(Math.max(1, size / leaf - 2))) - random.below(9));
      break;
    case 4:
      constant(leaf * (2 + random.below(6)) + random.below(leaf));
      break;
    default:
      writeValue();
      if (random.chance(0.95)) to.byte(op.i32Const).s32(0x7fff).byte(0x71);
  }
  return offset;
}
