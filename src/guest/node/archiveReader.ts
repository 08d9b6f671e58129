import { equalBytes } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { blockBytes, endBytes, headerBlock, paddingBytes } from "./environmentArchive.ts";

/**
 * Reads an archive of an environment, piece by piece and nothing beyond what is asked for. What `packEnvironment` would not
 * have written is refused where it stands: other names, links, sizes, order, owners, anything behind the end.
 */
export class ArchiveReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest = new Uint8Array(0);

  /** @param chunks the archive, decompressed. */
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * The content of the next file, which must have this name.
   * @throws AssayError `guest/bad-archive`
   */
  async readFile(name: string, maxBytes: number): Promise<Uint8Array> {
    const header = await this.take(blockBytes);
    const digits = new TextDecoder("latin1").decode(header.subarray(124, 135));
    const size = /^[0-7]{11}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
    if (size === undefined || size < 1 || size > maxBytes) throw badArchive(`its first file is not a ${name}`);
    await checkHeader(header, name, size);
    const content = await this.take(size);
    await this.padding(size);
    return content;
  }

  /**
   * The next file's content in pieces; it must have this name and size.
   * @throws AssayError `guest/bad-archive`
   */
  async *stream(name: string, size: number): AsyncGenerator<Uint8Array> {
    await checkHeader(await this.take(blockBytes), name, size);
    for (let left = size; left > 0; ) {
      const piece = await this.some(left);
      left -= piece.length;
      yield piece;
    }
    await this.padding(size);
  }

  /** @throws AssayError `guest/bad-archive` unless the archive ends here */
  async end(): Promise<void> {
    const zeros = await this.take(endBytes);
    const more = await this.next();
    if (more !== undefined || zeros.some((byte) => byte !== 0)) throw badArchive("something follows its last file");
  }

  private async padding(size: number): Promise<void> {
    const padding = await this.take(paddingBytes(size));
    if (padding.some((byte) => byte !== 0)) throw badArchive("something stands between its files");
  }

  private async take(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      const piece = await this.some(count - at);
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** From 1 to `most` bytes. */
  private async some(most: number): Promise<Uint8Array> {
    const chunk = this.rest.length > 0 ? this.rest : await this.next();
    if (chunk === undefined) throw badArchive("it is cut off");
    this.rest = chunk.subarray(most) as Uint8Array<ArrayBuffer>;
    return chunk.subarray(0, most);
  }

  private async next(): Promise<Uint8Array | undefined> {
    if (this.rest.length > 0) return this.rest;
    for (;;) {
      const { done, value } = await this.chunks.next().catch((cause: unknown) => {
        throw isAssayError(cause) ? cause : badArchive(describe(cause), cause);
      });
      if (done === true) return undefined;
      if ((value as Uint8Array).length > 0) return value as Uint8Array;
    }
  }
}

async function checkHeader(header: Uint8Array, name: string, size: number): Promise<void> {
  if (equalBytes(header, await headerBlock(name, size))) return;
  const end = header.indexOf(0);
  const given = new TextDecoder("latin1").decode(header.subarray(0, end < 0 || end > 100 ? 100 : end));
  throw badArchive(
    `where the file ${name} of ${size} bytes should be is ${JSON.stringify(given)}, or it is another kind`,
  );
}

function describe(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  if (code === "Z_BUF_ERROR") return "it is cut off";
  return code?.startsWith("Z_") ? "it is not compressed as one" : String(message);
}

/** The error for a file that no export wrote. */
export function badArchive(fact: string, cause?: unknown) {
  return new AssayError(
    "guest/bad-archive",
    `not an environment as "assay env export" writes it: ${fact}; get the file again, or ask whom you have it from`,
    { fact },
    { cause },
  );
}
