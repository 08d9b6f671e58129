/**
 * Snapshots in one file that is written in place, without asking anybody to open another: browsers open files asynchronously,
 * while a machine runs synchronously. The file is a row of blocks, each a header and room for content. A header is written after its
 * content, so that a tab that is closed at any time leaves whole snapshots only.
 */
import { AssayError } from "../../../core/errors.ts";
import type { SnapshotStorage } from "../../../machine/native/snapshotStorage.ts";

/** A file as `FileSystemSyncAccessHandle` has it. */
export interface SyncFile {
  read(buffer: Uint8Array, options: { readonly at: number }): number;
  write(buffer: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  close(): void;
}

interface Block {
  readonly offset: number;
  /** Bytes of room behind the header. */
  readonly capacity: number;
  /** Bytes of content; of a block that is free, 0. */
  readonly length: number;
  /** Undefined: it is free. */
  readonly name: string | undefined;
  /** Of two blocks of one name the one that was written later counts. */
  readonly number: number;
}

/** `magic, capacity f64, length f64, number f64, name's length u32, name`. */
const headerBytes = 64;
const magic = 0x4153_5331;
const mostNameBytes = 28;
/** What is known to be shorter is put where there is room; what is longer goes to the end. */
const gatheredBytes = 8 * 2 ** 20;

export class FileSnapshotStorage implements SnapshotStorage {
  /** By their place, without gaps between them. */
  private readonly blocks: Block[] = [];
  private readonly gathered = new Gathered(gatheredBytes);
  private lastNumber = 0;

  /** Takes over what the file holds, as far as it is whole. */
  constructor(private readonly file: SyncFile) {
    let end = 0;
    for (;;) {
      const block = this.readHeader(end);
      if (block === undefined) break;
      this.blocks.push(block);
      end = endOf(block);
      this.lastNumber = Math.max(this.lastNumber, block.number);
    }
    if (end < file.getSize()) this.truncate(end);
    const latest = new Map<string, Block>();
    for (const block of this.blocks) {
      if (block.name === undefined) continue;
      const other = latest.get(block.name);
      if (other === undefined || other.number < block.number) latest.set(block.name, block);
    }
    for (const block of [...this.blocks]) {
      if (block.name !== undefined && latest.get(block.name) !== block) this.free(block);
    }
  }

  names(): string[] {
    return this.blocks.flatMap(({ name }) => (name === undefined ? [] : [name]));
  }

  /** Bytes of a content; 0 where there is none. */
  sizeOf(name: string): number {
    return this.find(name)?.length ?? 0;
  }

