// The gzip file (RFC 1952): cuts the tokens into blocks where the statistics change, writes each as a dynamic Huffman block,
// or as it is where that is shorter (RFC 1951).
import { alignBits, outputAt, skipOutput, startOutput, writeBits } from "./bits";
import { blockBits, emitTokens, planBlock, writeBlockHeader } from "./block";
import { crcValue } from "./crc32";
import { splitPays } from "./entropy";
import { clear, copy, fuel, pay } from "./fuel";
import { BLOCK_FREQUENCIES, MAX_TOKENS, OUTPUT_END } from "./layout";
import {
  addressOf,
  advanceTokens,
  allTokenized,
  keepTokensFrom,
  MAX_STREAM,
  mergeFrequencies,
  startTokens,
  streamSize,
  tokenCount,
  tokenizedPosition,
} from "./lz77";

/** The statistics of this many tokens decide whether a block ends before them. */
const CHUNK: u32 = 4096;
const MAX_STORED: u32 = 65535;

export let deflating: bool = true;
export let outputFull: bool = false;

/** Tokens of the block, its first and its end position; those behind it belong to the chunk. */
let blockTokens: u32 = 0;
let blockStart: u32 = 0;
let blockEnd: u32 = 0;

/** True while a block is being written; `emitted` of its tokens are. */
let emitting: bool = false;
let emitted: u32 = 0;
let isFinal: bool = false;

export function startGzip(): void {
  startOutput();
  // Magic, deflate, no flags; no time, no extra flags, unknown operating system.
  store<u64>(outputAt, 0x0008_8b1f);
  store<u16>(outputAt, 0xff00, 8);
  skipOutput(10);
  startTokens();
  blockStart = tokenizedPosition();
  blockEnd = blockStart;
}

/** Writes the trailer; returns the end of the file. */
export function finishGzip(): u32 {
  alignBits();
  store<u32>(outputAt, crcValue(), 0);
  store<u32>(outputAt, streamSize, 4);
  return outputAt + 8;
}

/** Goes on while there is fuel; clears `deflating` after the last block. */
export function advanceDeflate(): void {
  while (fuel > 0 && deflating && !outputFull && streamSize <= MAX_STREAM) {
    pay(1200);
    if (emitting) {
      emitted = emitTokens(emitted, blockTokens);
      if (emitted == blockTokens) endBlock();
    } else {
      advanceTokens(blockTokens + CHUNK);
      if (tokenCount == blockTokens + CHUNK || allTokenized()) endChunk();
    }
  }
}

/** The chunk joins the block, or the block ends before it. */
function endChunk(): void {
  const size = tokenCount - blockTokens;
  if (blockTokens != 0 && size != 0 && (tokenCount + CHUNK > MAX_TOKENS || splitPays())) {
    beginBlock(false);
    return;
  }
  mergeFrequencies();
  blockTokens = tokenCount;
  blockEnd = tokenizedPosition();
  if (allTokenized()) beginBlock(true);
}

function beginBlock(last: bool): void {
  isFinal = last;
  planBlock();
  const size = blockEnd - blockStart;
  const from = addressOf(blockStart);
  // Per piece: three bits, up to seven to fill the byte, two sizes of 16 bits.
  const storedBits = (<u64>size << 3) + 42 * <u64>(size / MAX_STORED + 1);
  const isStored = from != 0 && storedBits < blockBits;
  const bits = isStored ? storedBits : blockBits;
  if (<u64>outputAt + (bits >> 3) + 64 > <u64>OUTPUT_END) {
    outputFull = true;
    return;
  }
  emitting = true;
  emitted = 0;
  if (isStored) {
    writeStored(from, size);
    emitted = blockTokens;
  } else {
    writeBlockHeader(last);
  }
  if (emitted == blockTokens) endBlock();
}

function writeStored(from: u32, size: u32): void {
  while (size > 0) {
    pay(200);
    const part = min(size, MAX_STORED);
    writeBits(u64(isFinal && part == size), 3);
    alignBits();
    store<u16>(outputAt, part, 0);
    store<u16>(outputAt, ~part, 2);
    copy(outputAt + 4, from, part);
    skipOutput(part + 4);
    from += part;
    size -= part;
  }
}

/** The chunk behind the block becomes the next block. */
function endBlock(): void {
  emitting = false;
  deflating = !isFinal;
  keepTokensFrom(blockTokens);
  clear(BLOCK_FREQUENCIES, 0x1000);
  mergeFrequencies();
  blockTokens = tokenCount;
  blockStart = blockEnd;
  blockEnd = tokenizedPosition();
}
