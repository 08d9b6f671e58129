import { firstDocumentIn, type RepositoryId } from "./ids.ts";

/** The command that asks a node for its events; they come as lines on the same connection. */
export const subscribeCommand = '{"command":"subscribe"}\n';

/** What a line from a node's socket says. */
export type NodeLine =
  /** Refs in the storage may have become others. */
  | { readonly kind: "changed"; readonly repository: RepositoryId }
  | { readonly kind: "refused"; readonly why: string }
  /** Nothing that concerns us; also what is no JSON: nothing of it is needed. */
  | { readonly kind: "other" };

/** Events after which the storage's refs are others. */
const changing: readonly unknown[] = ["refsFetched", "localRefsAnnounced", "canonicalRefUpdated"];

/** Reads a line. What it says is a hint to look, and no more. */
export function readNodeLine(line: string): NodeLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: "other" };
  }
  const { type, rid, error } = (value ?? {}) as { type?: unknown; rid?: unknown; error?: unknown };
  if (typeof error === "string") return { kind: "refused", why: error };
  if (!changing.includes(type) || typeof rid !== "string" || firstDocumentIn(rid) === undefined)
    return { kind: "other" };
  return { kind: "changed", repository: rid as RepositoryId };
}
