import { base64, base64nopad, base64url, base64urlnopad } from "@scure/base";
import { malformed } from "./errors.ts";

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/**
 * Reads standard or URL-safe base64, padded or not; each in its one spelling: no white space, no bits that say nothing.
 * @param what it is, for the error.
 * @throws AssayError `attestation/malformed`
 */
export function fromBase64(text: string, what: string): Uint8Array {
  const isPadded = text.length % 4 === 0;
  const isForUrls = /[-_]/.test(text);
  try {
    if (isForUrls) return (isPadded ? base64url : base64urlnopad).decode(text);
    return (isPadded ? base64 : base64nopad).decode(text);
  } catch (cause) {
    throw malformed(what, "it is not base64", cause);
  }
}
