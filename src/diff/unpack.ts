import { isAssayError } from "../core/errors.ts";
import type { CompressedFormat } from "./decompress.ts";
import { type DiffRun, refused } from "./diffRun.ts";

/** The content of a gzip file. @throws AssayError `diff/refused`, also when it is more than may be unpacked. */
export async function unpackGzip(run: DiffRun, file: Uint8Array): Promise<Uint8Array> {
  return await bounded(run, "gzip", file);
}

/** A deflated entry of a zip archive. @param size that it must have. @throws AssayError `diff/refused` */
export async function unpackDeflated(run: DiffRun, bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const content = await bounded(run, "deflate-raw", bytes);
  if (content.length !== size) throw refused(`it has ${content.length} bytes, its header says ${size}`);
  return content;
}

async function bounded(run: DiffRun, format: CompressedFormat, bytes: Uint8Array): Promise<Uint8Array> {
  run.checkTime();
  try {
    const content = await run.decompress(format, bytes, Math.max(1, run.bytesLeft));
    if (content === undefined)
      throw refused(`it unpacks to more than is left of the ${run.limits.unpackedBytes} bytes for everything`);
    run.unpacked(content.length);
    return content;
  } catch (cause) {
    throw isAssayError(cause) ? cause : refused(`it is damaged (${(cause as Error).message})`, cause);
  }
}
