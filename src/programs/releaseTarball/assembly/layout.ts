// Where everything stands in linear memory. There is no allocator: every buffer has a fixed address and size.
// src/programs/releaseTarball/manifest.ts states the drives to everyone else.

export const INPUT: u32 = 0x0400_0000;
export const INPUT_SIZE: u32 = 0x0400_0000;
export const OUTPUT: u32 = 0x0800_0000;
export const OUTPUT_END: u32 = 0x0c00_0000;

/** The compiler's own static data (--memoryBase) may use the first 64 KiB from here. */
const DATA: u32 = 0x0c00_0000;

/** The tar stream: the bytes still needed as history and those ahead. Over-reads of a match go at most 280 bytes beyond. */
export const WINDOW: u32 = DATA + 0x1_0000;
export const WINDOW_SIZE: u32 = 0x8_0000;

/** Positions by hash of 4 bytes (2^16 u32), by hash of 3 bytes (2^15 u32), and distances to the previous of a chain (2^15 u16). */
export const HEAD4: u32 = WINDOW + WINDOW_SIZE + 0x1000;
export const HEAD3: u32 = HEAD4 + 0x4_0000;
export const PREVIOUS: u32 = HEAD3 + 0x2_0000;

/** Tokens (u32) of the block under construction. */
export const TOKENS: u32 = PREVIOUS + 0x1_0000;
export const MAX_TOKENS: u32 = 0x1_0000;

/** 16 KiB that stay zero. */
export const ZEROS: u32 = TOKENS + MAX_TOKENS * 4;
export const ZEROS_SIZE: u32 = 0x4000;

/** Tar headers in front of one entry: at most 512 + 8704 + 512 bytes. */
export const HEADER: u32 = ZEROS + ZEROS_SIZE;
/** The full path of the current entry: archive name, `/`, path. */
export const NAME: u32 = HEADER + 0x4000;

/** Eight tables of 256 u32. */
export const CRC: u32 = NAME + 0x2000;

/** Frequencies (u32): 286 literal/length symbols, from +0x500 on 30 distances. */
export const BLOCK_FREQUENCIES: u32 = CRC + 0x2000;
export const CHUNK_FREQUENCIES: u32 = BLOCK_FREQUENCIES + 0x1000;
export const DISTANCES: u32 = 0x500;

/** Code lengths (u8) of 286 + 30 symbols, contiguous as the block header needs them, are collected at LENGTHS. */
export const LITERAL_LENGTHS: u32 = CHUNK_FREQUENCIES + 0x1000;
export const DISTANCE_LENGTHS: u32 = LITERAL_LENGTHS + 0x200;
export const CLEN_FREQUENCIES: u32 = LITERAL_LENGTHS + 0x400;
export const CLEN_LENGTHS: u32 = LITERAL_LENGTHS + 0x600;
/** The run-length coded lengths: u16 each, symbol | extra bits << 8. */
export const RUNS: u32 = LITERAL_LENGTHS + 0x800;

/** Codes (u32): bits | count of bits << 16, already reversed. */
export const LITERAL_CODES: u32 = LITERAL_LENGTHS + 0x1000;
export const DISTANCE_CODES: u32 = LITERAL_CODES + 0x800;
export const CLEN_CODES: u32 = LITERAL_CODES + 0xa00;
/** By match length - 3 (u32): bits of code and extra bits together | count of bits << 24. */
export const MATCH_CODES: u32 = LITERAL_CODES + 0x1000;
/** By match length - 3 (u32): symbol | extra bits << 16 | count of extra bits << 24. */
export const MATCH_SYMBOLS: u32 = MATCH_CODES + 0x400;

/** Scratch of the code builder. */
export const SORT_A: u32 = MATCH_SYMBOLS + 0x400;
export const SORT_B: u32 = SORT_A + 0x800;
export const WEIGHTS: u32 = SORT_B + 0x800;
export const PARENTS: u32 = WEIGHTS + 0x1000;
export const COUNTS: u32 = PARENTS + 0x1000;
export const NEXT_CODES: u32 = COUNTS + 0x100;

/** Message schedule of sha256: 64 u32. Its state: 8 u32. */
export const SCHEDULE: u32 = NEXT_CODES + 0x100;
export const DIGEST: u32 = SCHEDULE + 0x100;
/** The padded last blocks of the message. */
export const LAST_BLOCKS: u32 = DIGEST + 0x100;

export const RECORD: u32 = 0;
