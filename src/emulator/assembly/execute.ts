/**
 * Executes instructions until the budget is used up or something happens that the outer loop (`hart.ts`) has to look at:
 * the inner loop (`run.ts`), and here one by one the instructions that are none for it.
 */
import { ATOMIC_DONE, executeAtomic } from "./atomic";
import { charge, RARE, settle, unsettled } from "./charge";
import { faulted, ILLEGAL_INSTRUCTION, raise } from "./fault";
import { decodeAt, fetchBits, lineOf, NO_LINE } from "./fetch";
import { executeFloat } from "./floatInstructions";
import { AT, CHARGE, CODE_TLB, DATA_TLB, ELSEWHERE, LEFT, LINE, LINE_SIZE, LINES, PAGE, PC, SETTLED, TLB_FETCH, TLB_READ, TLB_SIZE, UNKEPT_RECORD } from "./layout";
import { loadMissed, loadSlow, moveFloat, storeMissed } from "./memoryAccess";
import { mulh, mulhsu, mulhu, div, divu, divuw, divw, rem, remu, remuw, remw } from "./multiply";
import { imm, imm16, length, operation, pcOf, raw, rd, RECORD_SHIFT, rs1, rs2, setX, x } from "./operands";
import { Op } from "./operations";
import { run } from "./run";
import { dataContext, fetchContext } from "./translate";

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
  store<usize>(AT, ELSEWHERE);
  store<usize>(LINE, LINES);
  store<u32>(LEFT, budget);
  store<usize>(DATA_TLB, TLB_READ + <usize>dataContext() * TLB_SIZE);
  store<usize>(CODE_TLB, TLB_FETCH + <usize>fetchContext() * TLB_SIZE);
  let exit = Exit.BUDGET;
  for (;;) {
    run();
    let left = load<u32>(LEFT);
    if (left == 0) break;
    let at = load<usize>(AT);
    let which = operation(at);
    if (which == Op.UNDECODED) {
      if (!fetch(at)) exit = Exit.FAULT;
      if (load<u32>(CHARGE) != load<u32>(SETTLED)) store<u32>(LEFT, settle(left));
      if (exit != Exit.BUDGET) break;
      at = load<usize>(AT);
      which = operation(at);
      if (which >= Op.JAL) continue;
      left = load<u32>(LEFT);
    }
    if (which == Op.SYSTEM) {
      systemInstruction = raw(at);
      systemLength = <u32>length(at) >> RECORD_SHIFT;
      exit = Exit.SYSTEM;
    } else if (executeOne(at, which)) {
      store<u32>(LEFT, settle(left) - 1);
    } else {
      exit = Exit.FAULT;
    }
    if (exit != Exit.BUDGET) break;
  }
  const at = load<usize>(AT);
  if (at != ELSEWHERE) store<u64>(PC, here(at));
  retired = unsettled(budget, load<u32>(LEFT));
  return exit;
}

/** Address of the instruction whose record is `at`. */
@inline
function here(at: usize): u64 {
  return pcOf(load<u64>(PAGE), load<usize>(LINE), at);
}

/** Makes AT the decoded record of the instruction there, or at PC if AT is at no record; false with the fault raised. */
function fetch(at: usize): bool {
  const line = load<usize>(LINE);
  if (line >= LINES && at - line < LINE_SIZE) return decodeRecord(here(at), at);
  const pc = at == ELSEWHERE ? load<u64>(PC) : here(at);
  if (!enterLine(pc)) return false;
  const record = load<usize>(AT);
  return operation(record) != Op.UNDECODED || decodeRecord(pc, record);
}

/** Decodes the instruction at `pc`, whose record would be `at`, and makes AT its record; false with the fault raised. */
function decodeRecord(pc: u64, at: usize): bool {
  const record = decodeAt(pc, at);
  if (record == 0) return false;
  // A record that is not kept has a line so that addresses come out right.
  store<usize>(LINE, load<usize>(LINE) + (record - at));
  store<usize>(AT, record);
  return true;
}

function enterLine(pc: u64): bool {
  store<u64>(PC, pc);
  store<usize>(AT, ELSEWHERE);
  const line = lineOf(pc);
  if (line == 0) return false;
  const offset = (<usize>pc & 0xfff) << RECORD_SHIFT;
  store<u64>(PAGE, pc & ~0xfff);
  if (line == NO_LINE) {
    store<u64>(UNKEPT_RECORD, 0);
    store<usize>(LINE, UNKEPT_RECORD - offset);
    store<usize>(AT, UNKEPT_RECORD);
  } else {
    store<usize>(LINE, line);
    store<usize>(AT, line + offset);
  }
  return true;
}

/**
 * Executes the instruction of the record `at`, and moves AT; false with the fault raised. Its access, or the walk for it, may
 * write over the instruction, which drops the record: what is needed of it afterwards is read before.
 */
function executeOne(at: usize, which: i32): bool {
  const next = at + length(at);
  if (which >= Op.LB && which <= Op.LD_LD) {
    if (!loadMissed(at, x(rs1(at)) + imm(at))) return false;
  } else if (which >= Op.SB && which <= Op.SD_SD) {
    if (!storeMissed(at, x(rs1(at)) + <u64>imm16(at))) return false;
  } else if (which >= Op.MULH && which <= Op.REMUW) {
    charge(RARE);
    setX(rd(at), multiply(which, x(rs1(at)), x(rs2(at))));
  } else {
    switch (which) {
      case Op.ATOMIC:
        charge(RARE);
        if (executeAtomic(raw(at)) != ATOMIC_DONE) return faulted() ? false : illegal(at);
        break;
      case Op.FLW: case Op.FLD: case Op.FSW: case Op.FSD:
        if (!moveFloat(at)) return faulted() ? false : illegal(at);
        break;
      case Op.FLOAT:
        if (!executeFloat(raw(at))) return illegal(at);
        break;
      case Op.LOAD_NOWHERE:
        charge(RARE);
        loadSlow(x(rs1(at)) + imm(at), 1 << (<u32>(rd(at) >> 3) & 3));
        if (faulted()) return false;
        break;
      case Op.BRANCH_FAR:
        if (!branches(at)) break;
        store<u64>(PC, here(at) + <u64><i64>(imm16(at) >> RECORD_SHIFT));
        store<usize>(AT, ELSEWHERE);
        return true;
      default: return illegal(at);
    }
  }
  store<usize>(AT, next);
  return true;
}

function illegal(at: usize): bool {
  raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(here(at)));
  return false;
}

/** Whether the branch of the record `at` is taken, by its funct3, which is where rd is elsewhere. */
function branches(at: usize): bool {
  const a = x(rs1(at));
  const b = x(rs2(at));
  const which = <u32>rd(at) >> 3;
  const holds = which < 2 ? a == b : which < 6 ? <i64>a < <i64>b : a < b;
  return holds != ((which & 1) != 0);
}

function multiply(which: i32, a: u64, b: u64): u64 {
  switch (which) {
    case Op.MULH: return mulh(a, b);
    case Op.MULHSU: return mulhsu(a, b);
    case Op.MULHU: return mulhu(a, b);
    case Op.DIV: return div(a, b);
    case Op.DIVU: return divu(a, b);
    case Op.REM: return rem(a, b);
    case Op.REMU: return remu(a, b);
    case Op.DIVW: return divw(<i32>a, <i32>b);
    case Op.DIVUW: return divuw(<u32>a, <u32>b);
    case Op.REMW: return remw(<i32>a, <i32>b);
    default: return remuw(<u32>a, <u32>b);
  }
}
