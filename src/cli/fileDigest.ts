import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { AssayError } from "../core/errors.ts";

/** The sha256 of a file that was named as an argument, in hexadecimal. @throws AssayError `cli/bad-argument` */
export async function sha256OfFile(file: string): Promise<string> {
  return (await hashesOfFile(file)).sha256;
}

/** As `sha256OfFile`, with the sha512. */
export async function hashesOfFile(file: string): Promise<{ readonly sha256: string; readonly sha512: string }> {
  const [sha256, sha512] = [createHash("sha256"), createHash("sha512")];
  try {
    await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        sha256.update(chunk);
        sha512.update(chunk);
      }
    });
  } catch (cause) {
    throw new AssayError("cli/bad-argument", `cannot read the artifact ${file}`, { file }, { cause });
  }
  return { sha256: sha256.digest("hex"), sha512: sha512.digest("hex") };
}
