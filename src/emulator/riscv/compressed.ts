/** 16-bit instructions (C extension, RV64C) as the 32-bit instruction each stands for: `assembly/compressed.ts`, for people. */

const typeI = (opcode: number, funct3: number, rd: number, rs1: number, immediate: number) =>
  opcode | (rd << 7) | (funct3 << 12) | (rs1 << 15) | (immediate << 20);
const typeS = (opcode: number, funct3: number, rs1: number, rs2: number, immediate: number) =>
  opcode | ((immediate & 31) << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | ((immediate >> 5) << 25);
const typeR = (opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number) =>
  opcode | (rd << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | (funct7 << 25);

/** Bits of `half` put where they belong: `[from, count, to]` each. */
function gather(half: number, parts: readonly (readonly [number, number, number])[]): number {
  return parts.reduce((bits, [from, count, to]) => bits | (((half >> from) & ((1 << count) - 1)) << to), 0);
}

function signed(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}

const low5 = (half: number) => (half >> 2) & 31;
const rdOf = (half: number) => (half >> 7) & 31;
const shortLow = (half: number) => ((half >> 2) & 7) + 8;
const shortHigh = (half: number) => ((half >> 7) & 7) + 8;
const immediate6 = (half: number) =>
  signed(
    gather(half, [
      [12, 1, 5],
      [2, 5, 0],
    ]),
    6,
  );

/** The 32-bit instruction that `half` stands for, unsigned; undefined when it is illegal or reserved. */
export function expandCompressed(half: number): number | undefined {
  const quadrants = [quadrant0, quadrant1, quadrant2];
  const word = quadrants[half & 3]?.(half, half >> 13);
  return word === undefined || word === 0 ? undefined : word >>> 0;
}

function quadrant0(half: number, funct3: number): number {
  const [rd, rs1] = [shortLow(half), shortHigh(half)];
  const word = gather(half, [
    [10, 3, 3],
    [6, 1, 2],
    [5, 1, 6],
  ]);
  const double = gather(half, [
    [10, 3, 3],
    [5, 2, 6],
  ]);
  switch (funct3) {
    case 0: {
      const wide = gather(half, [
        [11, 2, 4],
        [7, 4, 6],
        [6, 1, 2],
        [5, 1, 3],
      ]);
      return wide === 0 ? 0 : typeI(0x13, 0, rd, 2, wide);
    }
    case 1:
      return typeI(0x07, 3, rd, rs1, double);
    case 2:
      return typeI(0x03, 2, rd, rs1, word);
    case 3:
      return typeI(0x03, 3, rd, rs1, double);
    case 5:
      return typeS(0x27, 3, rs1, rd, double);
    case 6:
      return typeS(0x23, 2, rs1, rd, word);
    case 7:
      return typeS(0x23, 3, rs1, rd, double);
    default:
      return 0;
  }
}

function quadrant1(half: number, funct3: number): number {
  const rd = rdOf(half);
  const immediate = immediate6(half);
  switch (funct3) {
    case 0:
      return typeI(0x13, 0, rd, rd, immediate);
    case 1:
      return rd === 0 ? 0 : typeI(0x1b, 0, rd, rd, immediate);
    case 2:
      return typeI(0x13, 0, rd, 0, immediate);
    case 3: {
      if (rd !== 2) return immediate === 0 ? 0 : 0x37 | (rd << 7) | (immediate << 12);
      const wide = signed(
        gather(half, [
          [12, 1, 9],
          [6, 1, 4],
          [5, 1, 6],
          [3, 2, 7],
          [2, 1, 5],
        ]),
        10,
      );
      return wide === 0 ? 0 : typeI(0x13, 0, 2, 2, wide);
    }
    case 4:
      return arithmetic(half);
    case 5: {
      const parts = [
        [12, 1, 11],
        [11, 1, 4],
        [9, 2, 8],
        [8, 1, 10],
        [7, 1, 6],
        [6, 1, 7],
        [3, 3, 1],
        [2, 1, 5],
      ] as const;
      const offset = signed(gather(half, parts), 12);
      return (
        0x6f |
        (offset & 0xff000) |
        gather(offset, [
          [11, 1, 20],
          [1, 10, 21],
          [20, 1, 31],
        ])
      );
    }
    default: {
      const offset = signed(
        gather(half, [
          [12, 1, 8],
          [10, 2, 3],
          [5, 2, 6],
          [3, 2, 1],
          [2, 1, 5],
        ]),
        9,
      );
      const bits = gather(offset, [
        [11, 1, 7],
        [1, 4, 8],
        [5, 6, 25],
        [12, 1, 31],
      ]);
      return 0x63 | bits | ((funct3 - 6) << 12) | (shortHigh(half) << 15);
    }
  }
}

function arithmetic(half: number): number {
  const [rd, rs2] = [shortHigh(half), shortLow(half)];
  const shift = immediate6(half) & 63;
  switch ((half >> 10) & 3) {
    case 0:
      return typeI(0x13, 5, rd, rd, shift);
    case 1:
      return typeI(0x13, 5, rd, rd, shift | 0x400);
    case 2:
      return typeI(0x13, 7, rd, rd, immediate6(half));
    default: {
      const which = (half >> 5) & 3;
      const isWord = (half & 0x1000) !== 0;
      if (isWord) return which > 1 ? 0 : typeR(0x3b, 0, which === 0 ? 0x20 : 0, rd, rd, rs2);
      return typeR(0x33, [0, 4, 6, 7][which]!, which === 0 ? 0x20 : 0, rd, rd, rs2);
    }
  }
}

function quadrant2(half: number, funct3: number): number {
  const [rd, rs2] = [rdOf(half), low5(half)];
  const double = gather(half, [
    [12, 1, 5],
    [5, 2, 3],
    [2, 3, 6],
  ]);
  const storedDouble = gather(half, [
    [10, 3, 3],
    [7, 3, 6],
  ]);
  switch (funct3) {
    case 0:
      return typeI(0x13, 1, rd, rd, immediate6(half) & 63);
    case 1:
      return typeI(0x07, 3, rd, 2, double);
    case 2:
      return rd === 0
        ? 0
        : typeI(
            0x03,
            2,
            rd,
            2,
            gather(half, [
              [12, 1, 5],
              [4, 3, 2],
              [2, 2, 6],
            ]),
          );
    case 3:
      return rd === 0 ? 0 : typeI(0x03, 3, rd, 2, double);
    case 4: {
      const links = (half >> 12) & 1;
      if (rs2 !== 0) return typeR(0x33, 0, 0, rd, links === 1 ? rd : 0, rs2);
      if (rd === 0) return links === 1 ? 0x00100073 : 0;
      return typeI(0x67, 0, links, rd, 0);
    }
    case 5:
      return typeS(0x27, 3, 2, rs2, storedDouble);
    case 6:
      return typeS(
        0x23,
        2,
        2,
        rs2,
        gather(half, [
          [9, 4, 2],
          [7, 2, 6],
        ]),
      );
    default:
      return typeS(0x23, 3, 2, rs2, storedDouble);
  }
}
