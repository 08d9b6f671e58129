/**
 * The inner loop: executes decoded records until the budget is used up or something happens that the outer loop
 * (`hart.ts`) has to look at. Every turn of the loop retires one instruction.
 */
import { ATOMIC_DONE, executeAtomic } from "./atomic";
import { faulted, ILLEGAL_INSTRUCTION, raise } from "./fault";
import { decodeAt, fetchBits, lineOf } from "./fetch";
import { executeFloat } from "./floatInstructions";
import { GENERATION, PC, TLB_READ, TLB_SIZE, TLB_WRITE } from "./layout";
import { loadSlow, storeSlow } from "./memoryAccess";
import { mulh, mulhsu, mulhu, div, divu, divuw, divw, rem, remu, remuw, remw } from "./multiply";
import { Op, SHORT } from "./operations";
import { floatEnabled, markFloatDirty, readF, readX, writeF, writeX } from "./registers";
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

/** Executes at most `budget` instructions from PC on. */
export function execute(budget: u32): Exit {
  let pc = load<u64>(PC);
  let left = budget;
  let page: u64 = 1;
  let line: usize = 0;
  const context = <usize>dataContext();
  const readTlb = TLB_READ + context * TLB_SIZE;
  const writeTlb = TLB_WRITE + context * TLB_SIZE;
  const generation = load<u64>(GENERATION);
  let exit: Exit = Exit.BUDGET;

  while (left != 0) {
    if ((pc & PAGE) != page) {
      line = lineOf(pc);
      if (line == 0) {
        exit = Exit.FAULT;
        break;
      }
      page = pc & PAGE;
    }
    let at = line + ((<usize>pc & 0xfff) << 2);
    let word = load<u32>(at);
    if (word == 0) {
      at = decodeAt(pc, at);
      if (at == 0) {
        exit = Exit.FAULT;
        break;
      }
      word = load<u32>(at);
    }
    const imm = load<i32>(at, 4);
    const rd = (word >> 8) & 63;
    const rs1 = (word >> 16) & 31;
    const rs2 = (word >> 24) & 31;
    let next = pc + (word >= SHORT ? 2 : 4);

    switch (word & 0xff) {
      case Op.LUI: writeX(rd, <u64><i64>imm); break;
      case Op.AUIPC: writeX(rd, pc + <u64><i64>imm); break;
      case Op.JAL:
        writeX(rd, next);
        next = pc + <u64><i64>imm;
        break;
      case Op.JALR: {
        const target = (readX(rs1) + <u64><i64>imm) & ~1;
        writeX(rd, next);
        next = target;
        break;
      }
      case Op.BEQ: if (readX(rs1) == readX(rs2)) next = pc + <u64><i64>imm; break;
      case Op.BNE: if (readX(rs1) != readX(rs2)) next = pc + <u64><i64>imm; break;
      case Op.BLT: if (<i64>readX(rs1) < <i64>readX(rs2)) next = pc + <u64><i64>imm; break;
      case Op.BGE: if (<i64>readX(rs1) >= <i64>readX(rs2)) next = pc + <u64><i64>imm; break;
      case Op.BLTU: if (readX(rs1) < readX(rs2)) next = pc + <u64><i64>imm; break;
      case Op.BGEU: if (readX(rs1) >= readX(rs2)) next = pc + <u64><i64>imm; break;

      case Op.LB: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          writeX(rd, <u64><i64>load<i8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 1);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, <u64><i64><i8>value);
        }
        break;
      }
      case Op.LH: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          writeX(rd, <u64><i64>load<i16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 2);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, <u64><i64><i16>value);
        }
        break;
      }
      case Op.LW: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          writeX(rd, <u64><i64>load<i32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 4);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, <u64><i64><i32>value);
        }
        break;
      }
      case Op.LD: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 7)) | generation)) {
          writeX(rd, load<u64>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 8);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, value);
        }
        break;
      }
      case Op.LBU: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          writeX(rd, <u64>load<u8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 1);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, value);
        }
        break;
      }
      case Op.LHU: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          writeX(rd, <u64>load<u16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 2);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, value);
        }
        break;
      }
      case Op.LWU: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          writeX(rd, <u64>load<u32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 4);
          if (faulted()) exit = Exit.FAULT;
          else writeX(rd, value);
        }
        break;
      }

      case Op.SB: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          store<u8>(load<usize>(entry, 8) + <usize>(<u32>address), <u8>readX(rs2));
        } else {
          storeSlow(address, readX(rs2), 1);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }
      case Op.SH: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          store<u16>(load<usize>(entry, 8) + <usize>(<u32>address), <u16>readX(rs2));
        } else {
          storeSlow(address, readX(rs2), 2);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }
      case Op.SW: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          store<u32>(load<usize>(entry, 8) + <usize>(<u32>address), <u32>readX(rs2));
        } else {
          storeSlow(address, readX(rs2), 4);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }
      case Op.SD: {
        const address = readX(rs1) + <u64><i64>imm;
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 7)) | generation)) {
          store<u64>(load<usize>(entry, 8) + <usize>(<u32>address), readX(rs2));
        } else {
          storeSlow(address, readX(rs2), 8);
          if (faulted()) exit = Exit.FAULT;
        }
        break;
      }

      case Op.ADDI: writeX(rd, readX(rs1) + <u64><i64>imm); break;
      case Op.SLTI: writeX(rd, <u64>(<i64>readX(rs1) < <i64>imm)); break;
      case Op.SLTIU: writeX(rd, <u64>(readX(rs1) < <u64><i64>imm)); break;
      case Op.XORI: writeX(rd, readX(rs1) ^ <u64><i64>imm); break;
      case Op.ORI: writeX(rd, readX(rs1) | <u64><i64>imm); break;
      case Op.ANDI: writeX(rd, readX(rs1) & <u64><i64>imm); break;
      case Op.SLLI: writeX(rd, readX(rs1) << <u64>imm); break;
      case Op.SRLI: writeX(rd, readX(rs1) >> <u64>imm); break;
      case Op.SRAI: writeX(rd, <u64>(<i64>readX(rs1) >> <i64>imm)); break;
      case Op.ADDIW: writeX(rd, <u64><i64>(<i32>readX(rs1) + imm)); break;
      case Op.SLLIW: writeX(rd, <u64><i64>(<i32>readX(rs1) << imm)); break;
      case Op.SRLIW: writeX(rd, <u64><i64><i32>(<u32>readX(rs1) >> <u32>imm)); break;
      case Op.SRAIW: writeX(rd, <u64><i64>(<i32>readX(rs1) >> imm)); break;

      case Op.ADD: writeX(rd, readX(rs1) + readX(rs2)); break;
      case Op.SUB: writeX(rd, readX(rs1) - readX(rs2)); break;
      case Op.SLL: writeX(rd, readX(rs1) << readX(rs2)); break;
      case Op.SLT: writeX(rd, <u64>(<i64>readX(rs1) < <i64>readX(rs2))); break;
      case Op.SLTU: writeX(rd, <u64>(readX(rs1) < readX(rs2))); break;
      case Op.XOR: writeX(rd, readX(rs1) ^ readX(rs2)); break;
      case Op.SRL: writeX(rd, readX(rs1) >> readX(rs2)); break;
      case Op.SRA: writeX(rd, <u64>(<i64>readX(rs1) >> <i64>readX(rs2))); break;
      case Op.OR: writeX(rd, readX(rs1) | readX(rs2)); break;
      case Op.AND: writeX(rd, readX(rs1) & readX(rs2)); break;
      case Op.ADDW: writeX(rd, <u64><i64>(<i32>readX(rs1) + <i32>readX(rs2))); break;
      case Op.SUBW: writeX(rd, <u64><i64>(<i32>readX(rs1) - <i32>readX(rs2))); break;
      case Op.SLLW: writeX(rd, <u64><i64>(<i32>readX(rs1) << <i32>readX(rs2))); break;
      case Op.SRLW: writeX(rd, <u64><i64><i32>(<u32>readX(rs1) >> <u32>readX(rs2))); break;
      case Op.SRAW: writeX(rd, <u64><i64>(<i32>readX(rs1) >> <i32>readX(rs2))); break;

      case Op.MUL: writeX(rd, readX(rs1) * readX(rs2)); break;
      case Op.MULH: writeX(rd, mulh(readX(rs1), readX(rs2))); break;
      case Op.MULHSU: writeX(rd, mulhsu(readX(rs1), readX(rs2))); break;
      case Op.MULHU: writeX(rd, mulhu(readX(rs1), readX(rs2))); break;
      case Op.DIV: writeX(rd, div(readX(rs1), readX(rs2))); break;
      case Op.DIVU: writeX(rd, divu(readX(rs1), readX(rs2))); break;
      case Op.REM: writeX(rd, rem(readX(rs1), readX(rs2))); break;
      case Op.REMU: writeX(rd, remu(readX(rs1), readX(rs2))); break;
      case Op.MULW: writeX(rd, <u64><i64>(<i32>readX(rs1) * <i32>readX(rs2))); break;
      case Op.DIVW: writeX(rd, divw(<i32>readX(rs1), <i32>readX(rs2))); break;
      case Op.DIVUW: writeX(rd, divuw(<u32>readX(rs1), <u32>readX(rs2))); break;
      case Op.REMW: writeX(rd, remw(<i32>readX(rs1), <i32>readX(rs2))); break;
      case Op.REMUW: writeX(rd, remuw(<u32>readX(rs1), <u32>readX(rs2))); break;

      case Op.FLW:
      case Op.FLD: {
        if (!floatEnabled()) {
          raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pc));
          exit = Exit.FAULT;
          break;
        }
        const double = (word & 0xff) == Op.FLD;
        const value = loadSlow(readX(rs1) + <u64><i64>imm, double ? 8 : 4);
        if (faulted()) {
          exit = Exit.FAULT;
        } else {
          writeF(rd, double ? value : value | 0xffffffff_00000000);
          markFloatDirty();
        }
        break;
      }
      case Op.FSW:
      case Op.FSD:
        if (!floatEnabled()) raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pc));
        else storeSlow(readX(rs1) + <u64><i64>imm, readF(rs2), (word & 0xff) == Op.FSD ? 8 : 4);
        if (faulted()) exit = Exit.FAULT;
        break;
      case Op.FLOAT:
        if (!executeFloat(<u32>imm)) {
          raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pc));
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
        systemLength = <u32>(next - pc);
        exit = Exit.SYSTEM;
        break;
      default:
        raise(ILLEGAL_INSTRUCTION, <u64>(<u32>imm));
        exit = Exit.FAULT;
    }
    if (exit != Exit.BUDGET) break;
    pc = next;
    left--;
  }
  store<u64>(PC, pc);
  retired = budget - left;
  return exit;
}

