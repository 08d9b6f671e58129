import { describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import { addi, branch, ld, li, sd, typeI, typeR, typeS } from "./support/encode.ts";
import { haveQemu, runInEmulator, runInQemu } from "./support/machines.ts";
import { assemble, load } from "./support/program.ts";
import { Random } from "./support/random.ts";

/** Instructions in a block, rounds over the block: a million and more executed in each family. */
const blockLength = 2000;
const rounds = 600;

/** x1 holds the results' address, x2 a buffer in the middle of them, x3 the rounds left; the rest is free. */
const buffer = 2;
const free = Array.from({ length: 27 }, (_, i) => i + 5);
const bufferSize = 1 << 14;

type Family = (random: Random) => readonly number[];

const any = (random: Random) => random.pick(free);
const immediate = (random: Random) => random.below(4096) - 2048;

/** Register-register instructions: funct3 and funct7 of opcode 0x33 and 0x3b. */
const registerForms = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((funct3) => [[0x33, funct3, 0] as const, [0x33, funct3, 1] as const]),
  [0x33, 0, 0x20] as const,
  [0x33, 5, 0x20] as const,
  ...[0, 1, 5].map((funct3) => [0x3b, funct3, 0] as const),
  ...[0, 5].map((funct3) => [0x3b, funct3, 0x20] as const),
  ...[0, 4, 5, 6, 7].map((funct3) => [0x3b, funct3, 1] as const),
];

const register: Family = (random) => {
  const [opcode, funct3, funct7] = random.pick(registerForms);
  return [typeR(opcode, funct3, funct7, any(random), any(random), any(random))];
};

const withImmediate: Family = (random) => {
  const funct3 = random.below(8);
  const kind = random.below(4);
  if (kind === 0) return [(0x37 | (any(random) << 7) | (random.below(1 << 20) << 12)) >>> 0];
  if (kind === 1) return [(0x17 | (any(random) << 7) | (random.below(1 << 20) << 12)) >>> 0];
  if (kind === 2) {
    const shift = random.below(32);
    const form = random.pick([0x1000 | shift, 0x5000 | shift, 0x5400 | shift]);
    const word = random.below(2) === 0;
    if (word) return [typeI(0x1b, 0, any(random), any(random), immediate(random))];
    return [typeI(0x1b, form >> 12, any(random), any(random), form & 0xfff)];
  }
  if (funct3 === 1) return [typeI(0x13, 1, any(random), any(random), random.below(64))];
  if (funct3 === 5) return [typeI(0x13, 5, any(random), any(random), random.below(64) | (random.below(2) << 10))];
  return [typeI(0x13, funct3, any(random), any(random), immediate(random))];
};

const loadsAndStores: Family = (random) =>
  random.below(2) === 0
    ? [typeI(0x03, random.below(7), any(random), buffer, immediate(random))]
    : [typeS(0x23, random.below(4), buffer, any(random), immediate(random))];

/** AMOs, LR and SC, aligned, on addresses made just before. */
const atomics: Family = (random) => {
  const size = random.pick([2, 3]);
  const address = 30;
  const at = addi(address, buffer, (random.below(256) - 128) * 8);
  const operation = random.pick([0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 28]);
  const make = (op: number) =>
    typeR(0x2f, size, op << 2, random.pick(free.filter((n) => n !== address)), address, op === 2 ? 0 : any(random));
  if (operation === 2 || operation === 3) return [at, make(2), make(3), addi(address, 0, 0)];
  return [at, make(operation), addi(address, 0, 0)];
};

/** Compressed instructions, two in a word; those that would jump, leave the buffer or touch x1-x3 are drawn again. */
const compressed: Family = (random) => [half(random) | (half(random) << 16)].map((word) => word >>> 0);

function half(random: Random): number {
  for (;;) {
    const bits = random.below(0x10000);
    const funct3 = bits >> 13;
    const rd = (bits >> 7) & 31;
    const immediate6 = ((bits >> 7) & 32) | ((bits >> 2) & 31);
    switch (bits & 3) {
      case 0:
        if (funct3 === 0 && (bits >> 5) & 0xff) return bits;
        break;
      case 1:
        if (funct3 === 4 && ((bits >> 10) & 7) !== 7) return bits;
        if (funct3 === 4 && ((bits >> 5) & 3) < 2) return bits;
        if ((funct3 === 0 || funct3 === 2) && (rd >= 5 || rd === 0)) return bits;
        if (funct3 === 1 && rd >= 5) return bits;
        if (funct3 === 3 && rd >= 5 && immediate6 !== 0) return bits;
        break;
      case 2:
        if (funct3 === 0 && rd >= 5) return bits;
        if (funct3 === 4 && ((bits >> 2) & 31) !== 0 && rd >= 5) return bits;
        // c.ldsp, c.sdsp, c.lwsp, c.swsp: x2 is the buffer.
        if ((funct3 === 2 || funct3 === 3) && rd >= 5) return bits;
        if (funct3 === 6 || funct3 === 7) return bits;
    }
  }
}

/** Branches over one instruction, and the comparison's operands often equal. */
const branches: Family = (random) => {
  const left = any(random);
  const right = random.below(3) === 0 ? left : any(random);
  return [branch(random.pick([0, 1, 4, 5, 6, 7]), left, right, 8), addi(left, right, immediate(random))];
};

const families: Readonly<Record<string, Family>> = {
  "register-register instructions": register,
  "instructions with immediates": withImmediate,
  "loads and stores, misaligned ones too": loadsAndStores,
  "atomic instructions": atomics,
  "compressed instructions": compressed,
  branches,
};

describe.runIf(haveQemu)("integer instructions, against qemu-riscv64", () => {
  it.each(Object.entries(families))("%s leave the same registers and memory", (_, family) => {
    const random = new Random(seed);
    const block = Array.from({ length: blockLength }, () => family(random)).flat();
    // The buffer is in the middle of its region, so that every offset stays inside.
    const program = assemble(
      (data, results) => [
        ...load(1, results),
        ...load(buffer, results + 256 + bufferSize / 2),
        ...load(4, data),
        ...free.flatMap((number, index) => [ld(number, 4, 8 * index)]),
        ...li(3, rounds),
        ...block,
        ...backTo(block.length),
        ...free.map((number, index) => sd(number, 1, 8 * index)),
      ],
      startingValues(random),
      256 + bufferSize,
    );
    expect(hex(runInEmulator(program))).toBe(hex(runInQemu(program)));
  });
});

/** Counts x3 down and returns to the first of `length` words; a branch alone does not reach that far. */
function backTo(length: number): number[] {
  const offset = -4 * (length + 2);
  const jump = 0x6f | (offset & 0xff000) | (((offset >> 11) & 1) << 20) | (((offset >> 1) & 0x3ff) << 21) | (1 << 31);
  return [addi(3, 3, -1), branch(0, 3, 0, 8), jump >>> 0];
}

function startingValues(random: Random): Uint8Array {
  const data = new Uint8Array(8 * free.length);
  const view = new DataView(data.buffer);
  free.forEach((_, index) => {
    view.setBigUint64(8 * index, random.bits64() >> BigInt(random.below(64)), true);
  });
  return data;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
