import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bytesContent, type Content } from "../rootTree.ts";
import { tooLarge } from "../treeSize.ts";

/** Files up to this size stay in memory. */
const smallBytes = 4096;

/** Contents of files on their way into an image: one behind the other in a single file. */
export class Spool {
  private at = 0;
  private kept = 0;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly limit: number,
  ) {}

  /** @param limit how many bytes may come together. */
  static async create(file: string, limit: number): Promise<Spool> {
    return new Spool(file, await open(file, "w", 0o600), limit);
  }

  /**
   * Keeps the bytes of a stream.
   * @throws AssayError `guest/bad-tree` when there are more than the limit, or fewer or more than `size`
   */
  async keep(path: string, size: number, stream: AsyncIterable<Uint8Array>): Promise<Content> {
    if (size > this.limit - this.kept) throw tooLarge(path, this.limit);
    this.kept += size;
    const from = this.at;
    const parts: Uint8Array[] = [];
    for await (const part of stream) {
      if (size <= smallBytes) parts.push(part);
      else await this.write(part);
    }
    if (size <= smallBytes) return bytesContent(Buffer.concat(parts));
    return {
      size,
      read: () => createReadStream(this.file, { start: from, end: from + size - 1, highWaterMark: 2 ** 18 }),
    };
  }

  /** An empty folder to work in, beside the contents, which goes when they go. */
  async folder(name: string): Promise<string> {
    const folder = join(dirname(this.file), name);
    await mkdir(folder);
    return folder;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async write(part: Uint8Array): Promise<void> {
    for (let done = 0; done < part.length; ) {
      const { bytesWritten } = await this.handle.write(part, done, part.length - done, this.at);
      done += bytesWritten;
      this.at += bytesWritten;
    }
  }
}
