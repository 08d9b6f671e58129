/** Numbers of the decoded operations; 0 is a record not decoded yet. Dense, so that the switch becomes one jump table. */
export const enum Op {
  UNDECODED = 0,
  ILLEGAL, LUI, AUIPC, JAL, JALR, BEQ, BNE, BLT, BGE, BLTU, BGEU,
  LB, LH, LW, LD, LBU, LHU, LWU, SB, SH, SW, SD,
  ADDI, SLTI, SLTIU, XORI, ORI, ANDI, SLLI, SRLI, SRAI, ADDIW, SLLIW, SRLIW, SRAIW,
  ADD, SUB, SLL, SLT, SLTU, XOR, SRL, SRA, OR, AND, ADDW, SUBW, SLLW, SRLW, SRAW,
  MUL, MULH, MULHSU, MULHU, DIV, DIVU, REM, REMU, MULW, DIVW, DIVUW, REMW, REMUW,
  FLW, FLD, FSW, FSD,
  /** Carry the 32-bit instruction in `imm`. */
  FLOAT, ATOMIC, SYSTEM,
  FENCE,
}

/** The flag of a record whose instruction has 16 bits. */
export const SHORT: u32 = 0x80000000;
