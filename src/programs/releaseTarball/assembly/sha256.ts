// sha256 of a range of memory, a few blocks per tick.
import { beginDigest, digestBlock, padLastBlocks, storeDigest } from "../../../core/assembly/sha256";
import { clear, copy, fuel, pay } from "./fuel";
import { DIGEST, LAST_BLOCKS, SCHEDULE } from "./layout";

// @ts-ignore: decorator
@unmanaged
class Paying {
  // @ts-ignore: decorator
  @inline
  get digest(): usize {
    return DIGEST;
  }

  // @ts-ignore: decorator
  @inline
  get schedule(): usize {
    return SCHEDULE;
  }

  // @ts-ignore: decorator
  @inline
  get lastBlocks(): usize {
    return LAST_BLOCKS;
  }

  // @ts-ignore: decorator
  @inline
  pay(steps: i32): void {
    pay(steps);
  }

  // @ts-ignore: decorator
  @inline
  copy(to: usize, from: usize, size: u32): void {
    copy(<u32>to, <u32>from, size);
  }
}

let at: u32 = 0;
let left: u32 = 0;
let lastAt: u32 = 0;
let lastEnd: u32 = 0;

export function startSha256(from: u32, size: u32): void {
  at = from;
  left = size >> 6;
  lastAt = LAST_BLOCKS;
  clear(LAST_BLOCKS, 128);
  lastEnd = LAST_BLOCKS + padLastBlocks<Paying>(from + (left << 6), size);
  beginDigest<Paying>();
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
  storeDigest<Paying>(to);
}

function hashBlock(block: u32): void {
  digestBlock<Paying>(block);
}
