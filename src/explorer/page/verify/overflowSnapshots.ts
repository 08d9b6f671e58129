/**
 * Snapshots in a file as long as it takes them, and in memory from then on: a disk that is full ends no run. What the file has by then
 * stays as it is, and is what a reload goes on from.
 */
import { isAssayError } from "../../../core/errors.ts";
import { MemorySnapshotStorage, type SnapshotStorage } from "../../../machine/native/snapshotStorage.ts";
import type { FileSnapshotStorage } from "./fileSnapshots.ts";

export class OverflowSnapshots implements SnapshotStorage {
  private memory: MemorySnapshotStorage | undefined;
  /** What the file still has, and has been replaced or removed since it was full. */
  private readonly gone = new Set<string>();

  /**
   * @param memoryBytes what may be kept in memory beside the file.
   * @param onFull told once, with the browser's reason.
   */
  constructor(
    private readonly file: FileSnapshotStorage,
    private readonly memoryBytes: number,
    private readonly onFull: (why: string) => void,
  ) {}

  get mostBytes(): number | undefined {
    if (this.memory === undefined) return undefined;
    return this.memoryBytes + this.inFile().reduce((sum, name) => sum + this.file.sizeOf(name), 0);
  }

  names(): string[] {
    return [...this.inFile(), ...(this.memory?.names() ?? [])];
  }

  read(name: string, offset: number, length: number): Uint8Array | undefined {
    const bytes = this.memory?.read(name, offset, length);
    return bytes ?? (this.gone.has(name) ? undefined : this.file.read(name, offset, length));
  }

  write(name: string, parts: Iterable<Uint8Array>): void {
    this.attempt(
      () => this.file.write(name, parts),
      (memory) => {
        memory.write(name, parts);
        this.gone.add(name);
      },
    );
  }

  remove(name: string): void {
    this.attempt(
      () => this.file.remove(name),
      (memory) => {
        memory.remove(name);
        this.gone.add(name);
      },
    );
  }

  private inFile(): string[] {
    return this.file.names().filter((name) => !this.gone.has(name));
  }

  private attempt(onFile: () => void, inMemory: (memory: MemorySnapshotStorage) => void): void {
    if (this.memory === undefined) {
      try {
        onFile();
        return;
      } catch (error) {
        if (!isAssayError(error, "native/storage-fault")) throw error;
        this.memory = new MemorySnapshotStorage();
        this.onFull(error.message);
      }
    }
    inMemory(this.memory);
  }
}
