/**
 * Virtual to host addresses: Sv39 with A and D set by hardware (privileged architecture, 4.4), and the TLBs in front of
 * it. Geometry, fill and flush points are normative, since a guest can see them: 4,096 direct-mapped entries each, indexed by
 * virtual page number; one read and one write TLB for each data context (U, S with SUM clear, S with SUM set, M) and one
 * fetch TLB for U, S and M; filled by each successful walk for the kind of access that asked; flushed as a whole at the
 * start of a tick, by `sfence.vma`, by a write of `satp` and by a change of MXR, except that `sfence.vma` of an address of the
 * lower half drops that page alone (see `flushPage`). Faults come from a walk, never from a TLB.
 */
import { charge, WALK } from "./charge";
import {
  GENERATION, GUEST, GUEST_BASE, GUEST_SIZE, INPUT_DRIVE, INPUT_SEEN, INPUT_SIZE, LINE_DISTANCE, LINES, LOW_SUPERPAGES, MSTATUS,
  NOTED_LINES, NOTED_LINES_COUNT, PAGE_LINE, PAGE_WRITTEN, SATP, TAGGED_WRITERS, TAGGED_WRITERS_COUNT, TLB_ENTRIES, TLB_END, TLB_FETCH,
  TLB_READ, TLB_SIZE, TLB_WRITE, WRITABLE_END, WRITABLE_FROM, WRITE_GENERATION,
} from "./layout";
import { MACHINE, MSTATUS_MPP, MSTATUS_MPRV, MSTATUS_MXR, MSTATUS_SUM, privilege, SUPERVISOR, USER } from "./registers";
import {
  FETCH_ACCESS, FETCH_PAGE_FAULT, LOAD_ACCESS, LOAD_PAGE_FAULT, raise, STORE_ACCESS, STORE_PAGE_FAULT,
} from "./fault";

export const READ: u32 = 0;
export const WRITE: u32 = 1;
export const FETCH: u32 = 2;

const PAGE_MASK: u64 = ~0xfff;
/**
 * In a tag: the fast paths must not use the entry; in a write TLB because the page has a decode line, where a store has to
 * look, in a fetch TLB because no line is noted. No bit of a plain tag, nor of a misaligned address, which the fast paths keep
 * in what they compare (bits 0..2).
 */
const TAG_SLOW: u64 = 8;

/** Generations are counted in bits 4..11 of tags, from this one on. */
export const FIRST_GENERATION: u64 = 16;
const END_OF_GENERATIONS: u64 = 0x1000;
const GENERATION_MASK: u64 = 0xff0;

const PTE_V: u64 = 1;
const PTE_R: u64 = 2;
const PTE_W: u64 = 4;
const PTE_X: u64 = 8;
const PTE_U: u64 = 16;
const PTE_A: u64 = 64;
const PTE_D: u64 = 128;

/** Empties all TLBs: entries of other generations do not match. Bounded work: one fill every 255 flushes. */
export function flushTlb(): void {
  const next = load<u64>(GENERATION) + FIRST_GENERATION;
  store<u32>(LOW_SUPERPAGES, 0);
  if (next >= END_OF_GENERATIONS) {
    memory.fill(TLB_READ, 0, TLB_END - TLB_READ);
    store<u32>(TAGGED_WRITERS_COUNT, 0);
    store<u32>(NOTED_LINES_COUNT, 0);
    store<u64>(GENERATION, FIRST_GENERATION);
    store<u64>(WRITE_GENERATION, FIRST_GENERATION);
  } else {
    store<u64>(GENERATION, next);
    renewWriters();
  }
}

/**
 * Drops what the TLBs hold of the page of `virtual`. Only 4 KiB pages can be dropped alone, and that there are no others is
 * known of the lower half of virtual memory only: everything is dropped where it is not.
 */
