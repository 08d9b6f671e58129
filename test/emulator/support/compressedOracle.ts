import { branch, jal, typeI, typeR, typeS } from "./encode.ts";

/**
 * The bits of an immediate as the tables of the chapter "RVC" list them, such as "5:4|9:6|2|3", taken from a halfword from
 * bit `top` downwards.
 */
function field(half: number, top: number, layout: string): number {
  let at = top;
  let value = 0;
  for (const part of layout.split("|")) {
    const [high, low = high] = part.split(":").map(Number) as [number, number?];
    for (let bit = high; bit >= low!; bit--) value |= ((half >> at--) & 1) << bit;
  }
  return value;
}

const extend = (value: number, bits: number) => (value << (32 - bits)) >> (32 - bits);

/** The 32-bit instruction that a 16-bit one stands for in RV64C; `undefined` where it is reserved. */
export function expandHalf(half: number): number | undefined {
  const rd = (half >> 7) & 31;
  const rs2 = (half >> 2) & 31;
  const [upper, lower] = [8 + ((half >> 7) & 7), 8 + ((half >> 2) & 7)];
  const double = field(half, 12, "5:3") | field(half, 6, "7:6");
  const word = field(half, 12, "5:3") | field(half, 6, "2|6");
  const six = field(half, 12, "5") | field(half, 6, "4:0");
  const signed = extend(six, 6);
  switch (((half & 3) << 3) | (half >> 13)) {
    case 0o00: {
      const value = field(half, 12, "5:4|9:6|2|3");
      return value === 0 ? undefined : typeI(0x13, 0, lower, 2, value);
    }
    case 0o01:
      return typeI(0x07, 3, lower, upper, double);
    case 0o02:
      return typeI(0x03, 2, lower, upper, word);
    case 0o03:
      return typeI(0x03, 3, lower, upper, double);
    case 0o05:
      return typeS(0x27, 3, upper, lower, double);
    case 0o06:
      return typeS(0x23, 2, upper, lower, word);
    case 0o07:
      return typeS(0x23, 3, upper, lower, double);
    case 0o10:
      return typeI(0x13, 0, rd, rd, signed);
    case 0o11:
      return rd === 0 ? undefined : typeI(0x1b, 0, rd, rd, signed);
    case 0o12:
      return typeI(0x13, 0, rd, 0, signed);
    case 0o13: {
      const value = extend(field(half, 12, "9") | field(half, 6, "4|6|8:7|5"), 10);
      if (six === 0) return undefined;
      return rd === 2 ? typeI(0x13, 0, 2, 2, value) : (0x37 | (rd << 7) | (signed << 12)) >>> 0;
    }
    case 0o14: {
      const kind = (half >> 10) & 3;
      if (kind < 2) return typeI(0x13, 5, upper, upper, six | (kind << 10));
      if (kind === 2) return typeI(0x13, 7, upper, upper, signed);
      const [funct3, funct7] = (
        [
          [0, 0x20],
          [4, 0],
          [6, 0],
          [7, 0],
        ] as const
      )[(half >> 5) & 3]!;
      if ((half & 0x1000) === 0) return typeR(0x33, funct3, funct7, upper, upper, lower);
      return (half & 0x40) !== 0 ? undefined : typeR(0x3b, 0, (half & 0x20) === 0 ? 0x20 : 0, upper, upper, lower);
    }
    case 0o15:
      return jal(0, extend(field(half, 12, "11|4|9:8|10|6|7|3:1|5"), 12));
    case 0o16:
    case 0o17:
      return branch((half >> 13) & 1, upper, 0, extend(field(half, 12, "8|4:3") | field(half, 6, "7:6|2:1|5"), 9));
    case 0o20:
      return typeI(0x13, 1, rd, rd, six);
    case 0o21:
      return typeI(0x07, 3, rd, 2, field(half, 12, "5") | field(half, 6, "4:3|8:6"));
    case 0o22:
      return rd === 0 ? undefined : typeI(0x03, 2, rd, 2, field(half, 12, "5") | field(half, 6, "4:2|7:6"));
    case 0o23:
      return rd === 0 ? undefined : typeI(0x03, 3, rd, 2, field(half, 12, "5") | field(half, 6, "4:3|8:6"));
    case 0o24: {
      const adds = (half & 0x1000) !== 0;
      if (rs2 !== 0) return typeR(0x33, 0, 0, rd, adds ? rd : 0, rs2);
      if (rd === 0) return adds ? 0x00100073 : undefined;
      return typeI(0x67, 0, adds ? 1 : 0, rd, 0);
    }
    case 0o25:
      return typeS(0x27, 3, 2, rs2, field(half, 12, "5:3|8:6"));
    case 0o26:
      return typeS(0x23, 2, 2, rs2, field(half, 12, "5:2|7:6"));
    case 0o27:
      return typeS(0x23, 3, 2, rs2, field(half, 12, "5:3|8:6"));
    default:
      return undefined;
  }
}
