// One dynamic Huffman block (RFC 1951, 3.2.7): plans its codes and knows its size before it is written.
import { outputAt, pending, pendingCount, setOutput, writeBits } from "./bits";
import { clear, fuel, pay } from "./fuel";
import { buildCodes, buildLengths } from "./huffman";
import {
  BLOCK_FREQUENCIES,
  CLEN_CODES,
  CLEN_FREQUENCIES,
  CLEN_LENGTHS,
  DISTANCE_CODES,
  DISTANCE_LENGTHS,
  DISTANCES,
  LITERAL_CODES,
  LITERAL_LENGTHS,
  MATCH_CODES,
  MATCH_SYMBOLS,
  RUNS,
  TOKENS,
} from "./layout";
import { distanceSymbol, MATCH } from "./lz77";

const END_OF_BLOCK: u32 = 256;
const LITERALS: u32 = 286;
const DISTANCE_SYMBOLS: u32 = 30;

/** The order in which lengths of the code length code are sent. */
const CLEN_ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Size of the planned block. */
export let blockBits: u64 = 0;

let literalCount: u32 = 0;
let distanceCount: u32 = 0;
let clenCount: u32 = 0;
let runCount: u32 = 0;

/** Builds all codes for the frequencies at BLOCK_FREQUENCIES, adding one end of block. */
export function planBlock(): void {
  store<u32>(BLOCK_FREQUENCIES + END_OF_BLOCK * 4, 1);
  buildLengths(BLOCK_FREQUENCIES, LITERALS, 15, LITERAL_LENGTHS);
  buildLengths(BLOCK_FREQUENCIES + DISTANCES, DISTANCE_SYMBOLS, 15, DISTANCE_LENGTHS);
  buildCodes(LITERAL_LENGTHS, LITERALS, LITERAL_CODES);
  buildCodes(DISTANCE_LENGTHS, DISTANCE_SYMBOLS, DISTANCE_CODES);
  literalCount = usedCount(LITERAL_LENGTHS, LITERALS);
  distanceCount = usedCount(DISTANCE_LENGTHS, DISTANCE_SYMBOLS);

  clear(CLEN_FREQUENCIES, 19 * 4);
  runCount = 0;
  findRuns();
  buildLengths(CLEN_FREQUENCIES, 19, 7, CLEN_LENGTHS);
  buildCodes(CLEN_LENGTHS, 19, CLEN_CODES);
  clenCount = 19;
  while (clenCount > 4 && load<u8>(CLEN_LENGTHS + load<u8>(<u32>CLEN_ORDER + clenCount - 1)) == 0) {
    pay(40);
    clenCount--;
  }

  for (let i: u32 = 0; i < 256; i++) {
    pay(60);
    const symbol = load<u32>(i << 2, MATCH_SYMBOLS);
    const code = load<u32>((symbol & 0xffff) << 2, LITERAL_CODES);
    const bits = (code & 0xffff) | (((symbol >> 16) & 0xff) << (code >> 16));
    store<u32>(i << 2, bits | (((code >> 16) + (symbol >> 24)) << 24), MATCH_CODES);
  }
  blockBits = sizeInBits();
}

function usedCount(lengths: u32, symbols: u32): u32 {
  while (load<u8>(lengths + symbols - 1) == 0) {
    pay(30);
    symbols--;
  }
  return symbols;
}

/** Length of the i-th symbol in the sequence of both codes, 255 beyond its end. */
function lengthAt(i: u32): u32 {
  if (i < literalCount) return load<u8>(LITERAL_LENGTHS + i);
  return i < literalCount + distanceCount ? <u32>load<u8>(DISTANCE_LENGTHS + i - literalCount) : 255;
}