export function flushPage(virtual: u64): void {
  if (virtual >> 38 != 0 || load<u32>(LOW_SUPERPAGES) != 0) {
    flushTlb();
    return;
  }
  for (let entry = TLB_READ + tlbIndex(virtual); entry < TLB_END; entry += TLB_SIZE) {
    const tag = load<u64>(entry);
    if ((tag & PAGE_MASK) != (virtual & PAGE_MASK)) continue;
    // What says whether an entry has been listed stays: of a write TLB the tag's generation, of a fetch TLB the line.
    if (entry >= TLB_WRITE && entry < TLB_FETCH) {
      store<u64>(entry, tag | TAG_SLOW);
      store<u32>(entry, 0, 12);
    } else {
      store<u64>(entry, 0);
    }
  }
}

/**
 * Makes every store look again whether its page has a decode line: tags of another write generation are never used by the
 * fast path, while what `translate` takes for valid is what was filled since the last flush.
 */
export function renewWriters(): void {
  let next = load<u64>(WRITE_GENERATION) + FIRST_GENERATION;
  if (next >= END_OF_GENERATIONS) {
    const end = TAGGED_WRITERS + (<usize>load<u32>(TAGGED_WRITERS_COUNT) << 2);
    for (let at = TAGGED_WRITERS; at < end; at += 4) {
      const entry = load<usize>(at);
      store<u64>(entry, load<u64>(entry) & PAGE_MASK);
    }
    store<u32>(TAGGED_WRITERS_COUNT, 0);
    next = FIRST_GENERATION;
  }
  store<u64>(WRITE_GENERATION, next);
}

/** Privilege that loads and stores have now: MPRV lends machine mode that of MPP. */
@inline
function dataPrivilege(): u32 {
  const mode = privilege();
  const status = load<u64>(MSTATUS);
  return mode == MACHINE && (status & MSTATUS_MPRV) != 0 ? <u32>((status & MSTATUS_MPP) >> 11) : mode;
}

/** Number of the data context: 0 U, 1 S, 2 S with SUM, 3 M. */
export function dataContext(): u32 {
  const mode = dataPrivilege();
  if (mode == MACHINE) return 3;
  if (mode == USER) return 0;
  return (load<u64>(MSTATUS) & MSTATUS_SUM) != 0 ? 2 : 1;
}

/** Number of the fetch context: 0 U, 1 S, 2 M. */
@inline
export function fetchContext(): u32 {
  const mode = privilege();
  return mode == MACHINE ? 2 : mode;
}

@inline
export function tlbIndex(virtual: u64): usize {
  return ((<usize>(<u32>virtual >>> 12)) & (TLB_ENTRIES - 1)) << 4;
}

function raiseAccess(access: u32, virtual: u64): void {
  raise(access == READ ? LOAD_ACCESS : access == WRITE ? STORE_ACCESS : FETCH_ACCESS, virtual);
}

function raisePage(access: u32, virtual: u64): void {
  raise(access == READ ? LOAD_PAGE_FAULT : access == WRITE ? STORE_PAGE_FAULT : FETCH_PAGE_FAULT, virtual);
}

/**
 * Host address of a guest-physical one, or 0 where there is no memory. `size` bytes from there on exist. All that the guest
 * ever reads or writes is found here first, so that here it shows whether that is in the input drive.
 */
export function hostOf(physical: u64, size: u64): usize {
  const offset = physical - GUEST_BASE;
  const end = <u64>load<u32>(GUEST_SIZE);
  if (offset >= end || size > end - offset) return 0;
  const host = GUEST + <usize>offset;
  const drive = <u64>load<u32>(INPUT_DRIVE);
  if (<u64>host < drive + <u64>load<u32>(INPUT_SIZE) && <u64>host + size > drive) store<u32>(INPUT_SEEN, 1);
  return host;
}

/** Whether the guest may write the `size` (at least 1) bytes at `host`. */
export function mayWrite(host: usize, size: usize): bool {
  return host >= load<usize>(WRITABLE_FROM) && host + (size - 1) <= load<usize>(WRITABLE_END) - 1;
}

/** Host address of `size` (at least 1) guest-physical bytes that the guest may write; 0 where it may not, or has no memory. */
export function hostToWrite(physical: u64, size: u64): usize {
  const host = hostOf(physical, size);
  return host != 0 && mayWrite(host, <usize>size) ? host : 0;
}

/**
 * Walks the page table for one access. Returns the host address of the byte at `virtual`, or 0 with the fault raised;
 * `reported` is the address the fault names.
 */
