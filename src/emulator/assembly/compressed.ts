/** 16-bit instructions (C extension, RV64C) as the 32-bit instruction each stands for. */

@inline
function typeI(opcode: u32, funct3: u32, rd: u32, rs1: u32, imm: u32): u32 {
  return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | imm << 20;
}

@inline
function typeS(opcode: u32, funct3: u32, rs1: u32, rs2: u32, imm: u32): u32 {
  return opcode | (imm & 31) << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | (imm >> 5) << 25;
}

@inline
function typeR(opcode: u32, funct3: u32, funct7: u32, rd: u32, rs1: u32, rs2: u32): u32 {
  return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25;
}

function jump(rd: u32, offset: u32): u32 {
  return 0x6f | rd << 7 | (offset & 0xff000) | ((offset >> 11) & 1) << 20 | ((offset >> 1) & 0x3ff) << 21
    | ((offset >> 20) & 1) << 31;
}

function branch(funct3: u32, rs1: u32, offset: u32): u32 {
  return 0x63 | ((offset >> 11) & 1) << 7 | ((offset >> 1) & 15) << 8 | funct3 << 12 | rs1 << 15
    | ((offset >> 5) & 63) << 25 | ((offset >> 12) & 1) << 31;
}

@inline
function bit(half: u32, from: u32, to: u32): u32 {
  return ((half >> from) & 1) << to;
}

/** The 6-bit immediate of CI, sign-extended to 32 bits. */
@inline
function imm6(half: u32): u32 {
  return <u32>(((<i32>(half << 19)) >> 31) << 5) | ((half >> 2) & 31);
}

/** The 32-bit instruction that `half` stands for; 0 when it is illegal or reserved. */
export function expand(half: u32): u32 {
  const funct3 = half >> 13;
  switch (half & 3) {
    case 0: return quadrant0(half, funct3);
    case 1: return quadrant1(half, funct3);
    default: return quadrant2(half, funct3);
  }
}

function quadrant0(half: u32, funct3: u32): u32 {
  const rd = ((half >> 2) & 7) + 8;
  const rs1 = ((half >> 7) & 7) + 8;
  const word = ((half >> 10) & 7) << 3 | bit(half, 6, 2) | bit(half, 5, 6);
  const double = ((half >> 10) & 7) << 3 | ((half >> 5) & 3) << 6;
  switch (funct3) {
    case 0: {
      const imm = ((half >> 11) & 3) << 4 | ((half >> 7) & 15) << 6 | bit(half, 6, 2) | bit(half, 5, 3);
      return imm == 0 ? 0 : typeI(0x13, 0, rd, 2, imm);
    }
    case 1: return typeI(0x07, 3, rd, rs1, double);
    case 2: return typeI(0x03, 2, rd, rs1, word);
    case 3: return typeI(0x03, 3, rd, rs1, double);
    case 5: return typeS(0x27, 3, rs1, rd, double);
    case 6: return typeS(0x23, 2, rs1, rd, word);
    case 7: return typeS(0x23, 3, rs1, rd, double);
    default: return 0;
  }
}

function quadrant1(half: u32, funct3: u32): u32 {
  const rd = (half >> 7) & 31;
  switch (funct3) {
    case 0: return typeI(0x13, 0, rd, rd, imm6(half));
    case 1: return rd == 0 ? 0 : typeI(0x1b, 0, rd, rd, imm6(half));
    case 2: return typeI(0x13, 0, rd, 0, imm6(half));
    case 3: {
      if (rd == 2) {
        const wide = <u32>(((<i32>(half << 19)) >> 31) << 9) | bit(half, 6, 4) | bit(half, 5, 6)
          | ((half >> 3) & 3) << 7 | bit(half, 2, 5);
        return wide == 0 ? 0 : typeI(0x13, 0, 2, 2, wide);
      }
      const imm = imm6(half);
      return imm == 0 ? 0 : 0x37 | rd << 7 | imm << 12;
    }
    case 4: return arithmetic(half);
    case 5: {
      const offset = <u32>(((<i32>(half << 19)) >> 31) << 11) | bit(half, 11, 4) | ((half >> 9) & 3) << 8
        | bit(half, 8, 10) | bit(half, 7, 6) | bit(half, 6, 7) | ((half >> 3) & 7) << 1 | bit(half, 2, 5);
      return jump(0, offset);
    }
    default: {
      const offset = <u32>(((<i32>(half << 19)) >> 31) << 8) | ((half >> 10) & 3) << 3 | ((half >> 5) & 3) << 6
        | ((half >> 3) & 3) << 1 | bit(half, 2, 5);
      return branch(funct3 - 6, ((half >> 7) & 7) + 8, offset);
    }
  }
}

function arithmetic(half: u32): u32 {
  const rd = ((half >> 7) & 7) + 8;
  const rs2 = ((half >> 2) & 7) + 8;
  switch ((half >> 10) & 3) {
    case 0: return typeI(0x13, 5, rd, rd, imm6(half) & 63);
    case 1: return typeI(0x13, 5, rd, rd, imm6(half) & 63 | 0x400);
    case 2: return typeI(0x13, 7, rd, rd, imm6(half));
    default: {
      const which = (half >> 5) & 3;
      if ((half & 0x1000) != 0) return which == 0 ? typeR(0x3b, 0, 0x20, rd, rd, rs2) : which == 1 ? typeR(0x3b, 0, 0, rd, rd, rs2) : 0;
      if (which == 0) return typeR(0x33, 0, 0x20, rd, rd, rs2);
      return typeR(0x33, which == 1 ? 4 : which == 2 ? 6 : 7, 0, rd, rd, rs2);
    }
  }
}

/** The offset of a load of 64 bits that has sp for base. */
function doubleFromStack(half: u32): u32 {
  return bit(half, 12, 5) | ((half >> 5) & 3) << 3 | ((half >> 2) & 7) << 6;
}

function quadrant2(half: u32, funct3: u32): u32 {
  const rd = (half >> 7) & 31;
  const rs2 = (half >> 2) & 31;
  switch (funct3) {
    case 0: return typeI(0x13, 1, rd, rd, imm6(half) & 63);
    case 1: return typeI(0x07, 3, rd, 2, doubleFromStack(half));
    case 2: return rd == 0 ? 0 : typeI(0x03, 2, rd, 2, bit(half, 12, 5) | ((half >> 4) & 7) << 2 | ((half >> 2) & 3) << 6);
    case 3: return rd == 0 ? 0 : typeI(0x03, 3, rd, 2, doubleFromStack(half));
    case 4:
      if ((half & 0x1000) == 0) {
        if (rs2 != 0) return typeR(0x33, 0, 0, rd, 0, rs2);
        return rd == 0 ? 0 : typeI(0x67, 0, 0, rd, 0);
      }
      if (rs2 != 0) return typeR(0x33, 0, 0, rd, rd, rs2);
      return rd == 0 ? 0x00100073 : typeI(0x67, 0, 1, rd, 0);
    case 5: return typeS(0x27, 3, 2, rs2, ((half >> 10) & 7) << 3 | ((half >> 7) & 7) << 6);
    case 6: return typeS(0x23, 2, 2, rs2, ((half >> 9) & 15) << 2 | ((half >> 7) & 3) << 6);
    default: return typeS(0x23, 3, 2, rs2, ((half >> 10) & 7) << 3 | ((half >> 7) & 7) << 6);
  }
}
