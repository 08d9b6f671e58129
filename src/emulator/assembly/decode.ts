/**
 * Instructions to 8-byte records: `operation u8 · rd u8 · rs1 u8 · rs2 u8 (bit 7: 16-bit instruction) · imm i32`. A
 * destination x0 is register X_SINK. Encodings: RISC-V unprivileged ISA, chapters "RV32/64G Instruction Set Listings".
 */
import { X_SINK } from "./layout";
import { Op } from "./operations";

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

function put(at: usize, operation: i32, rd: u32, rs1: u32, rs2: u32, imm: i32, short: u32): void {
  store<u32>(at, <u32>operation | (rd == 0 ? X_SINK : rd) << 8 | rs1 << 16 | rs2 << 24 | short);
  store<i32>(at, imm, 4);
}

/** Writes the record of the 32-bit instruction `raw`; `short` is SHORT when it stands for a 16-bit one. */
export function decode(at: usize, raw: u32, short: u32): void {
  const operation = operationOf(raw);
  const rd = rdOf(raw);
  const rs1 = rs1Of(raw);
  const rs2 = rs2Of(raw);
  if (operation == Op.LUI || operation == Op.AUIPC) put(at, operation, rd, 0, 0, <i32>(raw & 0xfffff000), short);
  else if (operation == Op.JAL) put(at, operation, rd, 0, 0, immJ(raw), short);
  else if (operation >= Op.BEQ && operation <= Op.BGEU) put(at, operation, 0, rs1, rs2, immB(raw), short);
  else if ((operation >= Op.SB && operation <= Op.SD) || operation == Op.FSW || operation == Op.FSD) {
    put(at, operation, 0, rs1, rs2, immS(raw), short);
  } else if (operation == Op.FLW || operation == Op.FLD) {
    // A float register as destination: number 0 is a register like any other.
    store<u32>(at, <u32>operation | rd << 8 | rs1 << 16 | short);
    store<i32>(at, immI(raw), 4);
  } else if (operation >= Op.SLLI && operation <= Op.SRAI) put(at, operation, rd, rs1, 0, <i32>((raw >> 20) & 63), short);
  else if (operation >= Op.SLLIW && operation <= Op.SRAIW) put(at, operation, rd, rs1, 0, <i32>rs2, short);
  else if (operation == Op.FLOAT || operation == Op.ATOMIC || operation == Op.SYSTEM || operation == Op.ILLEGAL) {
    put(at, operation, rd, rs1, rs2, <i32>raw, short);
  } else put(at, operation, rd, rs1, rs2, immI(raw), short);
}

function operationOf(raw: u32): i32 {
  const funct3 = funct3Of(raw);
  const funct7 = raw >> 25;
  switch (raw & 0x7f) {
    case 0x37: return Op.LUI;
    case 0x17: return Op.AUIPC;
    case 0x6f: return Op.JAL;
    case 0x67: return funct3 == 0 ? Op.JALR : Op.ILLEGAL;
    case 0x63: return funct3 < 2 ? Op.BEQ + <i32>funct3 : funct3 < 4 ? Op.ILLEGAL : Op.BLT + <i32>(funct3 - 4);
    case 0x03: return funct3 < 7 ? Op.LB + <i32>funct3 : Op.ILLEGAL;
    case 0x23: return funct3 < 4 ? Op.SB + <i32>funct3 : Op.ILLEGAL;
    case 0x13: return immediateOperation(raw, funct3);
    case 0x1b:
      if (funct3 == 0) return Op.ADDIW;
      if (funct3 == 1) return funct7 == 0 ? Op.SLLIW : Op.ILLEGAL;
      if (funct3 == 5) return funct7 == 0 ? Op.SRLIW : funct7 == 0x20 ? Op.SRAIW : Op.ILLEGAL;
      return Op.ILLEGAL;
    case 0x33:
      if (funct7 == 1) return Op.MUL + <i32>funct3;
      return funct7 == 0 || funct7 == 0x20 ? registerOperation(funct3, funct7) : Op.ILLEGAL;
    case 0x3b: return wordOperation(funct3, funct7);
    case 0x0f: return funct3 == 0 ? Op.FENCE : funct3 == 1 ? Op.SYSTEM : Op.ILLEGAL;
    case 0x73: return Op.SYSTEM;
    case 0x2f: return funct3 == 2 || funct3 == 3 ? Op.ATOMIC : Op.ILLEGAL;
    case 0x07: return funct3 == 2 ? Op.FLW : funct3 == 3 ? Op.FLD : Op.ILLEGAL;
    case 0x27: return funct3 == 2 ? Op.FSW : funct3 == 3 ? Op.FSD : Op.ILLEGAL;
    case 0x43: case 0x47: case 0x4b: case 0x4f: case 0x53: return Op.FLOAT;
    default: return Op.ILLEGAL;
  }
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

function registerOperation(funct3: u32, funct7: u32): i32 {
  const alternate = funct7 != 0;
  switch (funct3) {
    case 0: return alternate ? Op.SUB : Op.ADD;
    case 1: return alternate ? Op.ILLEGAL : Op.SLL;
    case 2: return alternate ? Op.ILLEGAL : Op.SLT;
    case 3: return alternate ? Op.ILLEGAL : Op.SLTU;
    case 4: return alternate ? Op.ILLEGAL : Op.XOR;
    case 5: return alternate ? Op.SRA : Op.SRL;
    case 6: return alternate ? Op.ILLEGAL : Op.OR;
    default: return alternate ? Op.ILLEGAL : Op.AND;
  }
}

function wordOperation(funct3: u32, funct7: u32): i32 {
  if (funct7 == 1) return funct3 == 0 ? Op.MULW : funct3 >= 4 ? Op.DIVW + <i32>(funct3 - 4) : Op.ILLEGAL;
  if (funct7 == 0) return funct3 == 0 ? Op.ADDW : funct3 == 1 ? Op.SLLW : funct3 == 5 ? Op.SRLW : Op.ILLEGAL;
  if (funct7 == 0x20) return funct3 == 0 ? Op.SUBW : funct3 == 5 ? Op.SRAW : Op.ILLEGAL;
  return Op.ILLEGAL;
}

