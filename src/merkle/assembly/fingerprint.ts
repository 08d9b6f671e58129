/**
 * Fingerprints of 4 KiB pages under a secret key: two independent NH hashes (Black, Halevi, Krawczyk, Krovetz, Rogaway,
 * "UMAC: Fast and Secure Message Authentication", CRYPTO 1999, section 4), 64 bits each. With the page as 1,024 32-bit
 * words `m` and a key of as many words `k`,
 *
 *     NH = sum over word pairs (i, j) of ((m[i] + k[i]) mod 2^32) * ((m[j] + k[j]) mod 2^32)   mod 2^64
 *
 * Two different pages chosen without knowledge of the key collide with probability at most 2^-32 in one NH (theorem 4.2),
 * hence at most 2^-64 in both. Here the pairs are word `n` of one 16-byte vector with word `n` of the next.
 */

const pageBytes: usize = 4096;

/** Two keys of a page's size, one after the other. */
export const keyBytes: i32 = 8192;
export const key: usize = memory.data(8192, 16);

/** Fingerprints of `count` pages at `from`, 16 bytes each at `to`. */
export function fingerprintPages(from: usize, count: usize, to: usize): void {
  for (const end = from + count * pageBytes; from < end; from += pageBytes, to += 16) {
    let first = i64x2.splat(0);
    let second = i64x2.splat(0);
    for (let i: usize = 0; i < pageBytes; i += 32) {
      const a = v128.load(from + i, 0);
      const b = v128.load(from + i, 16);
      const k = key + i;
      first = multiplyAdd(first, i32x4.add(a, v128.load(k, 0)), i32x4.add(b, v128.load(k, 16)));
      second = multiplyAdd(second, i32x4.add(a, v128.load(k, 4096)), i32x4.add(b, v128.load(k, 4112)));
    }
    store<u64>(to, i64x2.extract_lane(first, 0) + i64x2.extract_lane(first, 1), 0);
    store<u64>(to, i64x2.extract_lane(second, 0) + i64x2.extract_lane(second, 1), 8);
  }
}

/** Adds the four 64-bit products of the words of `a` and `b`. */
// @ts-ignore: decorator
@inline
function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  return i64x2.add(sum, i64x2.add(low, high));
}
