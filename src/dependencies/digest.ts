import { toHex } from "../core/bytes.ts";

/** What a lock says of a content. `h1` is Go's: base64 of a sha256 over the list of files and their sha256s. */
export interface Digest {
  readonly algorithm: "sha256" | "sha512" | "h1";
  /** Lower-case hexadecimal; of `h1` base64. */
  readonly digest: string;
}

/** `sha512:` and the digest, for example. */
export function digestText({ algorithm, digest }: Digest): string {
  return `${algorithm}:${digest}`;
}

/** In hexadecimal, by the platform's own code: contents are large. */
export async function hashOf(algorithm: "SHA-1" | "SHA-256" | "SHA-512", bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest(algorithm, bytes as Uint8Array<ArrayBuffer>);
  return toHex(new Uint8Array(digest)).slice(2);
}
