import { base58 } from "@scure/base";
import { toHex } from "../core/bytes.ts";

/** Of a Radicle repository: multibase (base58btc) of the 20-byte git blob id of its first identity document. */
export type RepositoryId = `rad:z${string}`;

const prefix = "rad:z";

/** The id of the repository whose first identity document is this. @param document 20 bytes. */
export function repositoryIdOf(document: Uint8Array): RepositoryId {
  return `${prefix}${base58.encode(document)}` as RepositoryId;
}

/** The blob id of the document that a repository began with, 40 hexadecimal digits; undefined for any other text. */
export function firstDocumentIn(text: string): string | undefined {
  if (!text.startsWith(prefix) || text.length > 40) return undefined;
  try {
    const bytes = base58.decode(text.slice(prefix.length));
    return bytes.length === 20 && repositoryIdOf(bytes) === text ? toHex(bytes).slice(2) : undefined;
  } catch {
    return undefined;
  }
}
