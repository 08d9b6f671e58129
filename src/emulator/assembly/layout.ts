/**
 * Where everything lies in linear memory. The state between ticks is guest architecture only; the caches named here are
 * all zero between ticks. Addresses are bytes; every field is little-endian. Normative, with README.md beside this folder.
 */

// --- 0x0000: result record (machine README) -------------------------------------------------------------------------
export const RESULT: usize = 0;

// --- 0x1000: architectural state ------------------------------------------------------------------------------------
/** x0..x31, u64 each, then a slot that takes writes to x0. */
export const X: usize = 0x1000;
/** The register number that stands for "x0 as a destination". */
export const X_SINK: u32 = 32;
/** f0..f31, u64 each, NaN-boxed. */
export const F: usize = 0x1200;

export const PC: usize = 0x1300;
export const PRIVILEGE: usize = 0x1308;
/** Instructions retired since the start. */
export const RETIRED: usize = 0x1310;
/** `time = RETIRED / TIME_DIVIDER + TIME_OFFSET`; `wfi` moves the offset. */
export const TIME_OFFSET: usize = 0x1318;
/** The supervisor timer is pending while `time >= TIME_COMPARE`; all ones: no deadline. */
export const TIME_COMPARE: usize = 0x1320;
/** Physical address of the LR reservation, and its size in bytes (0: none). */
export const RESERVATION: usize = 0x1328;
export const RESERVATION_SIZE: usize = 0x1330;
export const FCSR: usize = 0x1338;
export const MSTATUS: usize = 0x1340;
export const MIE: usize = 0x1348;
/** Software-writable bits of mip; the timer's bit is computed where firmware is built in. */
export const MIP: usize = 0x1350;
export const MEDELEG: usize = 0x1358;
export const MIDELEG: usize = 0x1360;
export const MTVEC: usize = 0x1368;
export const MEPC: usize = 0x1370;
export const MCAUSE: usize = 0x1378;
export const MTVAL: usize = 0x1380;
export const MSCRATCH: usize = 0x1388;
export const MCOUNTEREN: usize = 0x1390;
export const STVEC: usize = 0x1398;
export const SEPC: usize = 0x13a0;
export const SCAUSE: usize = 0x13a8;
export const STVAL: usize = 0x13b0;
export const SSCRATCH: usize = 0x13b8;
export const SCOUNTEREN: usize = 0x13c0;
export const SATP: usize = 0x13c8;
/** Added to RETIRED by reads of minstret and mcycle: what machine mode wrote there. */
export const INSTRET_OFFSET: usize = 0x13d0;
export const CYCLE_OFFSET: usize = 0x13d8;
export const MENVCFG: usize = 0x13e0;
export const SENVCFG: usize = 0x13e8;
/** Why the guest stopped: 0 it has not, else a value of `stop.ts`. */
export const STOP: usize = 0x13f0;
/** The value that goes with it. */
export const STOP_VALUE: usize = 0x13f8;
/** Bytes written to the console since the start; byte i is at CONSOLE + i mod CONSOLE_SIZE. */
export const CONSOLE_COUNT: usize = 0x1400;
/** Phase of the run: `result.ts`. u32. */
export const PHASE: usize = 0x1408;
/** Ticks begun. u64. */
export const TICKS: usize = 0x1410;
/** The exit code that the result record will have. u32. */
export const EXIT_CODE: usize = 0x1418;
/** Hash of the record of outputs or of the artifact as far as it has come: eight words, then bytes hashed and the artifact's size (u32 each). */
export const DIGEST: usize = 0x1420;
export const HASHED: usize = 0x1440;
export const ARTIFACT_SIZE: usize = 0x1444;
/**
 * Console input: how many bytes there are from CONSOLE_INPUT on, and how many of them the guest has read. u32 each. All of it
 * is zero in claimable runs; only an interactive host, between ticks, puts bytes there.
 */
export const CONSOLE_INPUT_COUNT: usize = 0x1448;
export const CONSOLE_INPUT_READ: usize = 0x144c;
/** 1 once the guest has got at a page of the input drive: until then the state does not depend on the drive. u32. */
export const INPUT_SEEN: usize = 0x1450;
/** Size of the record of outputs, and 1 where there is an artifact. u32 each. */
export const RECORD_SIZE: usize = 0x1454;
export const HAS_ARTIFACT: usize = 0x1458;
export const CONSOLE_INPUT: usize = 0x1500;
export const CONSOLE_INPUT_SIZE: u32 = 0x100;

// --- 0x1800: parameters, written before the start, never by the program ---------------------------------------------
/** Bytes of guest-physical memory from GUEST_BASE on: RAM and drives. u32. */
export const GUEST_SIZE: usize = 0x1800;
/** Events in a tick. u32. */
export const EVENTS_PER_TICK: usize = 0x1804;
/** Retired instructions per unit of `time`. u32, not 0. */
export const TIME_DIVIDER: usize = 0x1808;
/** 1: environment calls from S mode are served by the emulator (SBI); 0: they trap to machine mode. u32. */
export const FIRMWARE: usize = 0x180c;
/** Guest-physical address of `tohost`, or 0. A store there of an odd value ends the run (riscv-tests). u64. */
export const TOHOST: usize = 0x1810;
/** Linear addresses of the input and the output drive (0: there is none), and the output drive's size. u32 each. */
export const INPUT_DRIVE: usize = 0x1818;
export const OUTPUT_DRIVE: usize = 0x181c;
export const OUTPUT_SIZE: usize = 0x1820;
/** The input drive's size. u32. */
export const INPUT_SIZE: usize = 0x1824;
/**
 * Linear addresses of the first byte that the guest may write and of the byte behind the last, whole pages; an end of 0 is 2^32. u32
 * each. Both 0: all guest memory may be written.
 */
