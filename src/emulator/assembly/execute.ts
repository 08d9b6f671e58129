/**
 * The inner loop: executes decoded records until the budget is used up or something happens that the outer loop
 * (`hart.ts`) has to look at. Every turn of the loop retires one instruction.
 */
import { ATOMIC_DONE, executeAtomic } from "./atomic";
import { faulted, ILLEGAL_INSTRUCTION, raise } from "./fault";
import { decodeAt, fetchBits, lineOf } from "./fetch";
import { executeFloat } from "./floatInstructions";
import { F, GENERATION, LINE_SIZE, PC, TLB_READ, TLB_SIZE, TLB_WRITE, X } from "./layout";
import { loadSlow, storeSlow } from "./memoryAccess";
import { mulh, mulhsu, mulhu, div, divu, divuw, divw, rem, remu, remuw, remw } from "./multiply";
import { Op, SHORT } from "./operations";
import { floatEnabled, markFloatDirty } from "./registers";
import { dataContext, tlbIndex } from "./translate";

const PAGE: u64 = ~0xfff;

/** Why `execute` came back. */
export const enum Exit {
  /** The budget is used up. */
  BUDGET,
  /** The instruction at PC raised a fault and did not retire. */
  FAULT,
  /** The instruction at PC is SYSTEM's: `systemInstruction` holds it, it has not been executed. */
  SYSTEM,
}

/** Bits of the instruction that made `execute` return Exit.SYSTEM, and its length in bytes. */
export let systemInstruction: u32 = 0;
export let systemLength: u32 = 0;
/** Instructions retired by the last `execute`. */
export let retired: u32 = 0;

/** Clears what must not stay in a global between ticks. */
export function clearExecute(): void {
  systemInstruction = 0;
  systemLength = 0;
  retired = 0;
}

/** No record's address. */
const ELSEWHERE: usize = 0xffffffff;

/** Virtual address of the instruction whose record is, or would be, at `at`: each halfword has 8 bytes. */
@inline
function pcOf(page: u64, line: usize, at: usize): u64 {
  return page + <u64><i64>(<i32>(at - line) >> 2);
}

// Registers by eight times their number: the base is the immediate offset of a load or store.

@inline
function x(at: usize): u64 {
  return load<u64>(at, X);
}

@inline
function setX(at: usize, value: u64): void {
  store<u64>(at, value, X);
}

@inline
function f(at: usize): u64 {
  return load<u64>(at, F);
}

@inline
function setF(at: usize, value: u64): void {
  store<u64>(at, value, F);
}

