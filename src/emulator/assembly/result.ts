/**
 * From a stopped guest to the result record: what the guest has left in the output drive is hashed, 64 KiB in a tick, the record of
 * outputs first, then the artifact if there is one. README.md, "Result", has both formats. Exit codes of the guest are 0..255; above
 * stands what kept it from leaving anything.
 */
import { ARTIFACT_SIZE, EXIT_CODE, HAS_ARTIFACT, HASHED, INPUT_DRIVE, OUTPUT_DRIVE, PHASE, RECORD_SIZE, RESULT, STOP, TICKS } from "./layout";
import { ARTIFACT_AT, readHeader, RECORD_AT } from "./outputHeader";
import { beginDigest, digestBlock, digestRest, storeDigest } from "./sha256";
import { stop, STOP_LIMIT, STOP_SHUTDOWN, STOP_TOHOST } from "./stop";

// Phases of a run.
export const RUNNING: u32 = 0;
export const HASHING_RECORD: u32 = 1;
export const HASHING_ARTIFACT: u32 = 2;
export const DONE: u32 = 3;

/** Exit codes from here on are not the guest's: this plus the reason of `stop.ts`; for a shutdown: no valid header. */
const NOT_THE_GUESTS: u32 = 256;

/** In the input drive's header: how many ticks the guest may have, u64; 0: no limit. */
const TICK_LIMIT_AT: usize = 16;
const BYTES_PER_TICK: u32 = 0x10000;

// In the result record: the artifact's size (u64) and hash, the hash of the record of outputs.
const RESULT_SIZE: usize = RESULT + 8;
const RESULT_ARTIFACT: usize = RESULT + 16;
const RESULT_OUTPUTS: usize = RESULT + 64;

/** Counts a tick; stops the guest where the build description's limit is reached. */
export function chargeTick(): void {
  const ticks = load<u64>(TICKS);
  const drive = load<usize>(INPUT_DRIVE);
  const limit = drive == 0 ? 0 : load<u64>(drive + TICK_LIMIT_AT);
  if (limit != 0 && ticks >= limit) stop(STOP_LIMIT, limit);
  else store<u64>(TICKS, ticks + 1);
}

/** Looks at what the stopped guest has left, and begins to hash it or ends the run without anything. */
export function readOutput(): void {
  const reason = load<u32>(STOP);
  if (reason == STOP_SHUTDOWN && readHeader()) {
    beginDigest();
    store<u32>(PHASE, HASHING_RECORD);
    return;
  }
  // riscv-tests: the value in tohost is (exit code << 1) | 1.
  finish(reason == STOP_TOHOST ? 0 : NOT_THE_GUESTS + reason);
}

/** Hashes the record of outputs, which is never more than a tick's work. */
export function hashRecord(): void {
  hashNext(load<usize>(OUTPUT_DRIVE) + RECORD_AT, load<u32>(RECORD_SIZE), RESULT_OUTPUTS);
  if (load<u32>(HAS_ARTIFACT) == 0) {
    finish(load<u32>(EXIT_CODE));
    return;
  }
  beginDigest();
  store<u32>(HASHED, 0);
  store<u32>(PHASE, HASHING_ARTIFACT);
}

/** Hashes the next part of the artifact; with the last one, ends the run. */
export function hashArtifact(): void {
  const size = load<u32>(ARTIFACT_SIZE);
  if (!hashNext(load<usize>(OUTPUT_DRIVE) + ARTIFACT_AT, size, RESULT_ARTIFACT)) return;
  store<u64>(RESULT_SIZE, size);
  finish(load<u32>(EXIT_CODE));
}

/** Hashes at most BYTES_PER_TICK of the `size` bytes at `from`; true with the digest at `to` when that was the last of them. */
function hashNext(from: usize, size: u32, to: usize): bool {
  let at = load<u32>(HASHED);
  const end = min(size & ~63, at + BYTES_PER_TICK);
  for (; at < end; at += 64) digestBlock(from + at);
  store<u32>(HASHED, at);
  if (at != (size & ~63)) return false;
  digestRest(from + at, size);
  storeDigest(to);
  return true;
}

function finish(exitCode: u32): void {
  store<u32>(RESULT, 1);
  store<u32>(RESULT, exitCode, 4);
  store<u32>(PHASE, DONE);
}
