/** Where the contents of snapshots are kept. Synchronous: only the thread that runs the machine uses it. */
export interface SnapshotStorage {
  /** Bytes that snapshots may take in it as things are; undefined: as many as its user likes. */
  readonly mostBytes?: number | undefined;
  names(): string[];
  /** Undefined when there is no such name or it is shorter than asked for. */
  read(name: string, offset: number, length: number): Uint8Array | undefined;
  /**
   * Keeps the parts, one after the other, under the name: whole or not at all, replacing what had it. Each part is valid
   * only until the next one is taken; all of them can be gone through again.
   * @throws AssayError `native/storage-fault`
   */
  write(name: string, parts: Iterable<Uint8Array>): void;
  remove(name: string): void;
}

/** Keeps snapshots in memory. */
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

/**
 * The same storage, which tells of each read and of each part that it writes: whole memories take long.
 * @param worked must not throw.
 */
export function watchedStorage(storage: SnapshotStorage, worked: () => void): SnapshotStorage {
  const watched = (parts: Iterable<Uint8Array>): Iterable<Uint8Array> => ({
    *[Symbol.iterator]() {
      for (const part of parts) {
        yield part;
        worked();
      }
    },
  });
  return {
    get mostBytes() {
      return storage.mostBytes;
    },
    names: () => storage.names(),
    read(name, offset, length) {
      const bytes = storage.read(name, offset, length);
      worked();
      return bytes;
    },
    write: (name, parts) => storage.write(name, watched(parts)),
    remove(name) {
      storage.remove(name);
      worked();
    },
  };
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
