import { concatBytes } from "../core/bytes.ts";

/** What is compressed: a gzip file, or an entry of a zip archive. */
export type CompressedFormat = "gzip" | "deflate-raw";

/**
 * Decompresses. Each host has its own: `decompressNatively` in Node, `decompressStream` wherever there are streams.
 * @param most bytes that may come out.
 * @returns undefined if there are more. @throws any error for what is damaged.
 */
export type Decompress = (format: CompressedFormat, bytes: Uint8Array, most: number) => Promise<Uint8Array | undefined>;

/** By the streams that browsers have. A gzip file of several members is damaged to some of them. */
export const decompressStream: Decompress = async (format, bytes, most) => {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = packed.pipeThrough(new DecompressionStream(format)).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) return concatBytes(...pieces);
      size += value.length;
      if (size > most) return undefined;
      pieces.push(value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
};
