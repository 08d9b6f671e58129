import { type FileHandle, open } from "node:fs/promises";

/** A file that is read from its beginning to its end, in pieces of known size. */
export class ByteFile {
  private buffer = Buffer.alloc(0);
  private position = 0;

  private constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}

  static async open(file: string): Promise<ByteFile> {
    const handle = await open(file, "r");
    return new ByteFile(handle, (await handle.stat()).size);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.size - this.position + this.buffer.length;
  }

  /** The next bytes; fewer where the file ends. */
  async take(length: number): Promise<Buffer> {
    while (this.buffer.length < length) {
      const more = Buffer.allocUnsafe(Math.max(2 ** 16, Math.min(length, 2 ** 20)));
      const { bytesRead } = await this.handle.read(more, 0, more.length, this.position);
      if (bytesRead === 0) break;
      this.position += bytesRead;
      this.buffer = Buffer.concat([this.buffer, more.subarray(0, bytesRead)]);
    }
    const taken = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(taken.length);
    return taken;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
