/**
 * A snapshot as bytes: `magic (8) ‖ length of the header u32 ‖ digest of the header (32) ‖ header ‖ page contents`. The
 * header is checked as a whole when it is read; contents are checked by the page nodes that stand in the header. It may
 * leave out contents that its reader has at hand, and says which.
 */

import { concatBytes, equalBytes, fromHex, type Root, toHex } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { type Hasher, hashBytes, pageBytes } from "../../merkle/hasher.ts";
import { bytesOf } from "../leaves.ts";
import { type DriveContents, equalContents } from "./driveContents.ts";
import { contentOf, type PageChanges, type Snapshot } from "./snapshot.ts";
import type { SnapshotStorage } from "./snapshotStorage.ts";

const magic = new TextEncoder().encode("assay s1");
const prefixBytes = magic.length + 4 + hashBytes;
/** The kernel takes as much at once. */
const digestChunkBytes = 65536;

/** A state root at a tick. */
export type TickRoot = readonly [tick: number, root: Root];

/** What a run has found out about its checkpoints. */
export interface CheckpointNotes {
  /** They are at multiples of 2 to this power. */
  readonly log2Ticks: number;
  /** Their roots since the parent snapshot, this one's own included. Some may turn out to be no checkpoints. */
  readonly roots: readonly TickRoot[];
}

/** A snapshot as it is stored: its parent by tick. */
export interface StoredSnapshot {
  readonly snapshot: Omit<Snapshot, "parent">;
  readonly parentTick: number | undefined;
  readonly notes: CheckpointNotes;
}

interface Scalars {
  readonly tick: number;
  readonly parentTick: number | undefined;
  readonly root: Root;
  readonly registers: string;
  readonly stack: string | undefined;
  readonly globals: string;
  readonly notes: CheckpointNotes;
  readonly pages: number;
  /** Contents that are left out; 0 when missing. One byte for each page then says which. */
  readonly leftOut?: number;
}

/**
 * The parts of the encoding, contents taken page by page each time that they are asked for.
 * @param atHand contents that are left out, where they are the same.
 */
export function encodeSnapshot(
  hasher: Hasher,
  snapshot: Snapshot,
  notes: CheckpointNotes,
  atHand?: DriveContents,
): Iterable<Uint8Array> {
  return { [Symbol.iterator]: () => partsOf(hasher, snapshot, notes, atHand) };
}

function* partsOf(
  hasher: Hasher,
  snapshot: Snapshot,
  notes: CheckpointNotes,
  atHand: DriveContents | undefined,
): Generator<Uint8Array> {
  const { changes } = snapshot;
  const marks = Uint8Array.from(changes.pages, (page, position) => {
    const content = atHand?.content(page);
    return content !== undefined && equalContents(content, contentOf(snapshot, position)) ? 1 : 0;
  });
  const leftOut = marks.reduce((sum, mark) => sum + mark, 0);
  const scalars: Scalars = {
    tick: snapshot.tick,
    parentTick: snapshot.parent?.tick,
    root: snapshot.root,
    registers: toHex(bytesOf(snapshot.registers)),
    stack: snapshot.stack && toHex(bytesOf(snapshot.stack)),
    globals: toHex(bytesOf(snapshot.globals)),
    notes,
    pages: changes.pages.length,
    ...(leftOut > 0 && { leftOut }),
  };
  const text = new TextEncoder().encode(JSON.stringify(scalars));
  const numbers = new Uint8Array(changes.pages.slice().buffer);
  const header = concatBytes(word(text.length), text, numbers, changes.nodes, leftOut > 0 ? marks : new Uint8Array(0));
  yield concatBytes(magic, word(header.length), digest(hasher, header), header);
  for (const [position, mark] of marks.entries()) if (mark === 0) yield contentOf(snapshot, position);
}

/**
 * Reads what `encodeSnapshot` wrote under this name.
 * @param atHand where contents are that were left out.
 * @throws AssayError `native/corrupt-snapshot` when the header is cut off or altered.
 */
export function decodeSnapshot(
  hasher: Hasher,
  storage: SnapshotStorage,
  name: string,
  atHand?: DriveContents,
): StoredSnapshot {
  const corrupt = (fact: string) => new AssayError("native/corrupt-snapshot", `snapshot ${name} ${fact}`, { name });
  const prefix = storage.read(name, 0, prefixBytes);
  if (prefix === undefined) throw corrupt("is cut off");
  if (!equalBytes(prefix.subarray(0, magic.length), magic)) throw corrupt("is of another version");
  const headerBytes = wordAt(prefix, magic.length);
  const header = storage.read(name, prefixBytes, headerBytes)?.slice();
  if (header === undefined) throw corrupt("is cut off");
  if (!equalBytes(digest(hasher, header), prefix.subarray(magic.length + 4))) throw corrupt("is altered");

  const textEnd = 4 + wordAt(header, 0);
  const scalars = JSON.parse(new TextDecoder().decode(header.subarray(4, textEnd))) as Scalars;
  const nodesAt = textEnd + 4 * scalars.pages;
  const nodesEnd = nodesAt + hashBytes * scalars.pages;
  const pages = new Uint32Array(header.slice(textEnd, nodesAt).buffer);
  const kept = scalars.pages - (scalars.leftOut ?? 0);
  const contentAt = (place: number) => prefixBytes + headerBytes + place * pageBytes;
  if (kept > 0 && storage.read(name, contentAt(kept - 1), pageBytes) === undefined) throw corrupt("is cut off");
  const places = kept === scalars.pages ? undefined : placesOf(header.subarray(nodesEnd));
  const changes: PageChanges = {
    pages,
    nodes: header.slice(nodesAt, nodesEnd),
    kept,
    content(position) {
      const place = places === undefined ? position : places[position]!;
      return place < 0 ? atHand?.content(pages[position]!) : storage.read(name, contentAt(place), pageBytes);
    },
  };
  return {
    snapshot: {
      tick: scalars.tick,
      step: undefined,
      root: scalars.root,
      registers: wordsOf(scalars.registers),
      stack: scalars.stack === undefined ? undefined : wordsOf(scalars.stack),
      globals: wordsOf(scalars.globals),
      changes,
    },
    parentTick: scalars.parentTick,
    notes: scalars.notes,
  };
}

/** Where each page's content stands among those that are kept; -1 where it is left out. */
function placesOf(marks: Uint8Array): Int32Array {
  let kept = 0;
  return Int32Array.from(marks, (mark) => (mark === 0 ? kept++ : -1));
}

function digest(hasher: Hasher, bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += digestChunkBytes) {
    chunks.push(hasher.hash(bytes.subarray(at, at + digestChunkBytes)));
  }
  return chunks.length === 1 ? chunks[0]! : digest(hasher, concatBytes(...chunks));
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function wordsOf(hex: string): Int32Array {
  return new Int32Array(fromHex(hex).buffer);
}
