/**
 * The inner loop: executes decoded records until the budget is used up or something happens that the outer loop
 * (`hart.ts`) has to look at. Every turn of the loop retires one instruction.
 */
import { ATOMIC_DONE, executeAtomic } from "./atomic";
import { faulted, ILLEGAL_INSTRUCTION, raise } from "./fault";
import { decodeAt, fetchBits, lineOf } from "./fetch";
import { executeFloat } from "./floatInstructions";
import { GENERATION, LINE_SIZE, PC, TLB_READ, TLB_SIZE, TLB_WRITE } from "./layout";
import { loadSlow, storeSlow } from "./memoryAccess";
import { mulh, mulhsu, mulhu, div, divu, divuw, divw, rem, remu, remuw, remw } from "./multiply";
import { f, imm, raw, rd, rs1, rs2, setF, setX, x } from "./operands";
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

  let next: usize = 0;

  for (; left != 0; left--, at = next) {
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
    next = at + (word >= SHORT ? 8 : 16);

    switch (word & 0xff) {
      case Op.LUI: setX(rd(word), <u64><i64>imm(record)); continue;
      case Op.AUIPC: setX(rd(word), pcOf(page, line, at) + <u64><i64>imm(record)); continue;
      case Op.JAL:
        setX(rd(word), pcOf(page, line, next));
        next = at + <usize>(imm(record) << 2);
        continue;
      case Op.JALR: {
        pc = (x(rs1(word)) + <u64><i64>imm(record)) & ~1;
        setX(rd(word), pcOf(page, line, next));
        next = (pc & PAGE) == page ? line + ((<usize>pc & 0xfff) << 2) : ELSEWHERE;
        continue;
      }
      case Op.BEQ: if (x(rs1(word)) == x(rs2(word))) next = at + <usize>(imm(record) << 2); continue;
      case Op.BNE: if (x(rs1(word)) != x(rs2(word))) next = at + <usize>(imm(record) << 2); continue;
      case Op.BLT: if (<i64>x(rs1(word)) < <i64>x(rs2(word))) next = at + <usize>(imm(record) << 2); continue;
      case Op.BGE: if (<i64>x(rs1(word)) >= <i64>x(rs2(word))) next = at + <usize>(imm(record) << 2); continue;
      case Op.BLTU: if (x(rs1(word)) < x(rs2(word))) next = at + <usize>(imm(record) << 2); continue;
      case Op.BGEU: if (x(rs1(word)) >= x(rs2(word))) next = at + <usize>(imm(record) << 2); continue;

      case Op.LB: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          setX(rd(word), <u64><i64>load<i8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 1);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), <u64><i64><i8>value);
        }
        continue;
      }
      case Op.LH: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          setX(rd(word), <u64><i64>load<i16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 2);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), <u64><i64><i16>value);
        }
        continue;
      }
      case Op.LW: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          setX(rd(word), <u64><i64>load<i32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 4);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), <u64><i64><i32>value);
        }
        continue;
      }
      case Op.LD: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 7)) | generation)) {
          setX(rd(word), load<u64>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 8);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), value);
        }
        continue;
      }
      case Op.LBU: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          setX(rd(word), <u64>load<u8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 1);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), value);
        }
        continue;
      }
      case Op.LHU: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          setX(rd(word), <u64>load<u16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 2);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), value);
        }
        continue;
      }
      case Op.LWU: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = readTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          setX(rd(word), <u64>load<u32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        } else {
          const value = loadSlow(address, 4);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
          setX(rd(word), value);
        }
        continue;
      }

      case Op.SB: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & PAGE) | generation)) {
          store<u8>(load<usize>(entry, 8) + <usize>(<u32>address), <u8>x(rs2(word)));
        } else {
          storeSlow(address, x(rs2(word)), 1);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
        }
        continue;
      }
      case Op.SH: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 1)) | generation)) {
          store<u16>(load<usize>(entry, 8) + <usize>(<u32>address), <u16>x(rs2(word)));
        } else {
          storeSlow(address, x(rs2(word)), 2);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
        }
        continue;
      }
      case Op.SW: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 3)) | generation)) {
          store<u32>(load<usize>(entry, 8) + <usize>(<u32>address), <u32>x(rs2(word)));
        } else {
          storeSlow(address, x(rs2(word)), 4);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
        }
        continue;
      }
      case Op.SD: {
        const address = x(rs1(word)) + <u64><i64>imm(record);
        const entry = writeTlb + tlbIndex(address);
        if (load<u64>(entry) == ((address & (PAGE | 7)) | generation)) {
          store<u64>(load<usize>(entry, 8) + <usize>(<u32>address), x(rs2(word)));
        } else {
          storeSlow(address, x(rs2(word)), 8);
          if (faulted()) {
            exit = Exit.FAULT;
            break;
          }
        }
        continue;
      }

      case Op.ADDI: setX(rd(word), x(rs1(word)) + <u64><i64>imm(record)); continue;
      case Op.SLTI: setX(rd(word), <u64>(<i64>x(rs1(word)) < <i64>imm(record))); continue;
      case Op.SLTIU: setX(rd(word), <u64>(x(rs1(word)) < <u64><i64>imm(record))); continue;
      case Op.XORI: setX(rd(word), x(rs1(word)) ^ <u64><i64>imm(record)); continue;
      case Op.ORI: setX(rd(word), x(rs1(word)) | <u64><i64>imm(record)); continue;
      case Op.ANDI: setX(rd(word), x(rs1(word)) & <u64><i64>imm(record)); continue;
      case Op.SLLI: setX(rd(word), x(rs1(word)) << <u64>imm(record)); continue;
      case Op.SRLI: setX(rd(word), x(rs1(word)) >> <u64>imm(record)); continue;
      case Op.SRAI: setX(rd(word), <u64>(<i64>x(rs1(word)) >> <i64>imm(record))); continue;
      case Op.ADDIW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) + imm(record))); continue;
      case Op.SLLIW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) << imm(record))); continue;
      case Op.SRLIW: setX(rd(word), <u64><i64><i32>(<u32>x(rs1(word)) >> raw(record))); continue;
      case Op.SRAIW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) >> imm(record))); continue;

      case Op.ADD: setX(rd(word), x(rs1(word)) + x(rs2(word))); continue;
      case Op.SUB: setX(rd(word), x(rs1(word)) - x(rs2(word))); continue;
      case Op.SLL: setX(rd(word), x(rs1(word)) << x(rs2(word))); continue;
      case Op.SLT: setX(rd(word), <u64>(<i64>x(rs1(word)) < <i64>x(rs2(word)))); continue;
      case Op.SLTU: setX(rd(word), <u64>(x(rs1(word)) < x(rs2(word)))); continue;
      case Op.XOR: setX(rd(word), x(rs1(word)) ^ x(rs2(word))); continue;
      case Op.SRL: setX(rd(word), x(rs1(word)) >> x(rs2(word))); continue;
      case Op.SRA: setX(rd(word), <u64>(<i64>x(rs1(word)) >> <i64>x(rs2(word)))); continue;
      case Op.OR: setX(rd(word), x(rs1(word)) | x(rs2(word))); continue;
      case Op.AND: setX(rd(word), x(rs1(word)) & x(rs2(word))); continue;
      case Op.ADDW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) + <i32>x(rs2(word)))); continue;
      case Op.SUBW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) - <i32>x(rs2(word)))); continue;
      case Op.SLLW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) << <i32>x(rs2(word)))); continue;
      case Op.SRLW: setX(rd(word), <u64><i64><i32>(<u32>x(rs1(word)) >> <u32>x(rs2(word)))); continue;
      case Op.SRAW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) >> <i32>x(rs2(word)))); continue;

      case Op.MUL: setX(rd(word), x(rs1(word)) * x(rs2(word))); continue;
      case Op.MULH: setX(rd(word), mulh(x(rs1(word)), x(rs2(word)))); continue;
      case Op.MULHSU: setX(rd(word), mulhsu(x(rs1(word)), x(rs2(word)))); continue;
      case Op.MULHU: setX(rd(word), mulhu(x(rs1(word)), x(rs2(word)))); continue;
      case Op.DIV: setX(rd(word), div(x(rs1(word)), x(rs2(word)))); continue;
      case Op.DIVU: setX(rd(word), divu(x(rs1(word)), x(rs2(word)))); continue;
      case Op.REM: setX(rd(word), rem(x(rs1(word)), x(rs2(word)))); continue;
      case Op.REMU: setX(rd(word), remu(x(rs1(word)), x(rs2(word)))); continue;
      case Op.MULW: setX(rd(word), <u64><i64>(<i32>x(rs1(word)) * <i32>x(rs2(word)))); continue;
      case Op.DIVW: setX(rd(word), divw(<i32>x(rs1(word)), <i32>x(rs2(word)))); continue;
      case Op.DIVUW: setX(rd(word), divuw(<u32>x(rs1(word)), <u32>x(rs2(word)))); continue;
      case Op.REMW: setX(rd(word), remw(<i32>x(rs1(word)), <i32>x(rs2(word)))); continue;
      case Op.REMUW: setX(rd(word), remuw(<u32>x(rs1(word)), <u32>x(rs2(word)))); continue;

      case Op.FLW:
      case Op.FLD: {
        if (!floatEnabled()) {
          raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pcOf(page, line, at)));
          exit = Exit.FAULT;
          break;
        }
        const double = (word & 0xff) == Op.FLD;
        const value = loadSlow(x(rs1(word)) + <u64><i64>imm(record), double ? 8 : 4);
        if (faulted()) {
          exit = Exit.FAULT;
        } else {
          setF(rd(word), double ? value : value | 0xffffffff_00000000);
          markFloatDirty();
        }
        break;
      }
      case Op.FSW:
      case Op.FSD:
        if (!floatEnabled()) raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pcOf(page, line, at)));
        else storeSlow(x(rs1(word)) + <u64><i64>imm(record), f(rs2(word)), (word & 0xff) == Op.FSD ? 8 : 4);
        if (faulted()) exit = Exit.FAULT;
        break;
      case Op.FLOAT:
        if (!executeFloat(raw(record))) {
          raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pcOf(page, line, at)));
          exit = Exit.FAULT;
        }
        break;
      case Op.ATOMIC: {
        const instruction = raw(record);
        if (executeAtomic(instruction) == ATOMIC_DONE) continue;
        if (!faulted()) raise(ILLEGAL_INSTRUCTION, <u64>instruction);
        exit = Exit.FAULT;
        break;
      }
      case Op.FENCE: continue;
      case Op.SYSTEM:
        systemInstruction = raw(record);
        systemLength = word >= SHORT ? 2 : 4;
        exit = Exit.SYSTEM;
        break;
      default:
        raise(ILLEGAL_INSTRUCTION, <u64>raw(record));
        exit = Exit.FAULT;
    }
    if (exit != Exit.BUDGET) break;
  }
  store<u64>(PC, at == ELSEWHERE ? pc : pcOf(page, line, at));
  retired = budget - left;
  return exit;
}

