/**
 * The inner loop: executes decoded records for as long as they ask for nothing but registers and memory that the TLBs know.
 * It calls nothing, so that an engine can keep all it needs in registers; `execute.ts` does the rest.
 */
import { AT, CODE_TLB, DATA_TLB, ELSEWHERE, GENERATION, LEFT, LINE, PAGE, PC, TLB_READ, TLB_WRITE, WRITE_GENERATION } from "./layout";
import { clearX0, distance, imm, imm16, length, operation, pcOf, rd, RECORD_SHIFT, rs1, rs2, setX, x } from "./operands";
import { Op } from "./operations";
import { immediateResult, registerResult } from "./results";
import { tlbIndex } from "./translate";

const PAGE_MASK: u64 = ~0xfff;
/** From an entry of a read TLB to that of the same context's write TLB. */
const TO_WRITE: usize = TLB_WRITE - TLB_READ;

@inline
function rest(at: usize, left: u32, line: usize, page: u64): void {
  store<usize>(AT, at);
  store<u32>(LEFT, left);
  store<usize>(LINE, line);
  store<u64>(PAGE, page);
}

/**
 * Executes from the record AT on, until LEFT is 0 or the instruction at AT is none for this loop. Every turn of the loop
 * retires one instruction. Past the end of a line lie zeros, so that sequential code leaves it as UNDECODED.
 */
