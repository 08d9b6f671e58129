/** RISC-V instruction encodings (unprivileged ISA, instruction formats), for programs that tests make. */

export const ZERO = 0;
export const RA = 1;
export const SP = 2;
export const T0 = 5;
export const T1 = 6;
export const S0 = 8;
export const S1 = 9;
export const A0 = 10;
export const A1 = 11;
export const A2 = 12;
export const A3 = 13;
export const A6 = 16;
export const A7 = 17;
export const S2 = 18;
export const S3 = 19;

export function typeR(opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number {
  return (opcode | (rd << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | (funct7 << 25)) >>> 0;
}

export function typeI(opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number {
  return (opcode | (rd << 7) | (funct3 << 12) | (rs1 << 15) | ((immediate & 0xfff) << 20)) >>> 0;
}

export function typeS(opcode: number, funct3: number, rs1: number, rs2: number, immediate: number): number {
  return (
    (opcode |
      ((immediate & 31) << 7) |
      (funct3 << 12) |
      (rs1 << 15) |
      (rs2 << 20) |
      (((immediate >> 5) & 127) << 25)) >>>
    0
  );
}

export function branch(funct3: number, rs1: number, rs2: number, offset: number): number {
  return (
    (0x63 |
      (((offset >> 11) & 1) << 7) |
      (((offset >> 1) & 15) << 8) |
      (funct3 << 12) |
      (rs1 << 15) |
      (rs2 << 20) |
      (((offset >> 5) & 63) << 25) |
      (((offset >> 12) & 1) << 31)) >>>
    0
  );
}

export function jal(rd: number, offset: number): number {
  return (
    (0x6f |
      (rd << 7) |
      (offset & 0xff000) |
      (((offset >> 11) & 1) << 20) |
      (((offset >> 1) & 0x3ff) << 21) |
      (((offset >> 20) & 1) << 31)) >>>
    0
  );
}

export const addi = (rd: number, rs1: number, immediate: number) => typeI(0x13, 0, rd, rs1, immediate);
export const ld = (rd: number, rs1: number, offset: number) => typeI(0x03, 3, rd, rs1, offset);
export const sd = (rs2: number, rs1: number, offset: number) => typeS(0x23, 3, rs1, rs2, offset);
export const fld = (rd: number, rs1: number, offset: number) => typeI(0x07, 3, rd, rs1, offset);
export const fsd = (rs2: number, rs1: number, offset: number) => typeS(0x27, 3, rs1, rs2, offset);
export const lui = (rd: number, upper: number) => (0x37 | (rd << 7) | (upper << 12)) >>> 0;
export const csrrw = (rd: number, csr: number, rs1: number) => typeI(0x73, 1, rd, rs1, csr);
export const csrrs = (rd: number, csr: number, rs1: number) => typeI(0x73, 2, rd, rs1, csr);
export const ecall = 0x73;
export const ebreak = 0x00100073;
export const mret = 0x30200073;
export const sret = 0x10200073;
export const wfi = 0x10500073;
export const sfenceVma = 0x12000073;
export const nop = addi(0, 0, 0);

/** Loads a constant below 2^31: `lui` and `addiw`. */
export function li(rd: number, value: number): number[] {
  const low = (value << 20) >> 20;
  return [lui(rd, ((value - low) >>> 12) & 0xfffff), typeI(0x1b, 0, rd, rd, low)];
}
