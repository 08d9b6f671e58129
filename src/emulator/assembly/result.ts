/**
 * From a stopped guest to the result record. The guest leaves the artifact in the output drive behind a header of 64 bytes:
 * the text `assay-output 1 <exit code> <size>\n` in ASCII decimals, the rest zero; the artifact follows it. Exit codes of
 * the guest are 0..255; above stands what kept it from leaving an artifact.
 */
import { ARTIFACT_SIZE, EXIT_CODE, HASHED, INPUT_DRIVE, OUTPUT_DRIVE, OUTPUT_SIZE, PHASE, RESULT, STOP, TICKS } from "./layout";
import { beginDigest, digestBlock, digestRest, storeDigest } from "./sha256";
import { stop, STOP_LIMIT, STOP_SHUTDOWN, STOP_TOHOST } from "./stop";

// Phases of a run.
export const RUNNING: u32 = 0;
export const HASHING: u32 = 1;
export const DONE: u32 = 2;

/** Exit codes from here on are not the guest's: this plus the reason of `stop.ts`; for a shutdown: no valid header. */
const NOT_THE_GUESTS: u32 = 256;

const HEADER: u32 = 64;
/** In the input drive's header: how many ticks the guest may have, u64; 0: no limit. */
const TICK_LIMIT_AT: usize = 16;
const BYTES_PER_TICK: u32 = 0x10000;

/** Counts a tick; stops the guest where the build description's limit is reached. */
export function chargeTick(): void {
  const ticks = load<u64>(TICKS);
  const drive = load<usize>(INPUT_DRIVE);
  const limit = drive == 0 ? 0 : load<u64>(drive + TICK_LIMIT_AT);
  if (limit != 0 && ticks >= limit) stop(STOP_LIMIT, limit);
  else store<u64>(TICKS, ticks + 1);
}

/** Looks at what the stopped guest has left, and begins to hash the artifact or ends the run without one. */
export function readOutput(): void {
  const reason = load<u32>(STOP);
  if (reason == STOP_SHUTDOWN && readHeader()) {
    beginDigest();
    store<u32>(PHASE, HASHING);
    return;
  }
  // riscv-tests: the value in tohost is (exit code << 1) | 1.
  finish(reason == STOP_TOHOST ? 0 : NOT_THE_GUESTS + reason);
}

/** Hashes the next part of the artifact; with the last one, writes the record. */
export function continueResult(): void {
  const artifact = load<usize>(OUTPUT_DRIVE) + HEADER;
  const size = load<u32>(ARTIFACT_SIZE);
  let at = load<u32>(HASHED);
  const end = min(size & ~63, at + BYTES_PER_TICK);
  for (; at < end; at += 64) digestBlock(artifact + at);
  store<u32>(HASHED, at);
  if (at != (size & ~63)) return;
  digestRest(artifact + at, size);
  store<u64>(RESULT, size, 8);
  storeDigest(RESULT + 16);
  finish(load<u32>(EXIT_CODE));
}

function finish(exitCode: u32): void {
  store<u32>(RESULT, 1);
  store<u32>(RESULT, exitCode, 4);
  store<u32>(PHASE, DONE);
}

/** Reads the header; false when it is not one or says what cannot be. */
function readHeader(): bool {
  const drive = load<usize>(OUTPUT_DRIVE);
  if (drive == 0) return false;
  // "assay-output 1 "
  if (load<u64>(drive) != 0x756f2d7961737361 || load<u32>(drive, 8) != 0x74757074 || (load<u32>(drive, 12) & 0xffffff) != 0x203120) {
    return false;
  }
  let at = drive + 15;
  const end = drive + HEADER;
  const exitCode = readDecimal(at, end, 0x20);
  if (exitCode < 0 || exitCode > 255) return false;
  while (load<u8>(at) != 0x20) at++;
  const size = readDecimal(at + 1, end, 0x0a);
  if (size < 0 || size > <i64>(load<u32>(OUTPUT_SIZE) - HEADER)) return false;
  store<u32>(EXIT_CODE, <u32>exitCode);
  store<u32>(ARTIFACT_SIZE, <u32>size);
  return true;
}

/** The decimal number of 1 to 10 digits at `at` that `terminator` ends before `end`; -1 when there is none. */
function readDecimal(at: usize, end: usize, terminator: u8): i64 {
  let value: i64 = 0;
  for (let i: usize = 0; i <= 10 && at + i < end; i++) {
    const byte = load<u8>(at + i);
    if (byte == terminator) return i == 0 ? -1 : value;
    if (byte < 0x30 || byte > 0x39) return -1;
    value = value * 10 + (byte - 0x30);
  }
  return -1;
}