function walk(virtual: u64, access: u32, mode: u32, reported: u64): usize {
  charge(WALK);
  const satp = load<u64>(SATP);
  if (mode == MACHINE || satp >> 60 == 0) {
    const host = access == WRITE ? hostToWrite(virtual, 1) : hostOf(virtual, 1);
    if (host == 0) raiseAccess(access, reported);
    return host;
  }
  if (<u64>((<i64>(virtual << 25)) >> 25) != virtual) {
    raisePage(access, reported);
    return 0;
  }
  const status = load<u64>(MSTATUS);
  let table = (satp & 0xfff_ffffffff) << 12;
  for (let level: i32 = 2; level >= 0; level--) {
    const shift = 12 + 9 * level;
    const host = hostOf(table + (((virtual >> shift) & 0x1ff) << 3), 8);
    if (host == 0) {
      raiseAccess(access, reported);
      return 0;
    }
    const entry = load<u64>(host);
    // Reserved bits 54..63 (no Svpbmt, no Svnapot) and the combination W without R.
    if ((entry & PTE_V) == 0 || (entry & (PTE_R | PTE_W)) == PTE_W || entry >> 54 != 0) break;
    if ((entry & (PTE_R | PTE_X)) == 0) {
      // A pointer to the next level: A, D and U are reserved in it.
      if ((entry & (PTE_A | PTE_D | PTE_U)) != 0) break;
      table = ((entry >> 10) & 0xfff_ffffffff) << 12;
      continue;
    }
    if (!permitted(entry, access, mode, status)) break;
    const within: u64 = (<u64>1 << shift) - 1;
    const base = ((entry >> 10) & 0xfff_ffffffff) << 12;
    if ((base & within) != 0) break;
    const physical = (base & ~within) | (virtual & within);
    const found = access == WRITE ? hostToWrite(physical, 1) : hostOf(physical, 1);
    const marked = entry | PTE_A | (access == WRITE ? PTE_D : 0);
    if (found == 0 || (marked != entry && !mayWrite(host, 8))) {
      raiseAccess(access, reported);
      return 0;
    }
    if (level != 0 && virtual >> 38 == 0) store<u32>(LOW_SUPERPAGES, 1);
    if (marked != entry) storeEntry(host, marked);
    return found;
  }
  raisePage(access, reported);
  return 0;
}

function permitted(entry: u64, access: u32, mode: u32, status: u64): bool {
  if ((entry & PTE_U) != 0) {
    if (mode == SUPERVISOR && (access == FETCH || (status & MSTATUS_SUM) == 0)) return false;
  } else if (mode == USER) {
    return false;
  }
  if (access == FETCH) return (entry & PTE_X) != 0;
  if (access == WRITE) return (entry & PTE_W) != 0;
  return (entry & PTE_R) != 0 || ((status & MSTATUS_MXR) != 0 && (entry & PTE_X) != 0);
}

/** Sets A and D; an entry can lie on a page of code too, whose records must not go stale. */
function storeEntry(host: usize, entry: u64): void {
  store<u64>(host, entry);
  forgetRecords(host, 8);
}

/** Host address for an access at `virtual` that stays on its page, through the TLB; 0 with the fault raised. */
export function translate(virtual: u64, access: u32, reported: u64): usize {
  if (access == WRITE) return translateWrite(virtual, reported);
  const tlb = access == READ ? TLB_READ + <usize>dataContext() * TLB_SIZE : TLB_FETCH + <usize>fetchContext() * TLB_SIZE;
  const entry = tlb + tlbIndex(virtual);
  const tag = (virtual & PAGE_MASK) | load<u64>(GENERATION);
  if ((load<u64>(entry) & ~TAG_SLOW) == tag) return load<usize>(entry, 8) + <usize>(<u32>virtual);

  const host = walk(virtual, access, access == FETCH ? privilege() : dataPrivilege(), reported);
  if (host == 0) return 0;
  store<u64>(entry, access == FETCH ? tag | TAG_SLOW : tag);
  store<usize>(entry, host - <usize>(<u32>virtual), 8);
  return host;
}

