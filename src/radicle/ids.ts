import { type KeyId, publicKeyOf } from "../attestation/keys.ts";
import { firstDocumentIn, type RepositoryId } from "../attestation/repositoryId.ts";
import { AssayError } from "../core/errors.ts";

export { firstDocumentIn, type RepositoryId, repositoryIdOf } from "../attestation/repositoryId.ts";

/** Of a git object: 40 lower-case hexadecimal digits. Radicle's storages are SHA-1. */
export type ObjectId = string;

/** Of a node, and the name of its namespace: the part of a `did:key` that is the key. */
export type NodeId = `z6Mk${string}`;

const didPrefix = "did:key:";

/** @throws AssayError `radicle/bad-id` */
export function parseRepositoryId(text: string): RepositoryId {
  if (firstDocumentIn(text) !== undefined) return text as RepositoryId;
  const shown = JSON.stringify(text.slice(0, 80));
  throw new AssayError("radicle/bad-id", `${shown} is not the id of a Radicle repository: it looks like rad:z3…`, {
    text,
  });
}

/** The key of a node; undefined for text that is no node's id. */
export function keyOfNode(text: string): KeyId | undefined {
  const key = `${didPrefix}${text}`;
  try {
    publicKeyOf(key);
    return key as KeyId;
  } catch {
    return undefined;
  }
}

export function nodeOf(key: KeyId): NodeId {
  return key.slice(didPrefix.length) as NodeId;
}

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
