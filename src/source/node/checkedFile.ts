import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { AssayError } from "../../core/errors.ts";
import type { LfsPointer } from "../lfsPointer.ts";
import type { DeferredContent } from "../source.ts";

/** A file on this disk that has to have a size and a sha256. @param path in the source, for the message. */
export function deferredFile(file: string, path: string, { sha256, size }: LfsPointer): DeferredContent {
  return { size, read: () => readChecked(file, path, { sha256, size }) };
}

async function* readChecked(file: string, path: string, { sha256, size }: LfsPointer) {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const hash = createHash("sha256");
  let left = size;
  try {
    // Ends by itself at the end of the file.
    for await (const part of handle.createReadStream({ autoClose: false, highWaterMark: 2 ** 20 })) {
      const bytes = part as Buffer;
      if (bytes.length > left) throw wrongObject(path, sha256, `${file} has more than ${size} bytes`);
      left -= bytes.length;
      hash.update(bytes);
      yield bytes as Uint8Array;
    }
  } finally {
    await handle.close();
  }
  if (left > 0) throw wrongObject(path, sha256, `${file} has less than ${size} bytes`);
  if (hash.digest("hex") !== sha256) throw wrongObject(path, sha256, `${file} has another sha256: remove it`);
}

/** The refusal of an LFS object that is not what its pointer says. */
export function wrongObject(path: string, sha256: string, fact: string) {
  return new AssayError("source/lfs-object", `the Git LFS object ${sha256} (${JSON.stringify(path)}): ${fact}`, {
    sha256,
    path,
  });
}