function translateWrite(virtual: u64, reported: u64): usize {
  const entry = TLB_WRITE + <usize>dataContext() * TLB_SIZE + tlbIndex(virtual);
  const page = virtual & PAGE_MASK;
  const generation = <u32>load<u64>(GENERATION);
  let host: usize;
  if ((load<u64>(entry) & PAGE_MASK) == page && load<u32>(entry, 12) == generation) {
    host = load<usize>(entry, 8) + <usize>(<u32>virtual);
  } else {
    host = walk(virtual, WRITE, dataPrivilege(), reported);
    if (host == 0) return 0;
    store<usize>(entry, host - <usize>(<u32>virtual), 8);
    store<u32>(entry, generation, 12);
  }
  if ((load<u64>(entry) & GENERATION_MASK) == 0) list(TAGGED_WRITERS, TAGGED_WRITERS_COUNT, entry);
  const line = PAGE_LINE + (((host - GUEST) >> 12) << 1);
  const flags = <u32>load<u16>(line);
  store<u16>(line, <u16>(flags | PAGE_WRITTEN));
  store<u64>(entry, page | load<u64>(WRITE_GENERATION) | ((flags & ~PAGE_WRITTEN) != 0 ? TAG_SLOW : 0));
  return host;
}

/** The fetch TLB's entry for `pc`, which holds its page. */
@inline
function fetchEntry(pc: u64): usize {
  return TLB_FETCH + <usize>fetchContext() * TLB_SIZE + tlbIndex(pc);
}

/** The decode line noted with the page of `pc`; 0 where there is none. */
export function notedLine(pc: u64): usize {
  const entry = fetchEntry(pc);
  return load<u64>(entry) == ((pc & PAGE_MASK) | load<u64>(GENERATION)) ? load<usize>(entry, 12) : 0;
}

/** Host address of the instruction at `pc`, whose page the fetch TLB holds: it lets it go with a fetch from another only. */
@inline
export function hostOfCode(pc: u64): usize {
  return load<usize>(fetchEntry(pc), 8) + <usize>(<u32>pc);
}

/** Adds the entry to a list of entries to be undone. */
@inline
function list(entries: usize, count: usize, entry: usize): void {
  const listed = load<u32>(count);
  store<usize>(entries + (<usize>listed << 2), entry);
  store<u32>(count, listed + 1);
}

/** Notes the line of the page of `pc`, which has just been translated for a fetch. */
export function noteLine(pc: u64, line: usize): void {
  const entry = fetchEntry(pc);
  if (load<usize>(entry, 12) == 0) list(NOTED_LINES, NOTED_LINES_COUNT, entry);
  store<u64>(entry, load<u64>(entry) & ~TAG_SLOW);
  store<usize>(entry, line, 12);
}

/** Forgets all noted lines, and nothing else of the fetch TLBs. */
export function forgetNotedLines(): void {
  const end = NOTED_LINES + (<usize>load<u32>(NOTED_LINES_COUNT) << 2);
  for (let at = NOTED_LINES; at < end; at += 4) {
    const entry = load<usize>(at);
    store<u64>(entry, load<u64>(entry) | TAG_SLOW);
    store<usize>(entry, 0, 12);
  }
  store<u32>(NOTED_LINES_COUNT, 0);
}

/**
 * Drops the decoded records that `size` (at least 1) bytes stored at `host` may have changed: those that begin in them, and up to
 * three halfwords before, as the first of a pair of 32-bit instructions does.
 */
export function forgetRecords(host: usize, size: usize): void {
  // Offsets from GUEST, since memory may end where addresses do.
  const end = host - GUEST + size;
  let at = (max(host - 6, GUEST) & ~1) - GUEST;
  while (at < end) {
    const stop = min(end, (at & ~0xfff) + 0x1000);
    const line = <u32>load<u16>(PAGE_LINE + ((at >> 12) << 1)) & ~PAGE_WRITTEN;
    if (line != 0) memory.fill(lineAddress(line) + ((at & 0xfff) << 2), 0, ((stop + 1 - at) >> 1) << 3);
    at = stop;
  }
}

/** Address of the line with number `line` (counted from 1). */
@inline
export function lineAddress(line: u32): usize {
  return LINES + (<usize>(line - 1)) * LINE_DISTANCE;
}
