import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { nodeCrypto } from "../core/nodeCrypto.ts";

/** Names content by its bytes: `sha256:` and 64 lower-case hexadecimal digits. It is also a locator's text. */
export type ContentId = `sha256:${string}`;

/** The id of some bytes. */
export function contentIdOf(bytes: Uint8Array): ContentId {
  const hex = nodeCrypto?.createHash("sha256").update(bytes).digest("hex") ?? toHex(sha256(bytes)).slice(2);
  return `sha256:${hex}`;
}

/**
 * Reads `sha256:` and 64 hexadecimal digits.
 * @throws AssayError `store/bad-id` for anything that is not the one spelling of a content id.
 */
export function parseContentId(text: string): ContentId {
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) {
    throw new AssayError(
      "store/bad-id",
      `expected "sha256:" and 64 lower-case hexadecimal digits, got ${JSON.stringify(text.slice(0, 80))}`,
      { text },
    );
  }
  return text as ContentId;
}