export const WRITABLE_FROM: usize = 0x1828;
export const WRITABLE_END: usize = 0x182c;

// --- scratch of one tick: zero between ticks ------------------------------------------------------------------------
export const SCRATCH: usize = 0x1c00;
export const SCRATCH_SIZE: usize = 0x300;
/** The exception raised by the instruction at hand: cause + 1 (0: none) and its value. */
export const FAULT_CAUSE: usize = 0x1c00;
export const FAULT_VALUE: usize = 0x1c08;
/** Number of decode lines in use. */
export const LINES_USED: usize = 0x1c10;
/** Weights charged since the outer loop looked, and how much of them the inner loop has taken off its budget. u32 each. */
export const CHARGE: usize = 0x1c14;
export const SETTLED: usize = 0x1c18;
/** 1: since the last flush a superpage of the lower half of virtual memory got into a TLB. u32. */
export const LOW_SUPERPAGES: usize = 0x1c1c;
/** Generation of the TLBs, in bits 4..11: part of the tags of the read and fetch TLBs. u64. */
export const GENERATION: usize = 0x1c20;
/** The same for the tags of the write TLBs, which also have to be looked at anew when a written page gets a line. u64. */
export const WRITE_GENERATION: usize = 0x1c28;
/** How many addresses TAGGED_WRITERS and NOTED_LINES hold. u32 each. */
export const TAGGED_WRITERS_COUNT: usize = 0x1c30;
export const NOTED_LINES_COUNT: usize = 0x1c34;
/** Instructions executed without a line since all lines are in use. u32. */
export const WITHOUT_LINE: usize = 0x1c38;
/** Where the inner loop is: record, line, its page's address (u64), instructions it may retire yet, TLBs that it uses. */
export const AT: usize = 0x1ca0;
export const LINE: usize = 0x1ca4;
export const PAGE: usize = 0x1ca8;
export const LEFT: usize = 0x1cb0;
export const DATA_TLB: usize = 0x1cb4;
export const CODE_TLB: usize = 0x1cb8;
/** Message schedule of one sha256 block: 64 words. */
export const SCHEDULE: usize = 0x1d00;
/** The last one or two blocks of what is hashed, padded. */
export const LAST_BLOCKS: usize = 0x1e00;
/** Unpacked floating-point operands: three of 32 bytes (`float.ts`). */
export const OPERANDS: usize = 0x1c40;

// --- TLB ------------------------------------------------------------------------------------------------------------
/**
 * Entries of one TLB: 16 bytes, tag u64, at 8 host address minus the low half of the virtual one (u32), at 12 (u32) of a write
 * TLB the GENERATION it was filled in, of a fetch TLB the page's decode line.
 */
export const TLB_ENTRIES: u32 = 4096;
export const TLB_SIZE: usize = 4096 * 16;
/** Read TLBs of the four data contexts, then their write TLBs, then the fetch TLBs of U, S and M. */
export const TLB_READ: usize = 0x10000;
export const TLB_WRITE: usize = TLB_READ + 4 * TLB_SIZE;
export const TLB_FETCH: usize = TLB_WRITE + 4 * TLB_SIZE;
export const TLB_END: usize = TLB_FETCH + 3 * TLB_SIZE;

// --- records that are not kept ---------------------------------------------------------------------------------------
/** Record of an instruction that lies on two pages, or whose page has no line. As far as a branch reaches, 16 KiB on both sides, there are zeros. */
export const UNKEPT_RECORD: usize = 0xc8000;

// --- entries that have to be undone ----------------------------------------------------------------------------------
/** Addresses, u32 each, of the write TLBs' entries whose tags have a generation: each at most once. */
export const TAGGED_WRITERS: usize = 0xd0000;
/** The same of the fetch TLBs' entries that have a line noted. */
export const NOTED_LINES: usize = 0xe0000;
export const NOTED_LINES_END: usize = NOTED_LINES + 3 * 4096 * 4;

/** Where the inner loop is when it is at no record: always zero. */
export const ELSEWHERE: usize = 0xf0000;

// --- console --------------------------------------------------------------------------------------------------------
export const CONSOLE: usize = 0x100000;
export const CONSOLE_SIZE: usize = 0x100000;

// --- decode cache: zero between ticks -------------------------------------------------------------------------------
/**
 * For each guest page: number of its decode line + 1, u16; bit 15: the page is in a write TLB. There is room for all pages up to
 * 4 GiB of linear memory.
 */
export const PAGE_LINE: usize = 0x200000;
export const PAGE_WRITTEN: u32 = 0x8000;
/** Guest pages that used lines belong to, u32 each. */
export const LINE_PAGE: usize = 0x3fc000;
/** A line holds an 8-byte record for each halfword of a page; between lines lie 64 bytes of zeros. */
export const LINES: usize = 0x400000;
export const LINE_SIZE: usize = 16384;
export const LINE_DISTANCE: usize = 16384 + 64;
export const LINE_COUNT: u32 = 1024;

// --- guest-physical memory ------------------------------------------------------------------------------------------
/** Linear address of guest-physical GUEST_BASE. Memory can reach up to 2^32, where the end is no address of 32 bits. */
export const GUEST: usize = 0x2000000;
export const GUEST_BASE: u64 = 0x80000000;
