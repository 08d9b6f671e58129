import { readFile, stat } from "node:fs/promises";
import { mostBundleCharacters } from "../attestation/limits.ts";
import { type OthersBundle, parseOthers } from "../attestation/others/attestation.ts";
import { AssayError, isAssayError } from "../core/errors.ts";

/**
 * Reads a file of attestations that was named as an argument, in any of the forms that others write.
 * @throws AssayError `cli/bad-argument`, `attestation/too-large`
 */
export async function readOthersFile(file: string): Promise<OthersBundle> {
  try {
    const { size } = await stat(file);
    if (size <= mostBundleCharacters) return parseOthers(await readFile(file, "utf8"));
    const message = `${file} has ${size} bytes, more than a bundle may have (${mostBundleCharacters})`;
    throw new AssayError("attestation/too-large", message, { size, most: mostBundleCharacters });
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw new AssayError("cli/bad-argument", `cannot read ${file}`, { file }, { cause });
  }
}