/** Run-length codes the lengths of both codes into RUNS and counts the symbols. */
function findRuns(): void {
  const total = literalCount + distanceCount;
  for (let i: u32 = 0; i < total; ) {
    pay(100);
    const length = lengthAt(i);
    let run: u32 = 1;
    while (lengthAt(i + run) == length) {
      pay(50);
      run++;
    }
    i += run;
    if (length != 0) {
      putRun(length, 0);
      run--;
    }
    while (run >= 3) {
      pay(120);
      const most: u32 = length != 0 ? 6 : 138;
      const part = min(run, most);
      if (length != 0) putRun(16, part - 3);
      else if (part <= 10) putRun(17, part - 3);
      else putRun(18, part - 11);
      run -= part;
    }
    for (; run > 0; run--) {
      pay(60);
      putRun(length, 0);
    }
  }
}

function putRun(symbol: u32, extra: u32): void {
  store<u16>(RUNS + (runCount << 1), symbol | (extra << 8));
  runCount++;
  const at = CLEN_FREQUENCIES + (symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}

// @ts-ignore: decorator
@inline
function runExtraBits(symbol: u32): u32 {
  return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}

function sizeInBits(): u64 {
  let bits: u64 = 17 + 3 * clenCount;
  for (let symbol: u32 = 0; symbol < 19; symbol++) {
    pay(60);
    bits += load<u32>(CLEN_FREQUENCIES + (symbol << 2)) * (load<u8>(CLEN_LENGTHS + symbol) + runExtraBits(symbol));
  }
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) {
    pay(70);
    const extra: u32 = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) >> 2;
    bits += <u64>load<u32>(BLOCK_FREQUENCIES + (symbol << 2)) * (load<u8>(LITERAL_LENGTHS + symbol) + extra);
  }
  for (let symbol: u32 = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    pay(70);
    const extra: u32 = symbol < 4 ? 0 : (symbol - 2) >> 1;
    bits += <u64>load<u32>(BLOCK_FREQUENCIES + DISTANCES + (symbol << 2)) * (load<u8>(DISTANCE_LENGTHS + symbol) + extra);
  }
  return bits;
}

/** Everything that comes before the block's tokens. */
export function writeBlockHeader(last: bool): void {
  writeBits(u64(last) | 4, 3);
  writeBits(literalCount - 257, 5);
  writeBits(distanceCount - 1, 5);
  writeBits(clenCount - 4, 4);
  for (let i: u32 = 0; i < clenCount; i++) {
    pay(60);
    writeBits(load<u8>(CLEN_LENGTHS + load<u8>(<u32>CLEN_ORDER + i)), 3);
  }
  for (let i: u32 = 0; i < runCount; i++) {
    pay(120);
    const run: u32 = load<u16>(RUNS + (i << 1));
    const code = load<u32>(CLEN_CODES + ((run & 0xff) << 2));
    writeBits(code & 0xffff, code >> 16);
    writeBits(run >> 8, runExtraBits(run & 0xff));
  }
}

/** Writes tokens from number `from` on while there is fuel, after the last one the end of the block; returns the next. */
export function emitTokens(from: u32, to: u32): u32 {
  let out = outputAt;
  let bits = pending;
  let count = pendingCount;
  while (from < to && fuel > 0) {
    pay(160);
    const token = load<u32>(from << 2, TOKENS);
    from++;
    if (token < MATCH) {
      const code = load<u32>(token << 2, LITERAL_CODES);
      bits |= <u64>(code & 0xffff) << count;
      count += code >> 16;
    } else {
      const length = load<u32>((((token >> 16) & 0x1ff) - 3) << 2, MATCH_CODES);
      bits |= <u64>(length & 0xff_ffff) << count;
      count += length >> 24;
      const distance = token & 0xffff;
      const symbol = distanceSymbol(distance);
      const code = load<u32>(symbol << 2, DISTANCE_CODES);
      bits |= <u64>(code & 0xffff) << count;
      count += code >> 16;
      if (symbol >= 4) {
        const extra = (symbol - 2) >> 1;
        bits |= <u64>((distance - 1) & ((1 << extra) - 1)) << count;
        count += extra;
      }
    }
    store<u64>(out, bits);
    out += count >> 3;
    bits >>= count & 0x38;
    count &= 7;
  }
  setOutput(out, bits, count);
  if (from == to) {
    const code = load<u32>(LITERAL_CODES + END_OF_BLOCK * 4);
    writeBits(code & 0xffff, code >> 16);
  }
  return from;
}
