// Headers of one tar entry: ustar (POSIX.1-1988), preceded by a pax header (POSIX.1-2001) where path or link target do not
// fit. Owner 0 without names, one time for everything.
import { clear, copy, pay } from "./fuel";
import { time } from "./input";
import { HEADER, NAME } from "./layout";

// Type flags.
export const REGULAR: u32 = 0x30;
export const SYMBOLIC_LINK: u32 = 0x32;
export const DIRECTORY: u32 = 0x35;
const PAX: u32 = 0x78;

// Offsets and sizes of ustar fields.
const BLOCK: u32 = 512;
const NAME_SIZE: u32 = 100;
const MODE: u32 = 100;
const UID: u32 = 108;
const GID: u32 = 116;
const SIZE: u32 = 124;
const MTIME: u32 = 136;
const CHECKSUM: u32 = 148;
const TYPE: u32 = 156;
const LINK: u32 = 157;
const LINK_SIZE: u32 = 100;
const MAGIC: u32 = 257;
const VERSION: u32 = 263;
const MAJOR: u32 = 329;
const MINOR: u32 = 337;
const PREFIX: u32 = 345;
const PREFIX_SIZE: u32 = 155;

/** Writes the headers of the entry whose path is at NAME to HEADER; returns their size, a multiple of 512. */
export function writeHeaders(type: u32, nameLength: u32, mode: u32, size: u32, link: u32, linkLength: u32): u32 {
  const split = splitName(nameLength);
  let at = HEADER;
  if (split > nameLength || linkLength > LINK_SIZE) {
    const body = at + BLOCK;
    clear(body, 8704);
    let end = body;
    // Records in the order of their keywords.
    if (linkLength > LINK_SIZE) end = writeRecord(end, true, link, linkLength);
    if (split > nameLength) end = writeRecord(end, false, NAME, nameLength);
    beginHeader(at, PAX, 0o644, end - body);
    // "PaxHeader"
    store<u64>(at, 0x6564_6165_4878_6150, 0);
    store<u8>(at, 0x72, 8);
    writeChecksum(at);
    at = body + ((end - body + BLOCK - 1) & ~(BLOCK - 1));
  }
  beginHeader(at, type, mode, size);
  if (split > nameLength) {
    copy(at, NAME, NAME_SIZE);
  } else if (split > 0) {
    copy(at + PREFIX, NAME, split);
    copy(at, NAME + split + 1, nameLength - split - 1);
  } else {
    copy(at, NAME, nameLength);
  }
  copy(at + LINK, link, min(linkLength, LINK_SIZE));
  writeChecksum(at);
  return at + BLOCK - HEADER;
}

/** Where a path is cut into prefix and name: 0 if it need not be, the position of a `/`, or beyond its end if it cannot. */
function splitName(length: u32): u32 {
  if (length <= NAME_SIZE) return 0;
  for (let i = length - NAME_SIZE - 1; i <= PREFIX_SIZE && i < length - 1; i++) {
    pay(30);
    if (i > 0 && load<u8>(NAME + i) == 0x2f) return i;
  }
  return length + 1;
}

/** "<length> path=<value>\n" or "<length> linkpath=<value>\n"; the length counts itself. Returns the record's end. */
function writeRecord(at: u32, isLink: bool, value: u32, valueLength: u32): u32 {
  const rest = 1 + (isLink ? 9 : 5) + valueLength + 1;
  // INVARIANT: 100 < valueLength < 4096, so the length has three or four digits.
  const length = rest + 3 < 1000 ? rest + 3 : rest + 4;
  let digits = length;
  for (let p = at + length - rest; p > at; p--) {
    pay(40);
    store<u8>(p - 1, 0x30 + (digits % 10));
    digits /= 10;
  }
  let p = at + length - rest;
  store<u8>(p++, 0x20);
  if (isLink) {
    // "link"
    store<u32>(p, 0x6b6e_696c);
    p += 4;
  }
  // "path="
  store<u32>(p, 0x6874_6170);
  store<u8>(p, 0x3d, 4);
  p += 5;
  copy(p, value, valueLength);
  store<u8>(p + valueLength, 0x0a);
  return p + valueLength + 1;
}

function beginHeader(at: u32, type: u32, mode: u32, size: u32): void {
  clear(at, BLOCK);
  writeOctal(at + MODE, mode, 7);
  writeOctal(at + UID, 0, 7);
  writeOctal(at + GID, 0, 7);
  writeOctal(at + SIZE, size, 11);
  writeOctal(at + MTIME, time(), 11);
  store<u8>(at + TYPE, type);
  // "ustar\0", "00"
  store<u32>(at + MAGIC, 0x6174_7375);
  store<u16>(at + MAGIC, 0x72, 4);
  store<u16>(at + VERSION, 0x3030);
  writeOctal(at + MAJOR, 0, 7);
  writeOctal(at + MINOR, 0, 7);
}

function writeOctal(at: u32, value: u64, digits: u32): void {
  for (let p = at + digits; p > at; p--) {
    pay(40);
    store<u8>(p - 1, 0x30 + (<u32>value & 7));
    value >>= 3;
  }
}

/** The sum of all bytes, with the field itself counted as spaces: six digits, zero, space. */
function writeChecksum(at: u32): void {
  store<u64>(at + CHECKSUM, 0x2020_2020_2020_2020);
  let sum: u32 = 0;
  for (let i: u32 = 0; i < BLOCK; i++) {
    pay(24);
    sum += load<u8>(at + i);
  }
  writeOctal(at + CHECKSUM, sum, 6);
  store<u8>(at + CHECKSUM, 0, 6);
}
