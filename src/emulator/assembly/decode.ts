/**
 * Instructions to records (`operands.ts`). Encodings: RISC-V unprivileged ISA, chapters "RV32/64G Instruction Set Listings".
 */
import { Op } from "./operations";
import { RECORD_SHIFT } from "./operands";

@inline
function rdOf(raw: u32): u32 {
  return (raw >> 7) & 31;
}

@inline
function rs1Of(raw: u32): u32 {
  return (raw >> 15) & 31;
}

@inline
function rs2Of(raw: u32): u32 {
  return (raw >> 20) & 31;
}

@inline
function funct3Of(raw: u32): u32 {
  return (raw >> 12) & 7;
}

@inline
function immI(raw: u32): i32 {
  return <i32>raw >> 20;
}

@inline
function immS(raw: u32): i32 {
  return ((<i32>raw >> 25) << 5) | <i32>((raw >> 7) & 31);
}

@inline
function immB(raw: u32): i32 {
  return ((<i32>raw >> 31) << 12) | <i32>(((raw >> 7) & 1) << 11 | ((raw >> 25) & 63) << 5 | ((raw >> 8) & 15) << 1);
}

@inline
function immJ(raw: u32): i32 {
  return ((<i32>raw >> 31) << 20) | <i32>(raw & 0xff000 | ((raw >> 20) & 1) << 11 | ((raw >> 21) & 0x3ff) << 1);
}

@inline
function put(at: usize, operation: i32, rd: u32, rs1: u32, length: u32, second: u32): void {
  store<u32>(at, <u32>operation | rd << 11 | rs1 << 19 | length << 24);
  store<u32>(at, second, 4);
}

@inline
function withRs2(immediate: i32, rs2: u32): u32 {
  return (<u32>immediate & 0xffff) | rs2 << 27;
}

/** Writes the record of an instruction that does nothing: `addi x0, x0, 0`. */
@inline
function putNothing(at: usize, length: u32): void {
  put(at, Op.ADDI, 0, 0, length, 0);
}

/** Writes the record of an instruction that does not exist; `bits` are what the trap's value will be. */
export function putIllegal(at: usize, bits: u32, length: u32): void {
  put(at, Op.ILLEGAL, 0, 0, length, bits);
}

/**
 * Writes the record of the 32-bit instruction `raw`, which is `offset` bytes into its page; `length` is 8 when it stands for
 * a 16-bit one, else 16.
 */
