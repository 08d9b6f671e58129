/**
 * Numbers of the decoded operations; 0 is a record not decoded yet. Those of the inner loop come last, in families that it
 * finds with few comparisons: control, memory, registers.
 */
export const enum Op {
  UNDECODED = 0, ILLEGAL,
  /** A load into x0. */
  LOAD_NOWHERE,
  MULH, MULHSU, MULHU, DIV, DIVU, REM, REMU, DIVW, DIVUW, REMW, REMUW,
  FLW, FLD, FSW, FSD,
  /** Carry the 32-bit instruction in the second word. */
  FLOAT, ATOMIC, SYSTEM,
  /** A branch that leaves its page. */
  BRANCH_FAR,
  /** Jumps: J is without a link, JAL_FAR leaves its page. */
  JAL, J, JAL_FAR, JALR,
  AUIPC,
  /** Branches that stay on their page. */
  BEQ, BNE, BLT, BGE, BLTU, BGEU,
  LB, LH, LW, LD, LBU, LHU, LWU,
  /** Two that follow each other, with the same base register. */
  LD_LD,
  SB, SH, SW, SD,
  SD_SD,
  /** Two that follow each other. */
  ADDI_ADDI,
  /** Stands for `lui`, for copies of a register, and for fences and all that writes x0 and does nothing else, too. */
  ADDI,
  ANDI, SLLI, SRLI, ADDIW, SLTI, SLTIU, XORI, ORI, SRAI, SLLIW, SRLIW, SRAIW,
  ADD, SUB, OR, AND, XOR, SLL, SRL, SRA, SLT, SLTU, ADDW, SUBW, SLLW, SRLW, SRAW, MUL, MULW,
}
