/** Where the contents of snapshots are kept. Synchronous: only the thread that runs the machine uses it. */
export interface SnapshotStorage {
  names(): string[];
  /** Undefined when there is no such name or it is shorter than asked for. */
  read(name: string, offset: number, length: number): Uint8Array | undefined;
  /**
   * Keeps the parts, one after the other, under the name: whole or not at all, replacing what had it. Each part is valid
   * only until the next one is taken.
   * @throws AssayError `native/storage-fault`
   */
  write(name: string, parts: Iterable<Uint8Array>): void;
  remove(name: string): void;
}

export class MemorySnapshotStorage implements SnapshotStorage {
  private readonly contents = new Map<string, Uint8Array>();

  names(): string[] {
    return [...this.contents.keys()];
  }

  read(name: string, offset: number, length: number): Uint8Array | undefined {
    const bytes = this.contents.get(name);
    return bytes === undefined || offset + length > bytes.length ? undefined : bytes.subarray(offset, offset + length);
  }

  write(name: string, parts: Iterable<Uint8Array>): void {
    this.contents.set(name, joined(parts));
  }

  remove(name: string): void {
    this.contents.delete(name);
  }
}

function joined(parts: Iterable<Uint8Array>): Uint8Array {
  const copies = Array.from(parts, (part) => part.slice());
  const bytes = new Uint8Array(copies.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of copies) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
