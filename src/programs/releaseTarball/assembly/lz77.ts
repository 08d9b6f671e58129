// Turns the tar stream into tokens: literals and matches (RFC 1951), found through hash chains, each match deferred by one
// byte as long as the next position promises more.
import { updateCrc } from "./crc32";
import { copy, fuel, pay } from "./fuel";
import {
  BLOCK_FREQUENCIES,
  CHUNK_FREQUENCIES,
  DISTANCES,
  HEAD3,
  HEAD4,
  MATCH_SYMBOLS,
  PREVIOUS,
  TOKENS,
  WINDOW,
  WINDOW_SIZE,
} from "./layout";
import { readTar, tarEnded } from "./tar";

// Effort. A match of NICE bytes is taken at once; MAX_CHAIN candidates are looked at, a quarter of them when a match of
// GOOD bytes waits; matches of three bytes pay only when near.
const NICE: u32 = 160;
const GOOD: u32 = 16;
const MAX_CHAIN: u32 = 96;
const NEAR: u32 = 4096;

const MAX_MATCH: u32 = 258;
const MAX_DISTANCE: u32 = 32767;
/** 512 MiB. Deep directories make a large stream of a small drive; work without end in sight is refused. */
export const MAX_STREAM: u32 = 0x2000_0000;
/** Bytes read at a time. */
const FILL: u32 = 0x2000;
/** History that survives when the window is moved: enough to store a block of literals as it is. */
const KEEP: u32 = 0x2_0000;

/** A token: a literal byte, or MATCH | length << 16 | distance. */
export const MATCH: u32 = 0x8000_0000;

/** Positions are numbers in the stream, from 65536 on so that a position of 0 is too far away to match. */
const FIRST: u32 = 0x1_0000;

export let tokenCount: u32 = 0;
/** Bytes of the stream so far, at most MAX_STREAM + FILL: positions never wrap. */
export let streamSize: u32 = 0;

let inputEnded: bool = false;
let at: u32 = 0;
let windowEnd: u32 = 0;
/** Position minus address. */
let shift: u32 = 0;
let waitingLength: u32 = 0;
let waitingDistance: u32 = 0;

/** Position of the first byte that is in no token yet. */
export function tokenizedPosition(): u32 {
  return at + shift - u32(waitingLength != 0);
}

/** Address of a position, 0 if it has left the window. */
export function addressOf(position: u32): u32 {
  return position >= WINDOW + shift ? position - shift : 0;
}

/** True when every byte of the stream is in a token. */
export function allTokenized(): bool {
  return inputEnded && at == windowEnd;
}

export function startTokens(): void {
  at = WINDOW;
  windowEnd = WINDOW;
  shift = FIRST - WINDOW;
  for (let i: u32 = 0; i < 256; i++) {
    pay(90);
    store<u32>(i << 2, matchSymbol(i), MATCH_SYMBOLS);
  }
}

/** The last `tokenCount - first` tokens become the first ones. */
export function keepTokensFrom(first: u32): void {
  const kept = tokenCount - first;
  copy(TOKENS, TOKENS + (first << 2), kept << 2);
  tokenCount = kept;
}

/** Symbol, extra bits and their number for a length of `i` + 3 (layout at MATCH_SYMBOLS). */
function matchSymbol(i: u32): u32 {
  if (i == 255) return 285;
  if (i < 4) return 257 + i;
  const log = 31 - clz(i);
  const extra = log - 2;
  return (257 + (extra << 2) + (i >> extra)) | ((i & ((1 << extra) - 1)) << 16) | (extra << 24);
}

/** Distance symbol of RFC 1951. */
// @ts-ignore: decorator
@inline
export function distanceSymbol(distance: u32): u32 {
  const d = distance - 1;
  const log = 31 - clz(d | 1);
  return d < 2 ? d : (log << 1) + ((d >> (log - 1)) & 1);
}

// @ts-ignore: decorator
@inline
function hash4(four: u32): u32 {
  return ((four * 0x9e37_79b1) >> 16) << 2;
}

// @ts-ignore: decorator
@inline
function hash3(four: u32): u32 {
  return (((four << 8) * 0x9e37_79b1) >> 17) << 2;
}

/** Extends the tokens up to `limit` of them, while there is input and fuel. */
export function advanceTokens(limit: u32): void {
  if (!inputEnded && windowEnd - at <= MAX_MATCH + 4) fill();
  if (inputEnded) tokenize(windowEnd, limit);
  else if (windowEnd - at > MAX_MATCH + 4) tokenize(windowEnd - MAX_MATCH - 4, limit);
}

function fill(): void {
  if (windowEnd + FILL > WINDOW + WINDOW_SIZE) {
    const by = at - KEEP - WINDOW;
    copy(WINDOW, WINDOW + by, windowEnd - by - WINDOW);
    at -= by;
    windowEnd -= by;
    shift += by;
  }
  const size = readTar(windowEnd, FILL);
  updateCrc(windowEnd, size);
  windowEnd += size;
  streamSize += size;
  inputEnded = tarEnded;
}

