// The tar stream (POSIX ustar, pax records for what does not fit), produced piece by piece as ranges of memory.
import { copy, fuel, pay } from "./fuel";
import { DIRECTORY, REGULAR, SYMBOLIC_LINK, writeHeaders } from "./header";
import {
  contentOf,
  entryCount,
  EXECUTABLE,
  firstEntry,
  kindOf,
  nameAt,
  nameLength,
  nextEntry,
  pathLengthOf,
  pathOf,
  sizeOf,
  SYMLINK,
} from "./input";
import { HEADER, NAME, ZEROS } from "./layout";

/** Archives end with two blocks of zeros and are filled up to a multiple of this. */
const RECORD_SIZE: u32 = 10240;

// What comes next.
const ROOT: u32 = 0;
const ENTRY: u32 = 1;
const PARENTS: u32 = 2;
const CONTENT: u32 = 3;
const PADDING: u32 = 4;
const END: u32 = 5;

let next: u32 = 0;
let entry: u32 = 0;
let left: u32 = 0;
/** Length of `<archive name>/` at the beginning of NAME. */
let rootLength: u32 = 0;
/** Up to here the directories on the entry's path have their headers. */
let parentsLength: u32 = 0;
let previousLength: u32 = 0;
let produced: u32 = 0;

let pieceAt: u32 = 0;
let pieceLeft: u32 = 0;

/** True when the whole stream has been produced. */
export let tarEnded: bool = false;

export function startTar(): void {
  next = ROOT;
  entry = firstEntry();
  left = entryCount();
  rootLength = nameLength() + 1;
  copy(NAME, nameAt(), nameLength());
  store<u8>(NAME + rootLength - 1, 0x2f);
}

/** Writes up to `size` bytes of the stream to `to`, fewer if fuel runs out or the stream ends; returns how many. */
export function readTar(to: u32, size: u32): u32 {
  let done: u32 = 0;
  while (done < size && fuel > 0 && !tarEnded) {
    pay(420);
    if (pieceLeft == 0) {
      nextPiece();
    } else {
      const part = min(pieceLeft, size - done);
      copy(to + done, pieceAt, part);
      pieceAt += part;
      pieceLeft -= part;
      produced += part;
      done += part;
    }
  }
  return done;
}

function nextPiece(): void {
  pay(200);
  if (next == ROOT) {
    setPiece(HEADER, writeHeaders(DIRECTORY, rootLength, 0o755, 0, 0, 0));
    next = ENTRY;
  } else if (next == ENTRY) {
    beginEntry();
  } else if (next == PARENTS) {
    parentOrEntry();
  } else if (next == CONTENT) {
    setPiece(contentOf(entry), sizeOf(entry));
    next = PADDING;
  } else if (next == PADDING) {
    setPiece(ZEROS, (0 - sizeOf(entry)) & 511);
    endEntry();
  } else {
    tarEnded = true;
  }
}

function setPiece(at: u32, size: u32): void {
  pieceAt = at;
  pieceLeft = size;
}

function beginEntry(): void {
  if (left == 0) {
    setPiece(ZEROS, 1024 + (RECORD_SIZE - 1 - ((produced + 1023) % RECORD_SIZE)));
    next = END;
    return;
  }
  // NAME still holds the previous path: directories that both have in front got their headers before.
  const path = pathOf(entry);
  const shared = min(pathLengthOf(entry), previousLength);
  parentsLength = 0;
  for (let i: u32 = 0; i < shared; i++) {
    pay(40);
    const byte = load<u8>(path + i);
    if (byte != load<u8>(NAME + rootLength + i)) break;
    if (byte == 0x2f) parentsLength = i + 1;
  }
  copy(NAME + rootLength, path, pathLengthOf(entry));
  next = PARENTS;
}

function parentOrEntry(): void {
  const length = pathLengthOf(entry);
  for (let i = parentsLength; i < length; i++) {
    pay(30);
    if (load<u8>(NAME + rootLength + i) == 0x2f) {
      parentsLength = i + 1;
      setPiece(HEADER, writeHeaders(DIRECTORY, rootLength + parentsLength, 0o755, 0, 0, 0));
      return;
    }
  }
  const kind = kindOf(entry);
  if (kind == SYMLINK) {
    setPiece(HEADER, writeHeaders(SYMBOLIC_LINK, rootLength + length, 0o777, 0, contentOf(entry), sizeOf(entry)));
    endEntry();
  } else {
    const mode = kind == EXECUTABLE ? 0o755 : 0o644;
    setPiece(HEADER, writeHeaders(REGULAR, rootLength + length, mode, sizeOf(entry), 0, 0));
    next = CONTENT;
  }
}

function endEntry(): void {
  previousLength = pathLengthOf(entry);
  entry = nextEntry(entry);
  left--;
  next = ENTRY;
}
