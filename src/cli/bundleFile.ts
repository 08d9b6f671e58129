import { readFile, stat } from "node:fs/promises";
import { type Bundle, parseBundle } from "../attestation/bundle.ts";
import { mostBundleCharacters } from "../attestation/limits.ts";
import { AssayError, isAssayError } from "../core/errors.ts";

/**
 * Reads a bundle that was named as an argument: envelopes or sigstore bundles, one a line.
 * @throws AssayError `cli/bad-argument`, `attestation/too-large`
 */
export async function readBundleFile(file: string): Promise<Bundle> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > mostBundleCharacters) {
      const message = `${file} has ${size} bytes, more than a bundle may have (${mostBundleCharacters})`;
      throw new AssayError("attestation/too-large", message, { size, most: mostBundleCharacters });
    }
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw new AssayError("cli/bad-argument", `cannot read ${file}`, { file }, { cause });
  }
  return parseBundle(text);
}
