/** Decode lines: for each page of code in use, a record for each of its halfwords, filled when first executed. */
import { expand } from "./compressed";
import { decode, putIllegal } from "./decode";
import { operation, rd, rs1 } from "./operands";
import { Op } from "./operations";
import {
  GUEST, LINE_COUNT, LINE_DISTANCE, LINE_PAGE, LINES, LINES_USED, PAGE_LINE, PAGE_WRITTEN, UNKEPT_RECORD,
} from "./layout";
import { FETCH, forgetNotedLines, hostOfCode, lineAddress, notedLine, noteLine, renewWriters, translate } from "./translate";

/** Address of the decode line of the page that `pc` is on; 0 with the fault raised. */
export function lineOf(pc: u64): usize {
  const noted = notedLine(pc);
  if (noted != 0) return noted;
  const host = translate(pc, FETCH, pc);
  if (host == 0) return 0;
  const page = <u32>((host - GUEST) >> 12);
  const flags = <u32>load<u16>(PAGE_LINE + ((<usize>page) << 1));
  const known = flags & ~PAGE_WRITTEN;
  const line = lineAddress(known != 0 ? known : newLine(page));
  if (known == 0 && (flags & PAGE_WRITTEN) != 0) renewWriters();
  noteLine(pc, line);
  return line;
}

/** The number of a line for a page that has none. */
function newLine(page: u32): u32 {
  if (load<u32>(LINES_USED) == LINE_COUNT) {
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

function decodeShort(record: usize, half: u32, offset: u32): void {
  const wide = expand(half);
  if (wide == 0) putIllegal(record, half, 8);
  else decode(record, wide, 8, offset);
}

/**
 * Makes a pair of the load or store of the record and the 16-bit instruction behind it, if that is another of the same
 * operation and base. A store over the second drops the record of the first too: it begins a halfword before.
 */
function pair(record: usize, half: u32, offset: u32): void {
  // Bits 13..15, and 0 and 1: all of one format and operation, or of the one with sp as base.
  const format = half & 0xe003;
  const second = record + 8;
  if (format != 0x6000 && format != 0x6002 && format != 0xe000 && format != 0xe002) return;
  if (operation(second) == Op.UNDECODED) decodeShort(second, half, offset + 2);
  const which = operation(record);
  const other = operation(second);
  if (rs1(second) != rs1(record)) return;
  if (which == Op.SD && (other == Op.SD || other == Op.SD_SD)) store<u8>(record, Op.SD_SD);
  else if (which == Op.LD && (other == Op.LD || other == Op.LD_LD) && rd(record) != rs1(record)) store<u8>(record, Op.LD_LD);
}

/**
 * Decodes the instruction at `pc`, whose page the fetch TLB holds, into `record`, or, where it lies on two
 * pages, into a record that is not kept. Returns the record's address; 0 with the fault raised.
 */
export function decodeAt(pc: u64, record: usize): usize {
  const host = hostOfCode(pc);
  const offset = <u32>pc & 0xfff;
  const half = <u32>load<u16>(host);
  if ((half & 3) != 3) {
    decodeShort(record, half, offset);
    if (offset < 0xffe && (operation(record) == Op.LD || operation(record) == Op.SD)) pair(record, <u32>load<u16>(host, 2), offset);
    return record;
  }
  if (offset != 0xffe) {
    decode(record, load<u32>(host), 16, offset);
    return record;
  }
  const high = translate(pc + 2, FETCH, pc + 2);
  if (high == 0) return 0;
  decode(UNKEPT_RECORD, half | <u32>load<u16>(high) << 16, 16, offset);
  return UNKEPT_RECORD;
}
