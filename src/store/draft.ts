import { type ContentId, contentIdOf } from "./contentId.ts";

/** Where the bytes of a content are kept while they come. */
export interface DraftSpace {
  /** Keeps bytes; a place may be written to again. Several writes may be under way at once. */
  write(at: number, bytes: Uint8Array): void | Promise<void>;
  /** The id of the bytes from one place to another, all of which have been written. */
  idOf(from: number, end: number): ContentId | Promise<ContentId>;
}

/** Which bytes came from which mirror. */
export interface DraftPart {
  readonly mirror: string;
  readonly from: number;
  readonly end: number;
}

/** Bytes whose sender is not known: they were there before. */
export const unknownSender = "";

/**
 * A content of which only the beginning may be there yet. Several mirrors can send to it at once, each from its own place on: what
 * others have sent already is passed over.
 */
export class Draft {
  private readonly kept: { mirror: string; from: number; end: number }[] = [];
  private readonly writes = new Set<Promise<void>>();
  private length: number;

  /** @param size bytes that are in the space already. */
  constructor(
    private readonly space: DraftSpace,
    size = 0,
  ) {
    this.length = size;
    if (size > 0) this.kept.push({ mirror: unknownSender, from: 0, end: size });
  }

  /** Bytes that are there, from the first on. */
  get size(): number {
    return this.length;
  }

  /** In their order, without gaps. */
  get parts(): readonly DraftPart[] {
    return this.kept;
  }

  /** Whether nobody else has sent anything of it. */
  isOf(mirror: string): boolean {
    return this.kept.every((part) => part.mirror === mirror);
  }

  /** Takes what a mirror sends for the place `at`. @returns whether there was anything new; undefined where bytes before it are missing. */
  async take(mirror: string, at: number, bytes: Uint8Array): Promise<boolean | undefined> {
    if (at > this.length) return undefined;
    const known = this.length - at;
    if (known >= bytes.length) return false;
    const from = this.length;
    const fresh = bytes.subarray(known);
    this.length += fresh.length;
    const last = this.kept.at(-1);
    if (last?.mirror === mirror) last.end = this.length;
    else this.kept.push({ mirror, from, end: this.length });
    const written = this.space.write(from, fresh);
    if (written === undefined) return true;
    this.writes.add(written);
    try {
      await written;
    } finally {
      this.writes.delete(written);
    }
    return true;
  }

  /** Forgets what is behind this place. Nobody may be sending. */
  cut(size: number): void {
    while (this.kept.length > 0 && this.kept.at(-1)!.from >= size) this.kept.pop();
    const last = this.kept.at(-1);
    if (last !== undefined) last.end = Math.min(last.end, size);
    this.length = Math.min(this.length, size);
  }

  /** The id of a part of what is there. */
  async idOf(from: number, end: number): Promise<ContentId> {
    await Promise.all(this.writes);
    return await this.space.idOf(from, end);
  }
}

/** Keeps a draft in memory. */
export class MemorySpace implements DraftSpace {
  private buffer = new Uint8Array();

  /** @param most bytes of memory that it takes at most. */
  constructor(private readonly most: number) {}

  /** Makes room, where it is known how much will come. */
  expect(size: number): void {
    this.grow(Math.min(size, this.most));
  }

  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    // One buffer, not a list of chunks: a mirror that sends single bytes would make a list of millions.
    if (end > this.buffer.length) {
      this.grow(Math.min(this.most, Math.max(end, 2 * this.buffer.length, Math.min(2 ** 16, this.most))));
    }
    this.buffer.set(bytes, at);
  }

  idOf(from: number, end: number): ContentId {
    return contentIdOf(this.buffer.subarray(from, end));
  }

  /** The first bytes; the space is not to be used any more. */
  bytes(size: number): Uint8Array {
    return size === this.buffer.length ? this.buffer : this.buffer.slice(0, size);
  }

  private grow(size: number): void {
    if (size <= this.buffer.length) return;
    const larger = new Uint8Array(size);
    larger.set(this.buffer);
    this.buffer = larger;
  }
}
