// Checks the whole input drive (format: src/source/README.md) before anything is written.
import { fuel, pay } from "./fuel";
import { INPUT, INPUT_SIZE } from "./layout";

// Exit codes, as in ../manifest.ts.
const NOT_A_DRIVE: u32 = 1;
const BAD_HEADER: u32 = 2;
const BAD_ENTRY: u32 = 3;
const BAD_PATH: u32 = 4;
const NOT_SORTED: u32 = 5;

const HEADER_SIZE: u32 = 64;
const HEAD_SIZE: u32 = 8;
const MAX_NAME: u32 = 128;
const MAX_PATH: u32 = 3840;
const MAX_COMPONENT: u32 = 255;
const MAX_TARGET: u32 = 4095;
/** 8^11 - 1: what eleven octal digits hold. */
const MAX_TIME: u64 = 0x1_ffff_ffff;

export const FILE: u32 = 0;
export const EXECUTABLE: u32 = 1;
export const SYMLINK: u32 = 2;

/** Exit code of a failed check, 0 if there is none. */
export let checkFailure: u32 = 0;

let at: u32 = 0;
let left: u32 = 0;
let end: u32 = 0;
let previous: u32 = 0;
let previousLength: u32 = 0;

export function entryCount(): u32 {
  return load<u32>(INPUT, 12);
}

export function time(): u64 {
  return load<u64>(INPUT, 16);
}

export function nameLength(): u32 {
  return load<u32>(INPUT, 28);
}

export function nameAt(): u32 {
  return INPUT + HEADER_SIZE;
}

export function firstEntry(): u32 {
  return INPUT + HEADER_SIZE + align(nameLength());
}

export function kindOf(entry: u32): u32 {
  return load<u16>(entry, 0);
}

export function pathLengthOf(entry: u32): u32 {
  return load<u16>(entry, 2);
}

export function sizeOf(entry: u32): u32 {
  return load<u32>(entry, 4);
}

export function pathOf(entry: u32): u32 {
  return entry + HEAD_SIZE;
}

export function contentOf(entry: u32): u32 {
  return entry + HEAD_SIZE + pathLengthOf(entry);
}

export function nextEntry(entry: u32): u32 {
  return align(contentOf(entry) + sizeOf(entry));
}

export function startCheck(): void {
  checkFailure = checkHeader();
  if (checkFailure != 0) return;
  at = firstEntry();
  left = entryCount();
  end = INPUT + load<u32>(INPUT, 24);
  previous = at;
  previousLength = 0;
}

/** Checks entries while there is fuel; true when the check is over. */
export function advanceCheck(): bool {
  while (fuel > 0) {
    pay(280);
    if (checkFailure != 0) return true;
    if (left == 0) {
      if (at != end) checkFailure = BAD_ENTRY;
      return true;
    }
    checkFailure = checkEntry();
    if (checkFailure != 0) return true;
    previous = pathOf(at);
    previousLength = pathLengthOf(at);
    at = nextEntry(at);
    left--;
  }
  return false;
}

function align(size: u32): u32 {
  return (size + 7) & ~7;
}

function checkHeader(): u32 {
  // "ASSAYSRC", version 1
  if (load<u64>(INPUT, 0) != 0x4352_5359_4153_5341 || load<u32>(INPUT, 8) != 1) return NOT_A_DRIVE;
  const size = load<u32>(INPUT, 24);
  const length = nameLength();
  if (time() > MAX_TIME || size > INPUT_SIZE || (size & 7) != 0) return BAD_HEADER;
  if (length < 1 || length > MAX_NAME || size < HEADER_SIZE + align(length)) return BAD_HEADER;
  if ((load<u64>(INPUT, 32) | load<u64>(INPUT, 40) | load<u64>(INPUT, 48) | load<u64>(INPUT, 56)) != 0) return BAD_HEADER;
  if (!isZero(nameAt() + length, firstEntry())) return BAD_HEADER;
  if (!isPath(nameAt(), length) || hasSlash(nameAt(), length)) return BAD_PATH;
  return 0;
}

function checkEntry(): u32 {
  // INVARIANT: at and end are multiples of 8 and at <= end.
  if (at == end) return BAD_ENTRY;
  const kind = kindOf(at);
  const length = pathLengthOf(at);
  const size = sizeOf(at);
  if (kind > SYMLINK || size > INPUT_SIZE) return BAD_ENTRY;
  if (kind == SYMLINK && (size < 1 || size > MAX_TARGET)) return BAD_ENTRY;
  const contentEnd = contentOf(at) + size;
  if (align(contentEnd) > end || !isZero(contentEnd, align(contentEnd))) return BAD_ENTRY;
  if (length < 1 || length > MAX_PATH || !isPath(pathOf(at), length)) return BAD_PATH;
  if (kind == SYMLINK && !hasNoZero(contentOf(at), size)) return BAD_ENTRY;
  if (!ascends(pathOf(at), length)) return NOT_SORTED;
  return 0;
}

function isZero(from: u32, to: u32): bool {
  for (; from < to; from++) {
    pay(20);
    if (load<u8>(from) != 0) return false;
  }
  return true;
}

function hasNoZero(from: u32, size: u32): bool {
  for (let i: u32 = 0; i < size; i++) {
    pay(24);
    if (load<u8>(from + i) == 0) return false;
  }
  return true;
}

function hasSlash(from: u32, size: u32): bool {
  for (let i: u32 = 0; i < size; i++) {
    pay(24);
    if (load<u8>(from + i) == 0x2f) return true;
  }
  return false;
}

/** Components of 1 to 255 bytes, none of them `.` or `..`, no zero byte. */
function isPath(from: u32, size: u32): bool {
  let start = from;
  const to = from + size;
  for (let p = from; p <= to; p++) {
    pay(64);
    const byte: u32 = p < to ? load<u8>(p) : 0x2f;
    if (byte == 0) return false;
    if (byte != 0x2f) continue;
    const length = p - start;
    if (length < 1 || length > MAX_COMPONENT) return false;
    if (load<u8>(start) == 0x2e && (length == 1 || (length == 2 && load<u8>(start, 1) == 0x2e))) return false;
    start = p + 1;
  }
  return true;
}

/** True when the path comes after the previous one, bytewise. */
function ascends(path: u32, length: u32): bool {
  const shared = min(length, previousLength);
  for (let i: u32 = 0; i < shared; i++) {
    pay(32);
    const a = load<u8>(previous + i);
    const b = load<u8>(path + i);
    if (a != b) return a < b;
  }
  return length > previousLength;
}
