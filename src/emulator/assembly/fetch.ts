/** Decode lines: for each page of code in use, a record for each of its halfwords, filled when first executed. */
import { charge, CROSSING } from "./charge";
import { expand } from "./compressed";
import { decode, putIllegal } from "./decode";
import { length, operation, rd, rs1 } from "./operands";
import { Op } from "./operations";
import {
  GUEST, LINE_COUNT, LINE_DISTANCE, LINE_PAGE, LINES, LINES_USED, PAGE_LINE, PAGE_WRITTEN, UNKEPT_RECORD, WITHOUT_LINE,
} from "./layout";
import { FETCH, forgetNotedLines, hostOfCode, lineAddress, notedLine, noteLine, renewWriters, translate } from "./translate";

/** What `lineOf` answers where the page has no line yet. */
export const NO_LINE: usize = 1;

/**
 * How many instructions are executed without a line, when all lines are in use, before those are forgotten: lines are made and
 * cleared no more often than that, however many pages a guest jumps through.
 */
const PATIENCE: u32 = 8 * LINE_COUNT;

/** The offset of an instruction from which no jump or branch stays on its page. */
const OFF_PAGE: u32 = 0x80000000;

/** Address of the decode line of the page that `pc` is on, or NO_LINE; 0 with the fault raised. */
export function lineOf(pc: u64): usize {
  const noted = notedLine(pc);
  if (noted != 0) return noted;
  const host = translate(pc, FETCH, pc);
  if (host == 0) return 0;
  const page = <u32>((host - GUEST) >> 12);
  const flags = <u32>load<u16>(PAGE_LINE + ((<usize>page) << 1));
  const known = flags & ~PAGE_WRITTEN;
  const number = known != 0 ? known : newLine(page);
  if (number == 0) return NO_LINE;
  const line = lineAddress(number);
  if (known == 0 && (flags & PAGE_WRITTEN) != 0) renewWriters();
  noteLine(pc, line);
  return line;
}

/** The number of a line for a page that has none; 0 where it gets none now. */
function newLine(page: u32): u32 {
  if (load<u32>(LINES_USED) == LINE_COUNT) {
    const without = load<u32>(WITHOUT_LINE) + 1;
    store<u32>(WITHOUT_LINE, without < PATIENCE ? without : 0);
    if (without < PATIENCE) return 0;
    forgetLines();
    forgetNotedLines();
  }
  const line = load<u32>(LINES_USED) + 1;
  store<u32>(LINES_USED, line);
  store<u32>(LINE_PAGE + ((<usize>(line - 1)) << 2), page);
  const entry = PAGE_LINE + ((<usize>page) << 1);
  store<u16>(entry, <u16>(<u32>load<u16>(entry) | line));
  return line;
}

/** Clears the lines in use and what points to them. Whether a page has a line cannot be seen by the guest. */
export function forgetLines(): void {
  const used = load<u32>(LINES_USED);
  for (let i: u32 = 0; i < used; i++) {
    const page = <usize>load<u32>(LINE_PAGE + ((<usize>i) << 2));
    const entry = PAGE_LINE + (page << 1);
    store<u16>(entry, load<u16>(entry) & PAGE_WRITTEN);
  }
  memory.fill(LINE_PAGE, 0, (<usize>used) << 2);
  memory.fill(LINES, 0, <usize>used * LINE_DISTANCE);
  store<u32>(LINES_USED, 0);
}

/** The instruction bits at `pc`, 16 or 32 of them; 0 with a fault raised when they cannot be fetched. */
export function fetchBits(pc: u64): u32 {
  const low = translate(pc, FETCH, pc);
  if (low == 0) return 0;
  const half = <u32>load<u16>(low);
  if ((half & 3) != 3) return half;
  let high = low + 2;
  if ((pc & 0xfff) == 0xffe) {
    high = translate(pc + 2, FETCH, pc + 2);
    if (high == 0) return 0;
  }
  return half | <u32>load<u16>(high) << 16;
}

/** Decodes the instruction whose bits are at `host`, `offset` bytes into its page; false where it lies on two pages. */
function decodeKept(record: usize, host: usize, offset: u32): bool {
  const half = <u32>load<u16>(host);
  if ((half & 3) == 3) {
    if (offset == 0xffe) return false;
    decode(record, load<u32>(host), 16, offset);
    return true;
  }
  const wide = expand(half);
  if (wide == 0) putIllegal(record, half, 8);
  else decode(record, wide, 8, offset);
  return true;
}

/**
 * Makes a pair of `first`, if it is `distance` long, and `second` behind it, which is an `addi`, `ld` or `sd`, where the inner
 * loop knows such a pair. A store over the second drops the record of the first too: see `forgetRecords`.
 */
function pair(first: usize, second: usize, distance: u32): void {
  if (length(first) != distance) return;
  const which = operation(first);
  if (which != operation(second)) return;
  if (which == Op.ADDI) store<u8>(first, Op.ADDI_ADDI);
  else if (rs1(first) != rs1(second)) return;
  else if (which == Op.SD) store<u8>(first, Op.SD_SD);
  else if (rd(first) != rs1(first)) store<u8>(first, Op.LD_LD);
}

/**
 * Decodes the instruction at `pc`, whose page the fetch TLB holds, into `record`, or, where it lies on two
 * pages, into a record that is not kept. Returns the record's address; 0 with the fault raised.
 */
export function decodeAt(pc: u64, record: usize): usize {
  const host = hostOfCode(pc);
  const offset = <u32>pc & 0xfff;
  if (decodeKept(record, host, offset)) {
    const which = operation(record);
    if (which == Op.ADDI || which == Op.LD || which == Op.SD) {
      pair(record - 8, record, 8);
      pair(record - 16, record, 16);
    }
    return record;
  }
  charge(CROSSING);
  const high = translate(pc + 2, FETCH, pc + 2);
  if (high == 0) return 0;
  // It does not jump to its own record: each time that it is executed it is fetched.
  decode(UNKEPT_RECORD, <u32>load<u16>(host) | <u32>load<u16>(high) << 16, 16, OFF_PAGE);
  return UNKEPT_RECORD;
}
