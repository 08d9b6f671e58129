// sha256 of a range of memory (FIPS 180-4), a few blocks per tick.
import { copy, clear, fuel, pay } from "./fuel";
import { DIGEST, LAST_BLOCKS, SCHEDULE } from "./layout";

// prettier-ignore
const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

let at: u32 = 0;
let left: u32 = 0;
let lastAt: u32 = 0;
let lastEnd: u32 = 0;

export function startSha256(from: u32, size: u32): void {
  at = from;
  left = size >> 6;
  const rest = size & 63;
  lastAt = LAST_BLOCKS;
  lastEnd = LAST_BLOCKS + (rest < 56 ? 64 : 128);
  clear(LAST_BLOCKS, 128);
  copy(LAST_BLOCKS, from + (left << 6), rest);
  store<u8>(LAST_BLOCKS + rest, 0x80);
  store<u64>(lastEnd - 8, bswap((<u64>size) << 3));
  store<u32>(DIGEST, 0x6a09e667, 0);
  store<u32>(DIGEST, 0xbb67ae85, 4);
  store<u32>(DIGEST, 0x3c6ef372, 8);
  store<u32>(DIGEST, 0xa54ff53a, 12);
  store<u32>(DIGEST, 0x510e527f, 16);
  store<u32>(DIGEST, 0x9b05688c, 20);
  store<u32>(DIGEST, 0x1f83d9ab, 24);
  store<u32>(DIGEST, 0x5be0cd19, 28);
}

/** Hashes blocks while there is fuel; true when the digest is complete. */
export function advanceSha256(): bool {
  while (fuel > 0) {
    pay(160);
    if (left != 0) {
      hashBlock(at);
      at += 64;
      left--;
    } else if (lastAt != lastEnd) {
      hashBlock(lastAt);
      lastAt += 64;
    } else {
      return true;
    }
  }
  return false;
}

/** Writes the 32 bytes of the digest. */
export function finishSha256(to: u32): void {
  for (let i: u32 = 0; i < 32; i += 4) {
    pay(40);
    store<u32>(to + i, bswap(load<u32>(DIGEST + i)));
  }
}

function hashBlock(block: u32): void {
  for (let i: u32 = 0; i < 64; i += 4) {
    pay(40);
    store<u32>(SCHEDULE + i, bswap(load<u32>(block + i)));
  }
  for (let i: u32 = 64; i < 256; i += 4) {
    pay(66);
    const w15 = load<u32>(SCHEDULE - 60 + i);
    const w2 = load<u32>(SCHEDULE - 8 + i);
    const s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
    const s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
    store<u32>(SCHEDULE + i, load<u32>(SCHEDULE - 64 + i) + s0 + load<u32>(SCHEDULE - 28 + i) + s1);
  }
  let a = load<u32>(DIGEST, 0);
  let b = load<u32>(DIGEST, 4);
  let c = load<u32>(DIGEST, 8);
  let d = load<u32>(DIGEST, 12);
  let e = load<u32>(DIGEST, 16);
  let f = load<u32>(DIGEST, 20);
  let g = load<u32>(DIGEST, 24);
  let h = load<u32>(DIGEST, 28);
  for (let i: u32 = 0; i < 256; i += 4) {
    pay(96);
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = h + s1 + choice + load<u32>(<u32>K + i) + load<u32>(SCHEDULE + i);
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + s0 + majority;
  }
  store<u32>(DIGEST, load<u32>(DIGEST, 0) + a, 0);
  store<u32>(DIGEST, load<u32>(DIGEST, 4) + b, 4);
  store<u32>(DIGEST, load<u32>(DIGEST, 8) + c, 8);
  store<u32>(DIGEST, load<u32>(DIGEST, 12) + d, 12);
  store<u32>(DIGEST, load<u32>(DIGEST, 16) + e, 16);
  store<u32>(DIGEST, load<u32>(DIGEST, 20) + f, 20);
  store<u32>(DIGEST, load<u32>(DIGEST, 24) + g, 24);
  store<u32>(DIGEST, load<u32>(DIGEST, 28) + h, 28);
}