/** Executes at most `budget` instructions from PC on. */
export function execute(budget: u32): Exit {
  let left = budget;
  // Where the guest is: at the record `at` of `line`, whose page begins at `page`. Sequential code and direct jumps may leave
  // the line; where an indirect jump leaves it, `at` is ELSEWHERE and the address is in `pc`.
  let pc = load<u64>(PC);
  let at: usize = ELSEWHERE;
  let line: usize = 0;
  let page: u64 = 0;
  const context = <usize>dataContext();
  const readTlb = TLB_READ + context * TLB_SIZE;
  const writeTlb = TLB_WRITE + context * TLB_SIZE;
  const generation = load<u64>(GENERATION);
  let exit: Exit = Exit.BUDGET;

  while (left != 0) {
    if (at - line >= LINE_SIZE) {
      if (at != ELSEWHERE) pc = pcOf(page, line, at);
      at = ELSEWHERE;
      line = lineOf(pc);
      if (line == 0) {
        exit = Exit.FAULT;
        break;
      }
      page = pc & PAGE;
      at = line + ((<usize>pc & 0xfff) << 2);
    }
    let record = at;
    let word = load<u32>(at);
    if (word == 0) {
      record = decodeAt(pcOf(page, line, at), at);
      if (record == 0) {
        exit = Exit.FAULT;
        break;
      }
      word = load<u32>(record);
    }
    const imm = load<i32>(record, 4);
    // Register numbers, times 8.
    const rd = (word >> 5) & 0x1f8;
    const rs1 = (word >> 13) & 0xf8;
    const rs2 = (word >> 21) & 0xf8;
    let next = at + (word >= SHORT ? 8 : 16);

    switch (word & 0xff) {
      case Op.LUI: setX(rd, <u64><i64>imm); break;
      case Op.AUIPC: setX(rd, pcOf(page, line, at) + <u64><i64>imm); break;
      case Op.JAL:
        setX(rd, pcOf(page, line, next));
        next = at + <usize>(imm << 2);
        break;
      case Op.JALR: {
        pc = (x(rs1) + <u64><i64>imm) & ~1;
        setX(rd, pcOf(page, line, next));
        next = (pc & PAGE) == page ? line + ((<usize>pc & 0xfff) << 2) : ELSEWHERE;
        break;
      }
      case Op.BEQ: if (x(rs1) == x(rs2)) next = at + <usize>(imm << 2); break;
      case Op.BNE: if (x(rs1) != x(rs2)) next = at + <usize>(imm << 2); break;
      case Op.BLT: if (<i64>x(rs1) < <i64>x(rs2)) next = at + <usize>(imm << 2); break;
      case Op.BGE: if (<i64>x(rs1) >= <i64>x(rs2)) next = at + <usize>(imm << 2); break;
      case Op.BLTU: if (x(rs1) < x(rs2)) next = at + <usize>(imm << 2); break;
      case Op.BGEU: if (x(rs1) >= x(rs2)) next = at + <usize>(imm << 2); break;

      case Op.LB: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          setX(rd, <u64><i64>load<i8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 1);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, <u64><i64><i8>value);
        }
        break;
      }
      case Op.LH: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          setX(rd, <u64><i64>load<i16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 2);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, <u64><i64><i16>value);
        }
        break;
      }
      case Op.LW: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          setX(rd, <u64><i64>load<i32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 4);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, <u64><i64><i32>value);
        }
        break;
      }
      case Op.LD: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 7)) | generation)) {
          setX(rd, load<u64>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 8);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, value);
        }
        break;
      }
      case Op.LBU: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          setX(rd, <u64>load<u8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 1);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, value);
        }
        break;
      }
      case Op.LHU: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          setX(rd, <u64>load<u16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 2);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, value);
        }
        break;
      }
      case Op.LWU: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          setX(rd, <u64>load<u32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 4);
          if (faulted()) exit = Exit.FAULT;
          else setX(rd, value);
        }
        break;
      }

      case Op.SB: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          store<u8>(load<usize>(entry, 8) + <usize>(<u32>address), <u8>x(rs2));
        } else {
          storeSlow(address, x(rs2), 1);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }
      case Op.SH: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          store<u16>(load<usize>(entry, 8) + <usize>(<u32>address), <u16>x(rs2));
        } else {
          storeSlow(address, x(rs2), 2);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }
      case Op.SW: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          store<u32>(load<usize>(entry, 8) + <usize>(<u32>address), <u32>x(rs2));
        } else {
          storeSlow(address, x(rs2), 4);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }
      case Op.SD: {
        const address = x(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 7)) | generation)) {
          store<u64>(load<usize>(entry, 8) + <usize>(<u32>address), x(rs2));
        } else {
          storeSlow(address, x(rs2), 8);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }

      case Op.ADDI: setX(rd, x(rs1) + <u64><i64>imm); break;
      case Op.SLTI: setX(rd, <u64>(<i64>x(rs1) < <i64>imm)); break;
      case Op.SLTIU: setX(rd, <u64>(x(rs1) < <u64><i64>imm)); break;
      case Op.XORI: setX(rd, x(rs1) ^ <u64><i64>imm); break;
      case Op.ORI: setX(rd, x(rs1) | <u64><i64>imm); break;
      case Op.ANDI: setX(rd, x(rs1) & <u64><i64>imm); break;
      case Op.SLLI: setX(rd, x(rs1) << <u64>imm); break;
      case Op.SRLI: setX(rd, x(rs1) >> <u64>imm); break;
      case Op.SRAI: setX(rd, <u64>(<i64>x(rs1) >> <i64>imm)); break;
      case Op.ADDIW: setX(rd, <u64><i64>(<i32>x(rs1) + imm)); break;
      case Op.SLLIW: setX(rd, <u64><i64>(<i32>x(rs1) << imm)); break;
      case Op.SRLIW: setX(rd, <u64><i64><i32>(<u32>x(rs1) >> <u32>imm)); break;
      case Op.SRAIW: setX(rd, <u64><i64>(<i32>x(rs1) >> imm)); break;

      case Op.ADD: setX(rd, x(rs1) + x(rs2)); break;
      case Op.SUB: setX(rd, x(rs1) - x(rs2)); break;
      case Op.SLL: setX(rd, x(rs1) << x(rs2)); break;
      case Op.SLT: setX(rd, <u64>(<i64>x(rs1) < <i64>x(rs2))); break;
      case Op.SLTU: setX(rd, <u64>(x(rs1) < x(rs2))); break;
      case Op.XOR: setX(rd, x(rs1) ^ x(rs2)); break;
      case Op.SRL: setX(rd, x(rs1) >> x(rs2)); break;
      case Op.SRA: setX(rd, <u64>(<i64>x(rs1) >> <i64>x(rs2))); break;
      case Op.OR: setX(rd, x(rs1) | x(rs2)); break;
      case Op.AND: setX(rd, x(rs1) & x(rs2)); break;
      case Op.ADDW: setX(rd, <u64><i64>(<i32>x(rs1) + <i32>x(rs2))); break;
      case Op.SUBW: setX(rd, <u64><i64>(<i32>x(rs1) - <i32>x(rs2))); break;
      case Op.SLLW: setX(rd, <u64><i64>(<i32>x(rs1) << <i32>x(rs2))); break;
      case Op.SRLW: setX(rd, <u64><i64><i32>(<u32>x(rs1) >> <u32>x(rs2))); break;
      case Op.SRAW: setX(rd, <u64><i64>(<i32>x(rs1) >> <i32>x(rs2))); break;

      case Op.MUL: setX(rd, x(rs1) * x(rs2)); break;
      case Op.MULH: setX(rd, mulh(x(rs1), x(rs2))); break;
      case Op.MULHSU: setX(rd, mulhsu(x(rs1), x(rs2))); break;
      case Op.MULHU: setX(rd, mulhu(x(rs1), x(rs2))); break;
      case Op.DIV: setX(rd, div(x(rs1), x(rs2))); break;
      case Op.DIVU: setX(rd, divu(x(rs1), x(rs2))); break;
      case Op.REM: setX(rd, rem(x(rs1), x(rs2))); break;
      case Op.REMU: setX(rd, remu(x(rs1), x(rs2))); break;
      case Op.MULW: setX(rd, <u64><i64>(<i32>x(rs1) * <i32>x(rs2))); break;
      case Op.DIVW: setX(rd, divw(<i32>x(rs1), <i32>x(rs2))); break;
      case Op.DIVUW: setX(rd, divuw(<u32>x(rs1), <u32>x(rs2))); break;
      case Op.REMW: setX(rd, remw(<i32>x(rs1), <i32>x(rs2))); break;
      case Op.REMUW: setX(rd, remuw(<u32>x(rs1), <u32>x(rs2))); break;

      case Op.FLW:
      case Op.FLD: {
        if (!floatEnabled()) {
          raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pcOf(page, line, at)));
          exit = Exit.FAULT;
          break;
        }
        const double = (word & 0xff) == Op.FLD;
        const value = loadSlow(x(rs1) + <u64><i64>imm, double ? 8 : 4);
        if (faulted()) {
          exit = Exit.FAULT;
        } else {
          setF(rd, double ? value : value | 0xffffffff_00000000);
          markFloatDirty();
        }
        break;
      }
      case Op.FSW:
      case Op.FSD:
        if (!floatEnabled()) raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pcOf(page, line, at)));
        else storeSlow(x(rs1) + <u64><i64>imm, f(rs2), (word & 0xff) == Op.FSD ? 8 : 4);
        if (faulted()) exit = Exit.FAULT;
        break;
      case Op.FLOAT:
        if (!executeFloat(<u32>imm)) {
          raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pcOf(page, line, at)));
          exit = Exit.FAULT;
        }
        break;
      case Op.ATOMIC:
        if (executeAtomic(<u32>imm) != ATOMIC_DONE) {
          if (!faulted()) raise(ILLEGAL_INSTRUCTION, <u64>(<u32>imm));
          exit = Exit.FAULT;
        }
        break;
      case Op.FENCE: break;
      case Op.SYSTEM:
        systemInstruction = <u32>imm;
        systemLength = word >= SHORT ? 2 : 4;
        exit = Exit.SYSTEM;
        break;
      default:
        raise(ILLEGAL_INSTRUCTION, <u64>(<u32>imm));
        exit = Exit.FAULT;
    }
    if (exit != Exit.BUDGET) break;
    at = next;
    left--;
  }
  store<u64>(PC, at == ELSEWHERE ? pc : pcOf(page, line, at));
  retired = budget - left;
  return exit;
}