function tokenize(stop: u32, limit: u32): void {
  let p = at;
  let count = tokenCount;
  let length = waitingLength;
  let distance = waitingDistance;
  while (p < stop && count < limit && fuel > 0) {
    pay(240);
    const four = load<u32>(p);
    const position = p + shift;
    const head4 = hash4(four);
    const head3 = hash3(four);
    let candidate = position - load<u32>(head4, HEAD4);
    const near = position - load<u32>(head3, HEAD3);
    store<u32>(head4, position, HEAD4);
    store<u32>(head3, position, HEAD3);
    store<u16>((position & 0x7fff) << 1, min(candidate, 0xffff), PREVIOUS);

    const room = min(windowEnd - p, MAX_MATCH);
    let best = max(length, 3);
    let bestDistance: u32 = 0;
    let chain = length >= GOOD ? MAX_CHAIN >> 2 : MAX_CHAIN;
    while (candidate <= MAX_DISTANCE && best < room) {
      pay(84);
      const q = p - candidate;
      if (load<u32>(q + best - 3) == load<u32>(p + best - 3) && load<u32>(q) == four) {
        let same: u32 = 4;
        while (same < room) {
          pay(30);
          const difference = load<u64>(q + same) ^ load<u64>(p + same);
          if (difference != 0) {
            same += <u32>ctz(difference) >> 3;
            break;
          }
          same += 8;
        }
        same = min(same, room);
        if (same > best) {
          best = same;
          bestDistance = candidate;
          if (same >= NICE) break;
        }
      }
      if (--chain == 0) break;
      candidate += load<u16>(((position - candidate) & 0x7fff) << 1, PREVIOUS);
    }

    if (length == 0) {
      if (bestDistance == 0 && near <= NEAR && room >= 3 && ((load<u32>(p - near) ^ four) & 0xff_ffff) == 0) {
        best = 3;
        bestDistance = near;
      }
      if (bestDistance == 0) {
        putLiteral(count++, four & 0xff);
        p++;
      } else {
        length = best;
        distance = bestDistance;
        p++;
        if (best >= NICE) {
          putMatch(count++, length, distance);
          const next = p - 1 + length;
          insert(p, next);
          p = next;
          length = 0;
        }
      }
    } else if (bestDistance != 0 && isBetter(best - length, bestDistance, distance)) {
      putLiteral(count++, load<u8>(p - 1));
      length = best;
      distance = bestDistance;
      p++;
    } else {
      putMatch(count++, length, distance);
      const next = p - 1 + length;
      insert(p + 1, next);
      p = next;
      length = 0;
    }
  }
  at = p;
  tokenCount = count;
  waitingLength = length;
  waitingDistance = distance;
}

/** Whether a match one byte later, `longer` bytes longer, saves more than the literal in front of it costs. */
// @ts-ignore: decorator
@inline
function isBetter(longer: u32, laterDistance: u32, distance: u32): bool {
  return <i32>(longer << 2) + <i32>clz(laterDistance) - <i32>clz(distance) > 2;
}

function insert(from: u32, to: u32): void {
  for (let p = from; p < to; p++) {
    pay(60);
    const four = load<u32>(p);
    const position = p + shift;
    const head4 = hash4(four);
    const candidate = position - load<u32>(head4, HEAD4);
    store<u32>(head4, position, HEAD4);
    store<u32>(hash3(four), position, HEAD3);
    store<u16>((position & 0x7fff) << 1, min(candidate, 0xffff), PREVIOUS);
  }
}

// @ts-ignore: decorator
@inline
function putLiteral(index: u32, byte: u32): void {
  store<u32>(index << 2, byte, TOKENS);
  countSymbol(byte << 2);
}

// @ts-ignore: decorator
@inline
function putMatch(index: u32, length: u32, distance: u32): void {
  store<u32>(index << 2, MATCH | (length << 16) | distance, TOKENS);
  countSymbol((load<u32>((length - 3) << 2, MATCH_SYMBOLS) & 0xffff) << 2);
  countSymbol((distanceSymbol(distance) << 2) + DISTANCES);
}

// @ts-ignore: decorator
@inline
function countSymbol(offset: u32): void {
  store<u32>(offset, load<u32>(offset, CHUNK_FREQUENCIES) + 1, CHUNK_FREQUENCIES);
}

/** Adds the chunk's frequencies to the block's and clears them. */
export function mergeFrequencies(): void {
  for (let offset: u32 = 0; offset < DISTANCES + 30 * 4; offset += 8) {
    pay(40);
    // SAFETY: frequencies stay far below 2^32, so that two are added at once.
    store<u64>(offset, load<u64>(offset, BLOCK_FREQUENCIES) + load<u64>(offset, CHUNK_FREQUENCIES), BLOCK_FREQUENCIES);
    store<u64>(offset, 0, CHUNK_FREQUENCIES);
  }
}
