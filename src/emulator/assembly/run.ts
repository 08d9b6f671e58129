/**
 * The inner loop: executes decoded records for as long as they ask for nothing but registers and memory that the TLBs know.
 * It calls nothing, so that an engine can keep all it needs in registers; `execute.ts` does the rest.
 */
import { AT, CODE_TLB, DATA_TLB, ELSEWHERE, GENERATION, LEFT, LINE, PAGE, PC, TLB_READ, TLB_WRITE, WRITE_GENERATION } from "./layout";
import { clearX0, distance, imm, imm16, length, operation, pcOf, rd, RECORD_SHIFT, rs1, rs2, setX, x } from "./operands";
import { Op } from "./operations";
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

  // What comes next is read before the jump to this instruction's arm, so that the processor need not wait for it after
  // a jump that it did not foresee.
  let which = operation(at);
  for (; left != 0; left--) {
    const next = at + length(at);
    const following = operation(next);
    switch (which) {
      case Op.LUI: setX(rd(at), imm(at)); break;
      case Op.AUIPC: setX(rd(at), pcOf(page, line, at) + imm(at)); break;
      case Op.J:
        at += distance(at);
        which = operation(at);
        continue;
      case Op.JAL:
        setX(rd(at), pcOf(page, line, next));
        at += distance(at);
        which = operation(at);
        continue;
      case Op.JAL_FAR: {
        const target = pcOf(page, line, at) + <u64>(<i64>imm(at) >> RECORD_SHIFT);
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
      case Op.JALR: {
        const target = (x(rs1(at)) + imm(at)) & ~1;
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
      case Op.BEQ:
        if (x(rs1(at)) == x(rs2(at))) {
          at += <usize>imm16(at);
          which = operation(at);
          continue;
        }
        break;
      case Op.BNE:
        if (x(rs1(at)) != x(rs2(at))) {
          at += <usize>imm16(at);
          which = operation(at);
          continue;
        }
        break;
      case Op.BLT:
        if (<i64>x(rs1(at)) < <i64>x(rs2(at))) {
          at += <usize>imm16(at);
          which = operation(at);
          continue;
        }
        break;
      case Op.BGE:
        if (<i64>x(rs1(at)) >= <i64>x(rs2(at))) {
          at += <usize>imm16(at);
          which = operation(at);
          continue;
        }
        break;
      case Op.BLTU:
        if (x(rs1(at)) < x(rs2(at))) {
          at += <usize>imm16(at);
          which = operation(at);
          continue;
        }
        break;
      case Op.BGEU:
        if (x(rs1(at)) >= x(rs2(at))) {
          at += <usize>imm16(at);
          which = operation(at);
          continue;
        }
        break;

      case Op.LB: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & PAGE_MASK) | generation)) return rest(at, left, line, page);
        setX(rd(at), <u64>load<i8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }
      case Op.LH: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & (PAGE_MASK | 1)) | generation)) return rest(at, left, line, page);
        setX(rd(at), <u64>load<i16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }
      case Op.LW: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & (PAGE_MASK | 3)) | generation)) return rest(at, left, line, page);
        setX(rd(at), <u64>load<i32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }
      case Op.LD: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & (PAGE_MASK | 7)) | generation)) return rest(at, left, line, page);
        setX(rd(at), load<u64>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }
      case Op.LD_LD: {
        const base = x(rs1(at));
        const address = base + imm(at);
        const other = base + imm(next);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & (PAGE_MASK | 7)) | generation)) return rest(at, left, line, page);
        const host = load<usize>(entry, 8);
        setX(rd(at), load<u64>(host + <usize>(<u32>address)));
        if (left == 1 || ((address ^ other) & (PAGE_MASK | 7)) != 0) break;
        setX(rd(next), load<u64>(host + <usize>(<u32>other)));
        left--;
        at = next + length(next);
        which = operation(at);
        continue;
      }
      case Op.LBU: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & PAGE_MASK) | generation)) return rest(at, left, line, page);
        setX(rd(at), <u64>load<u8>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }
      case Op.LHU: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & (PAGE_MASK | 1)) | generation)) return rest(at, left, line, page);
        setX(rd(at), <u64>load<u16>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }
      case Op.LWU: {
        const address = x(rs1(at)) + imm(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry) != ((address & (PAGE_MASK | 3)) | generation)) return rest(at, left, line, page);
        setX(rd(at), <u64>load<u32>(load<usize>(entry, 8) + <usize>(<u32>address)));
        break;
      }

      case Op.SB: {
        const address = x(rs1(at)) + <u64>imm16(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry, TO_WRITE) != ((address & PAGE_MASK) | writeGeneration)) return rest(at, left, line, page);
        store<u8>(load<usize>(entry, TO_WRITE + 8) + <usize>(<u32>address), <u8>x(rs2(at)));
        break;
      }
      case Op.SH: {
        const address = x(rs1(at)) + <u64>imm16(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry, TO_WRITE) != ((address & (PAGE_MASK | 1)) | writeGeneration)) return rest(at, left, line, page);
        store<u16>(load<usize>(entry, TO_WRITE + 8) + <usize>(<u32>address), <u16>x(rs2(at)));
        break;
      }
      case Op.SW: {
        const address = x(rs1(at)) + <u64>imm16(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry, TO_WRITE) != ((address & (PAGE_MASK | 3)) | writeGeneration)) return rest(at, left, line, page);
        store<u32>(load<usize>(entry, TO_WRITE + 8) + <usize>(<u32>address), <u32>x(rs2(at)));
        break;
      }
      case Op.SD: {
        const address = x(rs1(at)) + <u64>imm16(at);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry, TO_WRITE) != ((address & (PAGE_MASK | 7)) | writeGeneration)) return rest(at, left, line, page);
        store<u64>(load<usize>(entry, TO_WRITE + 8) + <usize>(<u32>address), x(rs2(at)));
        break;
      }
      case Op.SD_SD: {
        const base = x(rs1(at));
        const address = base + <u64>imm16(at);
        const other = base + <u64>imm16(next);
        const entry = tlb + tlbIndex(address);
        if (load<u64>(entry, TO_WRITE) != ((address & (PAGE_MASK | 7)) | writeGeneration)) return rest(at, left, line, page);
        const host = load<usize>(entry, TO_WRITE + 8);
        store<u64>(host + <usize>(<u32>address), x(rs2(at)));
        if (left == 1 || ((address ^ other) & (PAGE_MASK | 7)) != 0) break;
        store<u64>(host + <usize>(<u32>other), x(rs2(next)));
        left--;
        at = next + length(next);
        which = operation(at);
        continue;
      }

      case Op.ADDI: setX(rd(at), x(rs1(at)) + imm(at)); break;
      case Op.SLTI: setX(rd(at), <u64>(<i64>x(rs1(at)) < <i64>imm(at))); break;
      case Op.SLTIU: setX(rd(at), <u64>(x(rs1(at)) < imm(at))); break;
      case Op.XORI: setX(rd(at), x(rs1(at)) ^ imm(at)); break;
      case Op.ORI: setX(rd(at), x(rs1(at)) | imm(at)); break;
      case Op.ANDI: setX(rd(at), x(rs1(at)) & imm(at)); break;
      case Op.SLLI: setX(rd(at), x(rs1(at)) << imm(at)); break;
      case Op.SRLI: setX(rd(at), x(rs1(at)) >> imm(at)); break;
      case Op.SRAI: setX(rd(at), <u64>(<i64>x(rs1(at)) >> <i64>imm(at))); break;
      case Op.ADDIW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) + <i32>imm(at))); break;
      case Op.SLLIW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) << <i32>imm(at))); break;
      case Op.SRLIW: setX(rd(at), <u64><i64><i32>(<u32>x(rs1(at)) >> <u32>imm(at))); break;
      case Op.SRAIW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) >> <i32>imm(at))); break;

      case Op.ADD: setX(rd(at), x(rs1(at)) + x(rs2(at))); break;
      case Op.SUB: setX(rd(at), x(rs1(at)) - x(rs2(at))); break;
      case Op.SLL: setX(rd(at), x(rs1(at)) << x(rs2(at))); break;
      case Op.SLT: setX(rd(at), <u64>(<i64>x(rs1(at)) < <i64>x(rs2(at)))); break;
      case Op.SLTU: setX(rd(at), <u64>(x(rs1(at)) < x(rs2(at)))); break;
      case Op.XOR: setX(rd(at), x(rs1(at)) ^ x(rs2(at))); break;
      case Op.SRL: setX(rd(at), x(rs1(at)) >> x(rs2(at))); break;
      case Op.SRA: setX(rd(at), <u64>(<i64>x(rs1(at)) >> <i64>x(rs2(at)))); break;
      case Op.OR: setX(rd(at), x(rs1(at)) | x(rs2(at))); break;
      case Op.AND: setX(rd(at), x(rs1(at)) & x(rs2(at))); break;
      case Op.ADDW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) + <i32>x(rs2(at)))); break;
      case Op.SUBW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) - <i32>x(rs2(at)))); break;
      case Op.SLLW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) << <i32>x(rs2(at)))); break;
      case Op.SRLW: setX(rd(at), <u64><i64><i32>(<u32>x(rs1(at)) >> <u32>x(rs2(at)))); break;
      case Op.SRAW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) >> <i32>x(rs2(at)))); break;
      case Op.MV: setX(rd(at), x(rs1(at))); break;
      case Op.MUL: setX(rd(at), x(rs1(at)) * x(rs2(at))); break;
      case Op.MULW: setX(rd(at), <u64><i64>(<i32>x(rs1(at)) * <i32>x(rs2(at)))); break;
      case Op.NOTHING: break;
      default: return rest(at, left, line, page);
    }
    at = next;
    which = following;
  }
  rest(at, left, line, page);
}
