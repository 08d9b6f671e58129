/** Numbers of the decoded operations; 0 is a record not decoded yet. Dense, so that the switch becomes one jump table. */
export const enum Op {
  UNDECODED = 0,
  ILLEGAL, LUI, AUIPC,
  /** Jumps and branches that stay on their page, then those that leave it; J, without a link. */
  J, JAL, BEQ, BNE, BLT, BGE, BLTU, BGEU, JAL_FAR, BRANCH_FAR,
  JALR,
  LB, LH, LW, LD, LBU, LHU, LWU, SB, SH, SW, SD,
  /** Two of 16 bits that follow each other, with the same base register. */
  LD_LD, SD_SD,
  /** A load into x0. */
  LOAD_NOWHERE,
  ADDI, SLTI, SLTIU, XORI, ORI, ANDI, SLLI, SRLI, SRAI, ADDIW, SLLIW, SRLIW, SRAIW,
  ADD, SUB, SLL, SLT, SLTU, XOR, SRL, SRA, OR, AND, ADDW, SUBW, SLLW, SRLW, SRAW,
  /** `add` and `addi` that copy a register. */
  MV,
  MUL, MULW, MULH, MULHSU, MULHU, DIV, DIVU, REM, REMU, DIVW, DIVUW, REMW, REMUW,
  FLW, FLD, FSW, FSD,
  /** Carry the 32-bit instruction in the second word. */
  FLOAT, ATOMIC, SYSTEM,
  /** Fences, and all that writes x0 and does nothing else. */
  NOTHING,
}
