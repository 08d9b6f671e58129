import { describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import {
  A0,
  A3,
  addi,
  branch,
  csrrs,
  csrrw,
  fld,
  fsd,
  ld,
  li,
  S0,
  S1,
  S2,
  sd,
  T0,
  T1,
  typeI,
  typeR,
} from "./support/encode.ts";
import { floatOperand } from "./support/floatFamilies.ts";
import { haveQemu, runInEmulator, runInQemu } from "./support/machines.ts";
import { assemble, load } from "./support/program.ts";
import { Random } from "./support/random.ts";

const cases = 1500;

/** f10, f11, f12 hold operands, x10 an integer; the result is in f13 or x13. */
interface Instruction {
  readonly name: string;
  readonly encode: (rounding: number) => number;
  readonly rounds: boolean;
}

function instructionsOf(double: boolean): Instruction[] {
  const format = double ? 1 : 0;
  const suffix = double ? "d" : "s";
  const arithmetic = ["fadd", "fsub", "fmul", "fdiv"].map((name, index) => ({
    name: `${name}.${suffix}`,
    rounds: true,
    encode: (rounding: number) => typeR(0x53, rounding, (index << 2) | format, A3, 10, 11),
  }));
  const fused = ["fmadd", "fmsub", "fnmsub", "fnmadd"].map((name, index) => ({
    name: `${name}.${suffix}`,
    rounds: true,
    encode: (rounding: number) => typeR(0x43 + 4 * index, rounding, (12 << 2) | format, A3, 10, 11),
  }));
  const toInteger = ["w", "wu", "l", "lu"].map((kind, index) => ({
    name: `fcvt.${kind}.${suffix}`,
    rounds: true,
    encode: (rounding: number) => typeR(0x53, rounding, 0x60 | format, A3, 10, index),
  }));
  const fromInteger = ["w", "wu", "l", "lu"].map((kind, index) => ({
    name: `fcvt.${suffix}.${kind}`,
    rounds: true,
    encode: (rounding: number) => typeR(0x53, rounding, 0x68 | format, A3, A0, index),
  }));
  const fixed = (name: string, funct7: number, funct3: number, rs2 = 11) => ({
    name: `${name}.${suffix}`,
    rounds: false,
    encode: () => typeR(0x53, funct3, funct7 | format, A3, 10, rs2),
  });
  return [
    ...arithmetic,
    ...fused,
    ...toInteger,
    ...fromInteger,
    { name: `fsqrt.${suffix}`, rounds: true, encode: (r) => typeR(0x53, r, 0x2c | format, A3, 10, 0) },
    { name: `fcvt to ${suffix}`, rounds: true, encode: (r) => typeR(0x53, r, 0x20 | format, A3, 10, 1 - format) },
    fixed("fsgnj", 0x10, 0),
    fixed("fsgnjn", 0x10, 1),
    fixed("fsgnjx", 0x10, 2),
    fixed("fmin", 0x14, 0),
    fixed("fmax", 0x14, 1),
    fixed("fle", 0x50, 0),
    fixed("flt", 0x50, 1),
    fixed("feq", 0x50, 2),
    fixed("fclass", 0x70, 1, 0),
    fixed("fmv.x", 0x70, 0, 0),
    { name: `fmv.${suffix}.x`, rounds: false, encode: () => typeR(0x53, 0, 0x78 | format, A3, A0, 0) },
  ];
}

function operandsOf(random: Random): Uint8Array {
  const data = new Uint8Array(cases * 32);
  const view = new DataView(data.buffer);
  for (let i = 0; i < cases; i++) {
    const double = random.below(2) === 0;
    for (let j = 0; j < 3; j++) view.setBigUint64(32 * i + 8 * j, floatOperand(random, double), true);
    view.setBigUint64(32 * i + 24, random.bits64() >> BigInt(random.below(64)), true);
  }
  return data;
}

/** A loop over all operands for one instruction: 24 bytes of result each (float register, integer register, flags). */
function loopFor(word: number, frm: number, data: number): number[] {
  const body = [
    fld(10, S0, 0),
    fld(11, S0, 8),
    fld(12, S0, 16),
    ld(A0, S0, 24),
    addi(T0, 0, frm << 5),
    csrrw(0, 3, T0),
    typeR(0x53, 0, 0x79, A3, 0, 0),
    addi(A3, 0, 0),
    word,
    fsd(13, S1, 0),
    sd(A3, S1, 8),
    csrrs(T1, 3, 0),
    sd(T1, S1, 16),
    addi(S0, S0, 32),
    addi(S1, S1, 24),
    typeI(0x13, 0, S2, S2, -1),
  ];
  return [...load(S0, data), ...li(S2, cases), ...body, branch(1, S2, 0, -4 * body.length)];
}

describe.runIf(haveQemu)("floating point, against qemu-riscv64", () => {
  for (const double of [false, true]) {
    for (const instruction of instructionsOf(double)) {
      it(`${instruction.name} gives the same bits and flags in every rounding mode`, () => {
        const random = new Random(seed);
        const data = operandsOf(random);
        const modes = instruction.rounds ? [0, 1, 2, 3, 4, 7] : [0];
        const program = assemble(
          (dataAt, results) => [
            ...load(S1, results),
            ...modes.flatMap((mode) => loopFor(instruction.encode(mode), mode === 7 ? 2 : 0, dataAt)),
          ],
          data,
          modes.length * cases * 24,
        );
        const expected = runInQemu(program);
        const given = runInEmulator(program);
        const at = firstDifference(given, expected);
        if (at >= 0) {
          const index = Math.floor(at / 24);
          const row = index % cases;
          const show = (bytes: Uint8Array, from: number, words: number) =>
            Array.from({ length: words }, (_, i) =>
              new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(from + 8 * i, true).toString(16),
            ).join(" ");
          expect.fail(
            `mode ${modes[Math.floor(index / cases)]}, operands ${show(data, 32 * row, 4)}: ${show(given, 24 * index, 3)}, expected ${show(expected, 24 * index, 3)}`,
          );
        }
        expect(given.length).toBe(expected.length);
      });
    }
  }
});

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return -1;
}
