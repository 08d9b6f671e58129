import { buffer, type Family, free, type Observed, pool, poolWindow, type Step } from "./differential.ts";
import { fld, ld, typeI, typeR, typeS } from "./encode.ts";
import { integerOperand } from "./integerFamilies.ts";
import type { Random } from "./random.ts";

const any = (random: Random) => random.pick(free);
/** Sources are mostly of f0..f15, which only loads write, so that results do not feed on NaNs. */
const source = (random: Random) => (random.below(4) === 0 ? random.below(32) : random.below(16));
const destination = (random: Random) => 16 + random.below(16);

/** Bits of a number of the given format: special values, exponents near the limits and near the other operands'. */
export function floatOperand(random: Random, double: boolean): bigint {
  const fractionBits = double ? 52n : 23n;
  const top = double ? 0x7ffn : 0xffn;
  const bias = double ? 1023n : 127n;
  const exponent = random.pick([
    () => 0n,
    () => top,
    () => BigInt(random.below(3)),
    () => top - BigInt(random.below(3)),
    () => bias + BigInt(random.below(70)) - 4n,
    () => bias + BigInt(random.below(5)) - 2n,
    () => random.bits64() & top,
  ])();
  const mask = (1n << fractionBits) - 1n;
  const fraction = random.pick([
    () => 0n,
    () => 1n,
    () => mask,
    () => 1n << (fractionBits - 1n),
    () => random.bits64() & mask,
    () => random.bits64() & mask & ~((1n << BigInt(random.below(Number(fractionBits)))) - 1n),
    () => mask ^ (1n << BigInt(random.below(Number(fractionBits)))),
  ])();
  const sign = random.bits64() & 1n;
  const bits = (sign << (double ? 63n : 31n)) | (exponent << fractionBits) | fraction;
  if (double) return bits;
  return random.below(40) === 0 ? (random.bits64() << 32n) | bits : 0xffffffff00000000n | bits;
}

/** Operands of which many are close to one before: sums cancel, products meet their addend. */
function closeOperands(double: boolean): (random: Random) => bigint {
  let last = 0n;
  return (random) => {
    const near = random.below(5) === 0;
    const sign = BigInt(random.below(2)) << (double ? 63n : 31n);
    last = near ? BigInt.asUintN(64, (last ^ sign) + BigInt(random.below(5) - 2)) : floatOperand(random, double);
    return random.below(8) === 0 ? integerOperand(random) : last;
  };
}

/** All instructions of a format: words, and what they write. */
function arithmetic(random: Random, format: number): { word: number; result: Observed } {
  const rounding = random.pick([0, 1, 2, 3, 4, 7, 7, 7]);
  const f = destination(random);
  const x = any(random);
  const [a, b, c] = [source(random), source(random), source(random)];
  const float = (funct5: number, funct3: number, rs1: number, rs2: number) => ({
    word: typeR(0x53, funct3, (funct5 << 2) | format, f, rs1, rs2),
    result: { f },
  });
  const integer = (funct5: number, funct3: number, rs2: number) => ({
    word: typeR(0x53, funct3, (funct5 << 2) | format, x, a, rs2),
    result: { x },
  });
  switch (random.below(13)) {
    case 0:
    case 1:
      return float(random.below(4), rounding, a, b);
    case 2:
      return float(3, rounding, a, b);
    case 3:
      return float(0x0b, rounding, a, 0);
    case 4:
    case 5:
    case 6:
      return { word: typeR(0x43 + 4 * random.below(4), rounding, (c << 2) | format, f, a, b), result: { f } };
    case 7:
      return float(random.pick([4, 4, 5]), random.below(2), a, b);
    case 8:
      return integer(0x14, random.below(3), b);
    case 9:
      return integer(0x18, rounding, random.below(4));
    case 10:
      return float(0x1a, rounding, any(random), random.below(4));
    case 11:
      return random.below(2) === 0 ? float(4, 2, a, b) : float(8, rounding, a, 1 - format);
    default:
      return random.pick([() => integer(0x1c, random.below(2), 0), () => float(0x1e, 0, any(random), 0)])();
  }
}

const reload = (random: Random): Step => {
  const f = random.below(16);
  return { words: [fld(f, pool, 8 * random.below(poolWindow / 8))], results: [{ f }] };
};

/** frm becomes one of the five modes. */
const setRounding = (random: Random) => typeI(0x73, 5, 0, random.below(5), 2);

function memoryAccess(random: Random): Step {
  const at = random.below(4088) - 2048;
  const width = random.pick([2, 3]);
  const f = random.below(32);
  if (random.below(2) === 0) return { words: [typeI(0x07, width, f, buffer, at)], results: [{ f }] };
  return { words: [typeS(0x27, width, buffer, f, at)], results: [{ memory: at }] };
}

function floatSteps(format: number) {
  return (random: Random): Step[] => {
    const kind = random.below(16);
    if (kind === 0) return [memoryAccess(random)];
    if (kind < 6) return [reload(random)];
    const x = any(random);
    if (kind === 6) return [{ words: [ld(x, pool, 8 * random.below(poolWindow / 8))], results: [{ x }] }];
    const { word, result } = arithmetic(random, format);
    return [{ words: kind === 7 ? [setRounding(random), word] : [word], results: [result, "fcsr"] }];
  };
}

/** CSR instructions of all six forms on fflags, frm and fcsr, between additions that set flags. */
function statusSteps(random: Random): Step[] {
  const x = any(random);
  const csr = 1 + random.below(3);
  const form = random.pick([1, 2, 3, 5, 6, 7]);
  const operand = random.below(4) === 0 ? 0 : form > 4 ? random.below(32) : any(random);
  const access = typeI(0x73, form, random.below(8) === 0 ? 0 : x, operand, csr);
  const add = typeR(
    0x53,
    random.below(5),
    random.pick([0, 1, 12, 13]),
    destination(random),
    source(random),
    source(random),
  );
  const read = typeI(0x73, 2, 29, 0, 3);
  const refill = { words: [ld(x, pool, 8 * random.below(poolWindow / 8))], results: [{ x }] };
  return [...(random.below(3) === 0 ? [refill] : []), { words: [add, access, read], results: [{ x }, { x: 29 }] }];
}

export const floatFamilies: readonly Family[] = [
  { name: "F: single precision", steps: floatSteps(0), operand: closeOperands(false) },
  { name: "D: double precision", steps: floatSteps(1), operand: closeOperands(true) },
  { name: "Zicsr: fflags, frm, fcsr", steps: statusSteps, operand: closeOperands(true) },
];