export function decode(at: usize, raw: u32, length: u32, offset: u32): void {
  const rd = rdOf(raw);
  const rs1 = rs1Of(raw);
  const rs2 = rs2Of(raw);
  const funct3 = funct3Of(raw);
  switch ((raw >> 2) & 31) {
    case 0x00:
      if (funct3 == 7) break;
      if (rd == 0) put(at, Op.LOAD_NOWHERE, funct3, rs1, length, immI(raw));
      else put(at, Op.LB + <i32>funct3, rd, rs1, length, immI(raw));
      return;
    case 0x01:
      if (funct3 != 2 && funct3 != 3) break;
      put(at, Op.FLW + <i32>(funct3 - 2), rd, rs1, length, immI(raw));
      return;
    case 0x03:
      if (funct3 > 1) break;
      if (funct3 == 0) putNothing(at, length);
      else put(at, Op.SYSTEM, 0, 0, length, raw);
      return;
    case 0x04: {
      const operation = immediateOperation(raw, funct3);
      if (operation == Op.ILLEGAL) break;
      if (rd == 0) putNothing(at, length);
      else put(at, operation, rd, rs1, length, (funct3 & 3) == 1 ? (raw >> 20) & 63 : immI(raw));
      return;
    }
    case 0x05:
      if (rd == 0) putNothing(at, length);
      else put(at, Op.AUIPC, rd, 0, length, raw & 0xfffff000);
      return;
    case 0x06: {
      const operation = immediateWordOperation(funct3, raw >> 25);
      if (operation == Op.ILLEGAL) break;
      if (rd == 0) putNothing(at, length);
      else put(at, operation, rd, rs1, length, funct3 == 0 ? immI(raw) : rs2);
      return;
    }
    case 0x08:
      if (funct3 > 3) break;
      put(at, Op.SB + <i32>funct3, 0, rs1, length, withRs2(immS(raw), rs2));
      return;
    case 0x09:
      if (funct3 != 2 && funct3 != 3) break;
      put(at, Op.FSW + <i32>(funct3 - 2), 0, rs1, length, withRs2(immS(raw), rs2));
      return;
    case 0x0b:
      if (funct3 != 2 && funct3 != 3) break;
      put(at, Op.ATOMIC, 0, 0, length, raw);
      return;
    case 0x0c: {
      const operation = registerOperation(funct3, raw >> 25);
      if (operation == Op.ILLEGAL) break;
      if (rd == 0) putNothing(at, length);
      else if (operation == Op.ADD && rs1 == 0) put(at, Op.ADDI, rd, rs2, length, 0);
      else put(at, operation, rd, rs1, length, withRs2(0, rs2));
      return;
    }
    case 0x0d:
      if (rd == 0) putNothing(at, length);
      else put(at, Op.ADDI, rd, 0, length, raw & 0xfffff000);
      return;
    case 0x0e: {
      const operation = wordOperation(funct3, raw >> 25);
      if (operation == Op.ILLEGAL) break;
      if (rd == 0) putNothing(at, length);
      else put(at, operation, rd, rs1, length, withRs2(0, rs2));
      return;
    }
    case 0x10: case 0x11: case 0x12: case 0x13: case 0x14:
      put(at, Op.FLOAT, 0, 0, length, raw);
      return;
    case 0x18: {
      if (funct3 == 2 || funct3 == 3) break;
      const immediate = immB(raw);
      const near = offset + <u32>immediate < 0x1000;
      const operation = near ? Op.BEQ + <i32>(funct3 < 2 ? funct3 : funct3 - 2) : Op.BRANCH_FAR;
      put(at, operation, funct3, rs1, length, withRs2(immediate << RECORD_SHIFT, rs2));
      return;
    }
    case 0x19:
      if (funct3 != 0) break;
      put(at, Op.JALR, rd, rs1, length, immI(raw));
      return;
    case 0x1b: {
      const immediate = immJ(raw);
      const near = offset + <u32>immediate < 0x1000;
      if (near) put(at, rd == 0 ? Op.J : Op.JAL, rd, 0, length, <u32>(immediate << RECORD_SHIFT));
      else put(at, Op.JAL_FAR, rd, 0, length, immediate);
      return;
    }
    case 0x1c:
      put(at, Op.SYSTEM, 0, 0, length, raw);
      return;
    default:
  }
  putIllegal(at, raw, length);
}

function immediateOperation(raw: u32, funct3: u32): i32 {
  switch (funct3) {
    case 0: return Op.ADDI;
    case 1: return raw >> 26 == 0 ? Op.SLLI : Op.ILLEGAL;
    case 2: return Op.SLTI;
    case 3: return Op.SLTIU;
    case 4: return Op.XORI;
    case 5: return raw >> 26 == 0 ? Op.SRLI : raw >> 26 == 0x10 ? Op.SRAI : Op.ILLEGAL;
    case 6: return Op.ORI;
    default: return Op.ANDI;
  }
}

function immediateWordOperation(funct3: u32, funct7: u32): i32 {
  if (funct3 == 0) return Op.ADDIW;
  if (funct3 == 1) return funct7 == 0 ? Op.SLLIW : Op.ILLEGAL;
  if (funct3 == 5) return funct7 == 0 ? Op.SRLIW : funct7 == 0x20 ? Op.SRAIW : Op.ILLEGAL;
  return Op.ILLEGAL;
}

function registerOperation(funct3: u32, funct7: u32): i32 {
  if (funct7 == 1) return funct3 == 0 ? Op.MUL : Op.MULH + <i32>(funct3 - 1);
  if (funct7 == 0x20) return funct3 == 0 ? Op.SUB : funct3 == 5 ? Op.SRA : Op.ILLEGAL;
  if (funct7 != 0) return Op.ILLEGAL;
  switch (funct3) {
    case 0: return Op.ADD;
    case 1: return Op.SLL;
    case 2: return Op.SLT;
    case 3: return Op.SLTU;
    case 4: return Op.XOR;
    case 5: return Op.SRL;
    case 6: return Op.OR;
    default: return Op.AND;
  }
}

function wordOperation(funct3: u32, funct7: u32): i32 {
  if (funct7 == 1) return funct3 == 0 ? Op.MULW : funct3 >= 4 ? Op.DIVW + <i32>(funct3 - 4) : Op.ILLEGAL;
  if (funct7 == 0) return funct3 == 0 ? Op.ADDW : funct3 == 1 ? Op.SLLW : funct3 == 5 ? Op.SRLW : Op.ILLEGAL;
  if (funct7 == 0x20) return funct3 == 0 ? Op.SUBW : funct3 == 5 ? Op.SRAW : Op.ILLEGAL;
  return Op.ILLEGAL;
}
