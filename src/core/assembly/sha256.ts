/**
 * sha256 (FIPS 180-4) for programs of the machine, a block at a time. `P` is a class without objects that says where a program
 * keeps what is hashed with, and how it pays for the steps of a loop:
 *
 *     digest, schedule, lastBlocks: usize                 32, 256 and 128 bytes of memory
 *     pay(steps: i32): void                               at least the steps of one round of a loop
 *     copy(to: usize, from: usize, size: u32): void       as memory.copy
 *
 * Everything here and in `P` is inline: the binary is the one that would come of constants and payments written in place. A loop
 * pays in each of its rounds, which is what the proof of the release tarball's bound asks for; the emulator pays nothing.
 */

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

// @ts-ignore: decorator
@inline
function its<P>(): P {
  return changetype<P>(0);
}

/** Puts the initial hash value in place: the first 32 bits of the square roots' fractions of the first eight primes. */
// @ts-ignore: decorator
@inline
export function beginDigest<P>(): void {
  store<u32>(its<P>().digest, 0x6a09e667, 0);
  store<u32>(its<P>().digest, 0xbb67ae85, 4);
  store<u32>(its<P>().digest, 0x3c6ef372, 8);
  store<u32>(its<P>().digest, 0xa54ff53a, 12);
  store<u32>(its<P>().digest, 0x510e527f, 16);
  store<u32>(its<P>().digest, 0x9b05688c, 20);
  store<u32>(its<P>().digest, 0x1f83d9ab, 24);
  store<u32>(its<P>().digest, 0x5be0cd19, 28);
}

/** Takes in the 64 bytes at `block`. Leaves its message schedule behind. */
// @ts-ignore: decorator
@inline
export function digestBlock<P>(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    its<P>().pay(40);
    store<u32>(its<P>().schedule + i, bswap(load<u32>(block + i)));
  }
  for (let i: usize = 64; i < 256; i += 4) {
    its<P>().pay(66);
    const w15 = load<u32>(its<P>().schedule + i - 60);
    const w2 = load<u32>(its<P>().schedule + i - 8);
    const s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
    const s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
    store<u32>(its<P>().schedule + i, load<u32>(its<P>().schedule + i - 64) + s0 + load<u32>(its<P>().schedule + i - 28) + s1);
  }
  let a = load<u32>(its<P>().digest, 0);
  let b = load<u32>(its<P>().digest, 4);
  let c = load<u32>(its<P>().digest, 8);
  let d = load<u32>(its<P>().digest, 12);
  let e = load<u32>(its<P>().digest, 16);
  let f = load<u32>(its<P>().digest, 20);
  let g = load<u32>(its<P>().digest, 24);
  let h = load<u32>(its<P>().digest, 28);
  for (let i: usize = 0; i < 256; i += 4) {
    its<P>().pay(96);
    const t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + load<u32>(K + i) + load<u32>(its<P>().schedule + i);
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 0) + a, 0);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 4) + b, 4);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 8) + c, 8);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 12) + d, 12);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 16) + e, 16);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 20) + f, 20);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 24) + g, 24);
  store<u32>(its<P>().digest, load<u32>(its<P>().digest, 28) + h, 28);
}

/**
 * Writes what is left after the last whole block, at `rest`, and the padding into `lastBlocks`, which is all zero; `size` is that of the
 * whole message. Returns their bytes: 64 or 128.
 */
// @ts-ignore: decorator
@inline
export function padLastBlocks<P>(rest: usize, size: u32): usize {
  const left = size & 63;
  const bytes: usize = left < 56 ? 64 : 128;
  its<P>().copy(its<P>().lastBlocks, rest, left);
  store<u8>(its<P>().lastBlocks + left, 0x80);
  store<u64>(its<P>().lastBlocks + bytes - 8, bswap((<u64>size) << 3));
  return bytes;
}

/** Writes the 32 bytes of the digest. */
// @ts-ignore: decorator
@inline
export function storeDigest<P>(to: usize): void {
  for (let i: usize = 0; i < 32; i += 4) {
    its<P>().pay(40);
    store<u32>(to + i, bswap(load<u32>(its<P>().digest + i)));
  }
}
