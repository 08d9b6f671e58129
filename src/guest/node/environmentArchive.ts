/**
 * An environment as one file: a gzipped tar archive with `manifest.json`, `kernel` and `root`, in this order, each with the
 * same owner, mode and time. There is one archive (before compression) of an environment, and only that one is read.
 */

import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { AssayError } from "../../core/errors.ts";
import { type GuestManifest, type ImageName, imageNames } from "../manifest.ts";
import { encodeManifest } from "../manifestText.ts";
import { imageFile, openImage } from "./environmentCache.ts";

export const manifestEntry = "manifest.json";
export const blockBytes = 512;
/** The archive ends with so many zero bytes. */
export const endBytes = 2 * blockBytes;

const utf8 = new TextEncoder();

/** The block in front of a file's content. */
export async function headerBlock(name: string, size: number): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name, size, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, type: "file" }, () => {});
  for await (const chunk of archive) return new Uint8Array(chunk as Buffer);
  throw new AssayError("guest/bad-archive", `no header for ${name}`, { fact: name });
}

/** Zero bytes from the end of a file's content up to the next block. */
export function paddingBytes(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/**
 * The archive as a stream of some hundred KiB at a time. It ends with an error when an image is not what the manifest says.
 * @throws (through the stream) AssayError `guest/image-missing`, `guest/bad-image`
 */
export function packEnvironment(folder: string, manifest: GuestManifest): Readable {
  // The reader of the stream gets its error; the callback is there because `pipeline` asks for one.
  return pipeline(Readable.from(archiveOf(folder, manifest)), createGzip(), () => {});
}

async function* archiveOf(folder: string, manifest: GuestManifest): AsyncGenerator<Uint8Array> {
  const text = utf8.encode(encodeManifest(manifest));
  yield await headerBlock(manifestEntry, text.length);
  yield text;
  yield new Uint8Array(paddingBytes(text.length));
  for (const name of imageNames) {
    const { size } = manifest.images[name];
    yield await headerBlock(name, size);
    yield* readChecked(folder, manifest, name);
    yield new Uint8Array(paddingBytes(size));
  }
  yield new Uint8Array(endBytes);
}

/** The bytes of an image file, which are those that the manifest names or end with an error. */
async function* readChecked(folder: string, manifest: GuestManifest, name: ImageName): AsyncGenerator<Uint8Array> {
  const { sha256, size } = manifest.images[name];
  const file = imageFile(folder, sha256);
  const hash = createHash("sha256");
  const handle = await openImage(folder, manifest, name);
  let left = size;
  for await (const chunk of handle.createReadStream({ highWaterMark: 2 ** 18 })) {
    hash.update(chunk as Buffer);
    left -= (chunk as Buffer).length;
    if (left < 0) break;
    yield chunk as Buffer;
  }
  if (left === 0 && `0x${hash.digest("hex")}` === sha256) return;
  throw new AssayError(
    "guest/bad-image",
    `${file} is not the image "${name}" of "${manifest.name}": delete it and build or import it again`,
    { file, name, expected: sha256 },
  );
}