  /** What the browser does not give is not there. */
  read(name: string, offset: number, length: number): Uint8Array | undefined {
    const block = this.find(name);
    if (block === undefined || offset + length > block.length) return undefined;
    const bytes = new Uint8Array(length);
    try {
      const count = this.file.read(bytes, { at: block.offset + headerBytes + offset });
      return count === length ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  write(name: string, parts: Iterable<Uint8Array>): void {
    const { end } = this;
    try {
      this.writeParts(name, parts);
    } catch (error) {
      // SAFETY: what a build has in its memory must never be taken for a header.
      if (this.end === end) this.truncate(end);
      throw error;
    }
  }

  private writeParts(name: string, parts: Iterable<Uint8Array>): void {
    const { gathered } = this;
    gathered.clear();
    const before = this.find(name);
    let at: number | undefined;
    let written = 0;
    for (const part of parts) {
      if (at === undefined && gathered.take(part)) continue;
      if (at === undefined) {
        at = this.end;
        this.writeAll(gathered.bytes, at + headerBytes);
        written = gathered.bytes.length;
      }
      this.writeAll(part, at + headerBytes + written);
      written += part.length;
    }
    const number = ++this.lastNumber;
    if (at === undefined) this.place(name, number, gathered.bytes);
    else this.append({ offset: at, capacity: written, length: written, name, number });
    if (before !== undefined) this.free(before);
  }

  remove(name: string): void {
    const block = this.find(name);
    if (block !== undefined) this.free(block);
  }

  close(): void {
    this.file.close();
  }

  private get end(): number {
    const last = this.blocks.at(-1);
    return last === undefined ? 0 : endOf(last);
  }

  private find(name: string): Block | undefined {
    return this.blocks.find((block) => block.name === name);
  }

  private append(block: Block): void {
    this.writeHeader(block);
    this.blocks.push(block);
  }

  /** Puts content where there is room for it, or to the end. */
  private place(name: string, number: number, content: Uint8Array): void {
    const { length } = content;
    const at = this.blocks.findIndex((block) => block.name === undefined && block.capacity >= length);
    if (at === -1) {
      const offset = this.end;
      this.writeAll(content, offset + headerBytes);
      return this.append({ offset, capacity: length, length, name, number });
    }
    const { offset, capacity } = this.blocks[at]!;
    this.writeAll(content, offset + headerBytes);
    const rest = capacity - length - headerBytes;
    const used = { offset, capacity: rest < 0 ? capacity : length, length, name, number };
    const behind = { offset: endOf(used), capacity: rest, length: 0, name: undefined, number: 0 };
    // Until the header is written the room is free as before, with whatever is in it.
    if (rest >= 0) this.writeHeader(behind);
    this.writeHeader(used);
    this.blocks.splice(at, 1, ...(rest < 0 ? [used] : [used, behind]));
  }

  /** Makes a block's room free, one with that of its neighbours. */
  private free(block: Block): void {
    let at = this.blocks.indexOf(block);
    let count = 1;
    while (this.blocks[at + count]?.name === undefined && at + count < this.blocks.length) count++;
    while (at > 0 && this.blocks[at - 1]!.name === undefined) {
      at--;
      count++;
    }
    const { offset } = this.blocks[at]!;
    const capacity = endOf(this.blocks[at + count - 1]!) - offset - headerBytes;
    if (at + count === this.blocks.length) {
      this.blocks.splice(at, count);
      return this.truncate(offset);
    }
    const free = { offset, capacity, length: 0, name: undefined, number: 0 };
    this.writeHeader(free);
    this.blocks.splice(at, count, free);
  }

  private readHeader(offset: number): Block | undefined {
    const bytes = new Uint8Array(headerBytes);
    if (this.attempt("read", () => this.file.read(bytes, { at: offset })) < headerBytes) return undefined;
    const view = new DataView(bytes.buffer);
    const nameLength = view.getUint32(28, true);
    const [capacity, length, number] = [4, 12, 20].map((at) => view.getFloat64(at, true)) as [number, number, number];
    const isWhole =
      view.getUint32(0, true) === magic &&
      [capacity, length, number].every((value) => Number.isSafeInteger(value) && value >= 0) &&
      length <= capacity &&
      nameLength <= mostNameBytes &&
      offset + headerBytes + capacity <= this.file.getSize();
    if (!isWhole) return undefined;
    const name = nameLength === 0 ? undefined : new TextDecoder().decode(bytes.subarray(32, 32 + nameLength));
    return { offset, capacity, length, name, number };
  }

  private writeHeader({ offset, capacity, length, name = "", number }: Block): void {
    const bytes = new Uint8Array(headerBytes);
    const view = new DataView(bytes.buffer);
    const encoded = new TextEncoder().encode(name);
    view.setUint32(0, magic, true);
    view.setFloat64(4, capacity, true);
    view.setFloat64(12, length, true);
    view.setFloat64(20, number, true);
    view.setUint32(28, encoded.length, true);
    bytes.set(encoded, 32);
    this.writeAll(bytes, offset);
  }

  private writeAll(bytes: Uint8Array, at: number): void {
    this.attempt("write", () => {
      const count = this.file.write(bytes, { at });
      if (count !== bytes.length) throw storageFault("write", "there is no more room", undefined);
    });
  }

  private truncate(size: number): void {
    this.attempt("remove", () => this.file.truncate(size));
  }

  private attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof AssayError) throw error;
      const { name, message } = error as Error;
      throw storageFault(what, name === "QuotaExceededError" ? "there is no more room" : message, error);
    }
  }
}

/** Parts, put together as long as they are not too long. */
class Gathered {
  private readonly buffer: Uint8Array;
  private size = 0;

  constructor(most: number) {
    this.buffer = new Uint8Array(most);
  }

  clear(): void {
    this.size = 0;
  }

  /** @returns false if it does not fit. */
  take(part: Uint8Array): boolean {
    if (this.size + part.length > this.buffer.length) return false;
    this.buffer.set(part, this.size);
    this.size += part.length;
    return true;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.size);
  }
}

function endOf({ offset, capacity }: Block): number {
  return offset + headerBytes + capacity;
}

function storageFault(what: string, why: string, cause: unknown): AssayError {
  const code = (cause as Error | undefined)?.name;
  return new AssayError(
    "native/storage-fault",
    `cannot ${what} snapshots in this browser: ${why}`,
    { code },
    { cause },
  );
}
