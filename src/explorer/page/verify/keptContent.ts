import { type ContentId, contentIdOf } from "../../../store/contentId.ts";
import { type DraftSpace, MemorySpace } from "../../../store/draft.ts";
import type { SyncFile } from "./fileSnapshots.ts";

/**
 * A content on its way into a file: what came before a reload is gone on with. Once the file takes no more, all of it is in memory, and
 * the file keeps the beginning.
 */
export class KeptContent implements DraftSpace {
  private memory: MemorySpace | undefined;

  /** @param most bytes of memory that it takes at most. */
  constructor(
    private readonly file: SyncFile,
    private readonly most: number,
    private readonly onClose: () => void,
  ) {}

  /** Bytes that were kept before. */
  get size(): number {
    return this.file.getSize();
  }

  /** Whether the file has taken all that was written. */
  get isKept(): boolean {
    return this.memory === undefined;
  }

  write(at: number, bytes: Uint8Array): void {
    if (this.memory === undefined) {
      if (this.writeToFile(at, bytes)) return;
      this.memory = new MemorySpace(this.most);
      this.memory.write(0, this.fromFile(0, at));
    }
    this.memory.write(at, bytes);
  }

  idOf(from: number, end: number): ContentId {
    return contentIdOf(this.bytes(from, end));
  }

  bytes(from: number, end: number): Uint8Array {
    return this.memory?.bytes(end).subarray(from) ?? this.fromFile(from, end);
  }

  close(): void {
    this.onClose();
  }

  private writeToFile(at: number, bytes: Uint8Array): boolean {
    try {
      if (this.file.write(bytes, { at }) === bytes.length) return true;
    } catch {
      // It is full, or gone.
    }
    try {
      this.file.truncate(at);
    } catch {
      // The hash shows what is wrong in it.
    }
    return false;
  }

  private fromFile(from: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - from);
    this.file.read(bytes, { at: from });
    return bytes;
  }
}
