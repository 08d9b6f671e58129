import { promisify } from "node:util";
import { gunzip, inflateRaw, type ZlibOptions } from "node:zlib";
import type { Decompress } from "../decompress.ts";

const ways = {
  gzip: promisify<Uint8Array, ZlibOptions, Buffer>(gunzip),
  "deflate-raw": promisify<Uint8Array, ZlibOptions, Buffer>(inflateRaw),
} as const;

/** By zlib: gzip files of several members, too. */
export const decompressNatively: Decompress = async (format, bytes, most) => {
  try {
    return await ways[format](bytes, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
};
