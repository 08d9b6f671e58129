import { getBytes, keccak256 } from "ethers";
import type { ChainLog } from "./blocks.ts";

const bytes = 256;
const known = new Map<string, readonly number[]>();

/** The bits of an address or a topic in a block's bloom filter: three, from the first words of its hash (Yellow Paper, 4.4.1). */
function bitsOf(value: string): readonly number[] {
  let bits = known.get(value);
  if (bits === undefined) {
    const hash = getBytes(keccak256(value));
    bits = [0, 2, 4].map((at) => ((hash[at]! << 8) | hash[at + 1]!) & 2047);
    if (known.size > 10_000) known.clear();
    known.set(value, bits);
  }
  return bits;
}

/** A block's bloom filter. What it does not hold is not in the block; what it holds need not be. */
export class Bloom {
  private readonly bytes: Uint8Array;

  /** @param filter 256 bytes in hexadecimal. */
  constructor(filter: string) {
    this.bytes = getBytes(filter);
  }

  /** That of a block with these logs, all of them. */
  static of(logs: readonly Pick<ChainLog, "address" | "topics">[]): Bloom {
    const bloom = new Bloom(`0x${"00".repeat(bytes)}`);
    for (const { address, topics } of logs) {
      for (const value of [address, ...topics]) {
        for (const bit of bitsOf(value)) bloom.bytes[bytes - 1 - (bit >> 3)]! |= 1 << (bit & 7);
      }
    }
    return bloom;
  }

  get isEmpty(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }

  has(value: string): boolean {
    return bitsOf(value).every((bit) => (this.bytes[bytes - 1 - (bit >> 3)]! & (1 << (bit & 7))) !== 0);
  }

  /** Whether another filter has no bit that is not in this one. */
  covers(other: Bloom): boolean {
    return this.bytes.every((byte, i) => (byte & other.bytes[i]!) === other.bytes[i]);
  }
}
