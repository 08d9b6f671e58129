/**
 * The output drive's header, 64 bytes: `assay-output 2 <exit code> <record size> <artifact size or ->` and a line feed in ASCII, the
 * numbers in decimals without leading zeros, the rest zero. The record of outputs follows it; the artifact begins at 64 KiB.
 */
import { ARTIFACT_SIZE, EXIT_CODE, HAS_ARTIFACT, OUTPUT_DRIVE, OUTPUT_SIZE, RECORD_SIZE } from "./layout";

const HEADER: u32 = 64;
export const RECORD_AT: u32 = HEADER;
export const ARTIFACT_AT: u32 = 0x10000;

const SPACE: u8 = 0x20;
const LINE_FEED: u8 = 0x0a;
const NO_ARTIFACT: u8 = 0x2d;

const EXIT_CODE_AT: usize = 15;
/** Room for every number that can be, 2^32 at most. */
const DIGITS: usize = 10;

/** Takes in what the header says; false when it is not one or says what cannot be. */
export function readHeader(): bool {
  const drive = load<usize>(OUTPUT_DRIVE);
  if (drive == 0) return false;
  // "assay-output 2 "
  if (load<u64>(drive) != 0x756f2d7961737361 || load<u32>(drive, 8) != 0x74757074 || (load<u32>(drive, 12) & 0xffffff) != 0x203220) {
    return false;
  }
  const room = load<u32>(OUTPUT_SIZE);
  let at = drive + EXIT_CODE_AT;
  const exitCode = readDecimal(at, SPACE);
  if (exitCode < 0 || exitCode > 255) return false;
  at = behind(at, SPACE);
  const recordSize = readDecimal(at, SPACE);
  if (recordSize < 0 || recordSize > <i64>(min(room, ARTIFACT_AT) - RECORD_AT)) return false;
  at = behind(at, SPACE);
  const none = load<u8>(at) == NO_ARTIFACT && load<u8>(at, 1) == LINE_FEED;
  const artifactSize = none ? 0 : readDecimal(at, LINE_FEED);
  if (artifactSize < 0) return false;
  if (!none && (room < ARTIFACT_AT || artifactSize > <i64>(room - ARTIFACT_AT))) return false;
  for (at = behind(at, LINE_FEED); at < drive + HEADER; at++) if (load<u8>(at) != 0) return false;
  store<u32>(EXIT_CODE, <u32>exitCode);
  store<u32>(RECORD_SIZE, <u32>recordSize);
  store<u32>(ARTIFACT_SIZE, <u32>artifactSize);
  store<u32>(HAS_ARTIFACT, none ? 0 : 1);
  return true;
}

/** Where what follows the next `terminator` begins; there is one. */
function behind(at: usize, terminator: u8): usize {
  while (load<u8>(at) != terminator) at++;
  return at + 1;
}

/**
 * The decimal number at `at` that `terminator` ends; -1 where there is none, or one with a leading zero. Three numbers of at most
 * DIGITS digits lie within the header.
 */
function readDecimal(at: usize, terminator: u8): i64 {
  let value: i64 = 0;
  for (let i: usize = 0; i <= DIGITS; i++) {
    const byte = load<u8>(at + i);
    if (byte == terminator) return i == 0 ? -1 : value;
    if (byte < 0x30 || byte > 0x39 || (i == 1 && value == 0)) return -1;
    value = value * 10 + (byte - 0x30);
  }
  return -1;
}
