/** sha256 of blocks of memory. Schedule and last blocks are zero again afterwards, so that a state has no trace of them. */
import * as sha256 from "../../core/assembly/sha256";
import { DIGEST, LAST_BLOCKS, SCHEDULE } from "./layout";

// @ts-ignore: decorator
@unmanaged
class Unpaid {
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

  /** Blocks in a tick are counted instead (`result.ts`). */
  // @ts-ignore: decorator
  @inline
  pay(steps: i32): void {}

  // @ts-ignore: decorator
  @inline
  copy(to: usize, from: usize, size: u32): void {
    memory.copy(to, from, size);
  }
}

export function beginDigest(): void {
  sha256.beginDigest<Unpaid>();
}

/** Takes in the 64 bytes at `block`. */
export function digestBlock(block: usize): void {
  sha256.digestBlock<Unpaid>(block);
  memory.fill(SCHEDULE, 0, 256);
}

/** Takes in what is left after the last whole block at `rest`, and the padding; `size` is that of the whole message. */
export function digestRest(rest: usize, size: u32): void {
  const bytes = sha256.padLastBlocks<Unpaid>(rest, size);
  digestBlock(LAST_BLOCKS);
  if (bytes == 128) digestBlock(LAST_BLOCKS + 64);
  memory.fill(LAST_BLOCKS, 0, 128);
}

/** Writes the 32 bytes of the digest. */
export function storeDigest(to: usize): void {
  sha256.storeDigest<Unpaid>(to);
}
