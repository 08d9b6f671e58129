/** Decode lines: for each page of code in use, a record for each of its halfwords, filled when first executed. */
import { expand } from "./compressed";
import { decode } from "./decode";
import {
  EMPTY_LINE, GUEST, LINE_COUNT, LINE_PAGE, LINE_SIZE, LINES, LINES_USED, PAGE_LINE, PAGE_WRITTEN, SEARCHES, UNKEPT_RECORD,
} from "./layout";
import { faulted } from "./fault";
import { Op, SHORT } from "./operations";
import { FETCH, lineAddress, markWritersOfCode, translate } from "./translate";

/**
 * A search of the write TLBs takes tens of thousands of machine steps, and a hostile guest can ask for one with every third event:
 * this many in a tick, then written pages get no line. The guest cannot see the difference.
 */
const MAX_SEARCHES: u32 = 1 << 12;

/** Address of the decode line of the page that `pc` is on; 0 with the fault raised. */
export function lineOf(pc: u64): usize {
  const host = translate(pc, FETCH, pc);
  if (host == 0) return 0;
  const page = <u32>((host - GUEST) >> 12);
  const entry = PAGE_LINE + ((<usize>page) << 1);
  const flags = <u32>load<u16>(entry);
  const known = flags & ~PAGE_WRITTEN;
  if (known != 0) return lineAddress(known);

  if ((flags & PAGE_WRITTEN) != 0) {
    const searches = load<u32>(SEARCHES);
    if (searches == MAX_SEARCHES) return EMPTY_LINE;
    store<u32>(SEARCHES, searches + 1);
  }
  if (load<u32>(LINES_USED) == LINE_COUNT) forgetLines();
  const line = load<u32>(LINES_USED) + 1;
  store<u32>(LINES_USED, line);
  store<u32>(LINE_PAGE + ((<usize>(line - 1)) << 2), page);
  store<u16>(entry, <u16>((load<u16>(entry) & PAGE_WRITTEN) | line));
  if ((flags & PAGE_WRITTEN) != 0) markWritersOfCode(page);
  return lineAddress(line);
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
  memory.fill(LINES, 0, <usize>used * LINE_SIZE);
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

/**
 * Decodes the instruction at `pc` into `record`, or, where it lies on two pages or its page has no line, into a record that
 * is not kept. Returns the record's address; 0 with the fault raised.
 */
export function decodeAt(pc: u64, record: usize): usize {
  const bits = fetchBits(pc);
  if (bits == 0 && faulted()) return 0;
  const short = (bits & 3) != 3;
  const target = record >= EMPTY_LINE || (!short && (pc & 0xfff) == 0xffe) ? UNKEPT_RECORD : record;
  if (!short) {
    decode(target, bits, 0);
    return target;
  }
  const wide = expand(bits);
  if (wide == 0) {
    store<u32>(target, Op.ILLEGAL | SHORT);
    store<u32>(target, bits, 4);
  } else {
    decode(target, wide, SHORT);
  }
  return target;
}
