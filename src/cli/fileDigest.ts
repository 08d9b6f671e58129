import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { AssayError } from "../core/errors.ts";

/** The sha256 of a file that was named as an argument, in hexadecimal. @throws AssayError `cli/bad-argument` */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (cause) {
    throw new AssayError("cli/bad-argument", `cannot read the artifact ${file}`, { file }, { cause });
  }
  return hash.digest("hex");
}
