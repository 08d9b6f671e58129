import { writeFile } from "node:fs/promises";
import type { KeyId } from "../../src/attestation/keys.ts";
import { makeSigningKey } from "../../src/attestation/node/signingKey.ts";

/** The password of the keys that tests make. */
export const testPassword = "secret";

/**
 * Writes a signing key as `assay key new --signing` does, but that a guess at its password costs a hundredth: commands that sign
 * would take half a second each to open it.
 * @returns its id
 */
export async function writeSigningKey(file: string): Promise<KeyId> {
  const { keyId, text } = await makeSigningKey(testPassword, { n: 2 ** 14, r: 1, p: 1 });
  await writeFile(file, text, { mode: 0o600 });
  return keyId;
}
