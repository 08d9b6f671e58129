// Code lengths of a length-limited Huffman code, and the canonical code that RFC 1951 makes of them.
import { clear, pay } from "./fuel";
import { COUNTS, NEXT_CODES, PARENTS, SORT_A, SORT_B, WEIGHTS } from "./layout";

/**
 * Writes a code length (u8) for each of `count` symbols: 0 where the frequency (u32, below 2^22) is 0. At least two symbols
 * get a code, as some readers want it.
 */
export function buildLengths(frequencies: u32, count: u32, maxLength: u32, lengths: u32): void {
  clear(lengths, count);
  let used: u32 = 0;
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    pay(40);
    const frequency = load<u32>(frequencies + (symbol << 2));
    if (frequency == 0) continue;
    store<u32>(SORT_A + (used << 2), (frequency << 9) | symbol);
    used++;
  }
  for (let symbol: u32 = 0; used < 2; symbol++) {
    pay(40);
    if (load<u32>(frequencies + (symbol << 2)) != 0) continue;
    store<u32>(SORT_A + (used << 2), (1 << 9) | symbol);
    used++;
  }
  const sorted = sort(used);
  pairUp(sorted, used);
  countLengths(used, maxLength);
  limitLengths(maxLength);
  // The rarest symbols get the longest codes.
  let leaf: u32 = 0;
  for (let length = maxLength; length > 0; length--) {
    pay(30);
    for (let n = load<u32>(COUNTS + (length << 2)); n > 0; n--) {
      pay(30);
      store<u8>(lengths + (load<u32>(sorted + (leaf << 2)) & 511), length);
      leaf++;
    }
  }
}

/** Merge sort of `count` keys (at most 286) at SORT_A; returns where the result is. */
function sort(count: u32): u32 {
  let from = SORT_A;
  let to = SORT_B;
  for (let width: u32 = 1; width < count; width <<= 1) {
    pay(30);
    let a: u32 = 0;
    let b = width;
    let start: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      pay(104);
      if (i == start + 2 * width) {
        start = i;
        a = start;
        b = start + width;
      }
      const aEnd = min(start + width, count);
      const bEnd = min(start + 2 * width, count);
      const takeA = b >= bEnd || (a < aEnd && load<u32>(from + (a << 2)) <= load<u32>(from + (b << 2)));
      store<u32>(to + (i << 2), load<u32>(from + ((takeA ? a : b) << 2)));
      if (takeA) a++;
      else b++;
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/** Huffman's algorithm over sorted leaves: nodes `leaves` .. `2 * leaves - 2` ascend too, so two queues do. */
function pairUp(sorted: u32, leaves: u32): void {
  for (let i: u32 = 0; i < leaves; i++) {
    pay(30);
    store<u32>(WEIGHTS + (i << 2), load<u32>(sorted + (i << 2)) >> 9);
  }
  let leaf: u32 = 0;
  let node = leaves;
  for (let made = leaves; made < 2 * leaves - 1; made++) {
    pay(40);
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      pay(70);
      const takeLeaf =
        leaf < leaves && (node == made || load<u32>(WEIGHTS + (leaf << 2)) <= load<u32>(WEIGHTS + (node << 2)));
      const taken = takeLeaf ? leaf : node;
      if (takeLeaf) leaf++;
      else node++;
      weight += load<u32>(WEIGHTS + (taken << 2));
      store<u32>(PARENTS + (taken << 2), made);
    }
    store<u32>(WEIGHTS + (made << 2), weight);
  }
}

/** Counts leaves by depth into COUNTS; deeper ones count as `maxLength`. Depths replace the weights. */
function countLengths(leaves: u32, maxLength: u32): void {
  clear(COUNTS, 64);
  const root: u32 = leaves * 2 - 2;
  store<u32>(WEIGHTS + (root << 2), 0);
  for (let i = root; i > 0; i--) {
    pay(60);
    const node = i - 1;
    const depth = load<u32>(WEIGHTS + (load<u32>(PARENTS + (node << 2)) << 2)) + 1;
    store<u32>(WEIGHTS + (node << 2), depth);
    if (node < leaves) {
      const at = COUNTS + (min(depth, maxLength) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}

/** Lengthens shorter codes until the sum of 2^-length is 1 again. */
function limitLengths(maxLength: u32): void {
  let sum: u32 = 0;
  for (let length: u32 = 1; length <= maxLength; length++) {
    pay(30);
    sum += load<u32>(COUNTS + (length << 2)) << (maxLength - length);
  }
  for (let excess = sum - (1 << maxLength); excess > 0; excess--) {
    pay(60);
    let length = maxLength - 1;
    while (load<u32>(COUNTS + (length << 2)) == 0) {
      pay(20);
      length--;
    }
    const at = COUNTS + (length << 2);
    store<u32>(at, load<u32>(at) - 1, 0);
    store<u32>(at, load<u32>(at, 4) + 2, 4);
    store<u32>(COUNTS + (maxLength << 2), load<u32>(COUNTS + (maxLength << 2)) - 1);
  }
}

/** Makes the canonical code (RFC 1951, 3.2.2): for each symbol a u32 of reversed bits | length << 16. */
export function buildCodes(lengths: u32, count: u32, codes: u32): void {
  clear(COUNTS, 64);
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    pay(40);
    const at = COUNTS + (<u32>load<u8>(lengths + symbol) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  store<u32>(COUNTS, 0);
  let code: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    pay(40);
    code = (code + load<u32>(COUNTS - 4 + (length << 2))) << 1;
    store<u32>(NEXT_CODES + (length << 2), code);
  }
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    pay(96);
    const length: u32 = load<u8>(lengths + symbol);
    if (length == 0) continue;
    const at = NEXT_CODES + (length << 2);
    const next = load<u32>(at);
    store<u32>(at, next + 1);
    store<u32>(codes + (symbol << 2), (reverse16(next) >> (16 - length)) | (length << 16));
  }
}

function reverse16(value: u32): u32 {
  value = ((value & 0x5555) << 1) | ((value >> 1) & 0x5555);
  value = ((value & 0x3333) << 2) | ((value >> 2) & 0x3333);
  value = ((value & 0x0f0f) << 4) | ((value >> 4) & 0x0f0f);
  return ((value & 0xff) << 8) | (value >> 8);
}
