// Where blocks end: a block ends before a chunk of tokens when two codes, each fit to its part, save more than a second
// header costs. Code lengths are estimated by entropy.
import { pay } from "./fuel";
import { BLOCK_FREQUENCIES, CHUNK_FREQUENCIES, DISTANCES } from "./layout";

/** What a further block costs, in 1/256 bits. */
const HEADER_COST: u64 = 500 << 8;

/** True when the block should end before the chunk. */
export function splitPays(): bool {
  const apart = gain(0, 286) + gain(DISTANCES, 30);
  return apart > HEADER_COST;
}

/** By how much coding block and chunk with one code is longer than with one each. */
function gain(from: u32, symbols: u32): u64 {
  let joint: u64 = 0;
  let apart: u64 = 0;
  let blockTotal: u32 = 0;
  let chunkTotal: u32 = 0;
  for (let offset = from; offset < from + symbols * 4; offset += 4) {
    pay(160);
    const inBlock = load<u32>(offset, BLOCK_FREQUENCIES);
    const inChunk = load<u32>(offset, CHUNK_FREQUENCIES);
    blockTotal += inBlock;
    chunkTotal += inChunk;
    joint += timesLog(inBlock + inChunk);
    apart += timesLog(inBlock) + timesLog(inChunk);
  }
  joint = timesLog(blockTotal + chunkTotal) - joint;
  apart = timesLog(blockTotal) + timesLog(chunkTotal) - apart;
  return joint > apart ? joint - apart : 0;
}

/** n * log2(n) in 1/256 bits, for n < 2^20; the logarithm's error is below 1/100. */
function timesLog(n: u32): u64 {
  if (n == 0) return 0;
  const log = 31 - clz(n);
  const fraction = ((n << (31 - log)) >> 23) & 0xff;
  // log2(1 + x) = x + 0.34 x (1 - x), nearly.
  return <u64>n * ((log << 8) + fraction + ((fraction * (256 - fraction) * 88) >> 16));
}