export function run(): void {
  let at = load<usize>(AT);
  let left = load<u32>(LEFT);
  let line = load<usize>(LINE);
  let page = load<u64>(PAGE);
  const tlb = load<usize>(DATA_TLB);
  const generation = load<u64>(GENERATION);
  const writeGeneration = load<u64>(WRITE_GENERATION);

  // What comes next is read before this instruction's comparisons, so that the processor need not wait for it after one that
  // it did not foresee.
  let which = operation(at);
  for (; left != 0; left--) {
    const next = at + length(at);
    const following = operation(next);
    if (which < Op.ADDI_ADDI) {
      if (which < Op.LB) {
        if (which < Op.BEQ) {
          if (which < Op.JAL_FAR) {
            if (which < Op.JAL) return rest(at, left, line, page);
            if (which == Op.JAL) setX(rd(at), pcOf(page, line, next));
            at += distance(at);
            which = operation(at);
            continue;
          }
          if (which < Op.AUIPC) {
            const from = which == Op.JALR ? x(rs1(at)) : pcOf(page, line, at);
            const target = (from + imm(at)) & ~1;
            setX(rd(at), pcOf(page, line, next));
            clearX0();
            const entry = load<usize>(CODE_TLB) + tlbIndex(target);
            if (load<u64>(entry) != ((target & PAGE_MASK) | generation)) {
              store<u64>(PC, target);
              return rest(ELSEWHERE, left - 1, line, page);
            }
            page = target & PAGE_MASK;
            line = load<usize>(entry, 12);
            at = line + ((<usize>target & 0xfff) << RECORD_SHIFT);
            which = operation(at);
            continue;
          }
          setX(rd(at), pcOf(page, line, at) + imm(at));
        } else if (which < Op.BLT) {
          if (which == Op.BEQ) {
            if (x(rs1(at)) == x(rs2(at))) {
              at += <usize>imm16(at);
              which = operation(at);
              continue;
            }
          } else if (x(rs1(at)) != x(rs2(at))) {
            at += <usize>imm16(at);
            which = operation(at);
            continue;
          }
        } else if (which < Op.BLTU) {
          const less = <i64>x(rs1(at)) < <i64>x(rs2(at));
          if (less == (which == Op.BLT)) {
            at += <usize>imm16(at);
            which = operation(at);
            continue;
          }
        } else {
          const less = x(rs1(at)) < x(rs2(at));
          if (less == (which == Op.BLTU)) {
            at += <usize>imm16(at);
            which = operation(at);
            continue;
          }
        }
      } else if (which < Op.SB) {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        const tag = load<u64>(entry);
        const host = load<usize>(entry, 8) + <usize>(<u32>address);
        if (which < Op.LBU) {
          if (which == Op.LD) {
            if (tag != ((address & (PAGE_MASK | 7)) | generation)) return rest(at, left, line, page);
            setX(rd(at), load<u64>(host));
          } else if (which == Op.LW) {
            if (tag != ((address & (PAGE_MASK | 3)) | generation)) return rest(at, left, line, page);
            setX(rd(at), <u64>load<i32>(host));
          } else if (which == Op.LB) {
            if (tag != ((address & PAGE_MASK) | generation)) return rest(at, left, line, page);
            setX(rd(at), <u64>load<i8>(host));
          } else {
            if (tag != ((address & (PAGE_MASK | 1)) | generation)) return rest(at, left, line, page);
            setX(rd(at), <u64>load<i16>(host));
          }
        } else if (which == Op.LBU) {
          if (tag != ((address & PAGE_MASK) | generation)) return rest(at, left, line, page);
          setX(rd(at), <u64>load<u8>(host));
        } else if (which == Op.LD_LD) {
          if (tag != ((address & (PAGE_MASK | 7)) | generation)) return rest(at, left, line, page);
          // The second address less the first: on the same page and aligned, as the first is, where no other bit changes.
          const apart = imm(next) - imm(at);
          setX(rd(at), load<u64>(host));
          if (left != 1 && ((address ^ (address + apart)) & (PAGE_MASK | 7)) == 0) {
            setX(rd(next), load<u64>(host + <usize>(<u32>apart)));
            left--;
            at = next + length(next);
            which = operation(at);
            continue;
          }
        } else if (which == Op.LHU) {
          if (tag != ((address & (PAGE_MASK | 1)) | generation)) return rest(at, left, line, page);
          setX(rd(at), <u64>load<u16>(host));
        } else {
          if (tag != ((address & (PAGE_MASK | 3)) | generation)) return rest(at, left, line, page);
          setX(rd(at), <u64>load<u32>(host));
        }
      } else {
        const address = x(rs1(at)) + <u64>imm16(at);
        const entry = tlb + tlbIndex(address);
        const tag = load<u64>(entry, TO_WRITE);
        const host = load<usize>(entry, TO_WRITE + 8) + <usize>(<u32>address);
        if (which == Op.SD) {
          if (tag != ((address & (PAGE_MASK | 7)) | writeGeneration)) return rest(at, left, line, page);
          store<u64>(host, x(rs2(at)));
        } else if (which == Op.SD_SD) {
          if (tag != ((address & (PAGE_MASK | 7)) | writeGeneration)) return rest(at, left, line, page);
          const apart = <u64>imm16(next) - <u64>imm16(at);
          store<u64>(host, x(rs2(at)));
          if (left != 1 && ((address ^ (address + apart)) & (PAGE_MASK | 7)) == 0) {
            store<u64>(host + <usize>(<u32>apart), x(rs2(next)));
            left--;
            at = next + length(next);
            which = operation(at);
            continue;
          }
        } else if (which == Op.SW) {
          if (tag != ((address & (PAGE_MASK | 3)) | writeGeneration)) return rest(at, left, line, page);
          store<u32>(host, <u32>x(rs2(at)));
        } else if (which == Op.SB) {
          if (tag != ((address & PAGE_MASK) | writeGeneration)) return rest(at, left, line, page);
          store<u8>(host, <u8>x(rs2(at)));
        } else {
          if (tag != ((address & (PAGE_MASK | 1)) | writeGeneration)) return rest(at, left, line, page);
          store<u16>(host, <u16>x(rs2(at)));
        }
      }
    } else if (which < Op.ANDI) {
      setX(rd(at), x(rs1(at)) + imm(at));
      if (which == Op.ADDI_ADDI && left != 1) {
        setX(rd(next), x(rs1(next)) + imm(next));
        left--;
        at = next + length(next);
        which = operation(at);
        continue;
      }
    } else if (which < Op.ADD) {
      setX(rd(at), immediateResult(which, x(rs1(at)), imm(at)));
    } else {
      setX(rd(at), registerResult(which, x(rs1(at)), x(rs2(at))));
    }
    at = next;
    which = following;
  }
  rest(at, left, line, page);
}
