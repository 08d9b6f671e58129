/** What trees need of a hash function. It is passed to whatever hashes, never global. */

export const hashBytes = 32;
/** One keccak block with room for its padding. */
export const leafBytes = 128;
export const nodeBytes = 64;
export const pageBytes = 4096;
/** Levels between a page's leaves and its node. */
export const pageLevels = 5;

/** The hash functions that state roots are made of; `KeccakKernel` is one. */
export interface Hasher {
  /** keccak256 of any bytes, in a fresh array of 32. */
  hash(bytes: Uint8Array): Uint8Array;

  /** keccak256 of `left ‖ right`, 32 bytes each, in a fresh array of 32. */
  hashPair(left: Uint8Array, right: Uint8Array): Uint8Array;

  /** Hashes of the consecutive 128-byte leaves in `leaves`, 32 bytes each, in a fresh array. */
  hashLeaves(leaves: Uint8Array): Uint8Array;

  /** For each `n` of `indices`: the hash of the 64 bytes at `64 * n` of `children` to `32 * n` of `parents`. */
  hashNodesAt(children: Uint8Array, indices: Uint32Array, parents: Uint8Array): void;

  /**
   * For each `n` of `pages`: the node of the 4 KiB at `4096 * n` of `source`, the root of its 32 leaves, to `32 * n` of
   * `nodes`. What lies beyond the end of `source` is zero.
   */
  hashPagesAt(source: Uint8Array, pages: Uint32Array, nodes: Uint8Array): void;
}
