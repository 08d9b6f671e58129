import { z } from "zod";
import { type KeyId, publicKeyOf } from "../attestation/keys.ts";
import { parseStrictJson } from "../attestation/strictJson.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue } from "../core/json.ts";
import type { ObjectId } from "./ids.ts";
import { mostDelegates, mostDocumentBytes, mostStringBytes } from "./limits.ts";
import { textOf } from "./objects.ts";
import { isRefName } from "./refName.ts";

/** The document that says whose a repository is. */
export interface Document {
  /** Payloads by their type: what the repository is, and rules for its refs. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Each once, in the order of the document; the first has made the repository. */
  readonly delegates: readonly KeyId[];
  /** How many delegates make a commit canonical. */
  readonly threshold: number;
  readonly isPrivate: boolean;
  /** Who sees a private repository beside the delegates, in order. */
  readonly allow: readonly KeyId[];
}

/** The payload `xyz.radicle.project`. */
export interface Project {
  readonly name: string;
  readonly defaultBranch: string;
}

export const did = z.string().transform((text, context) => {
  try {
    publicKeyOf(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not the did:key of an Ed25519 key" });
  }
  return text as KeyId;
});
const distinct = z
  .array(did)
  .max(2 * mostDelegates)
  .transform((keys) => [...new Set(keys)]);
/** What stands beside these fields is left alone, as heartwood does. */
const schema = z
  .object({
    version: z.literal(1, { error: "only version 1 is known" }).optional(),
    payload: z.record(z.string().max(mostStringBytes), z.unknown()),
    delegates: distinct.refine(
      (keys) => keys.length > 0 && keys.length <= mostDelegates,
      `are none, or more than ${mostDelegates}`,
    ),
    threshold: z.int().min(1).max(mostDelegates),
    visibility: z
      .discriminatedUnion("type", [
        z.object({ type: z.literal("public") }),
        z.object({ type: z.literal("private"), allow: distinct.default([]) }),
      ])
      .default({ type: "public" }),
  })
  .refine(({ threshold, delegates }) => threshold <= delegates.length, {
    path: ["threshold"],
    message: "is more than there are delegates",
  });

/**
 * Reads an identity document.
 * @param blob its id, for errors.
 * @throws AssayError `radicle/bad-document`
 */
export function parseDocument(bytes: Uint8Array, blob: ObjectId): Document {
  const refuse = (why: string, cause?: unknown) => badDocument(blob, why, cause);
  if (bytes.length > mostDocumentBytes) throw refuse(`it has more than ${mostDocumentBytes} bytes`);
  const text = textOf(bytes);
  if (text === undefined) throw refuse("it is not UTF-8");
  let value: unknown;
  try {
    value = parseStrictJson(text, "identity document");
  } catch (cause) {
    throw refuse("it is not JSON with each name once", cause);
  }
  const { payload, delegates, threshold, visibility } = checkValue(value, schema, refuse);
  const isPrivate = visibility.type === "private";
  return { payload, delegates, threshold, isPrivate, allow: isPrivate ? [...visibility.allow].sort() : [] };
}

const shortText = z
  .string()
  .refine((text) => new TextEncoder().encode(text).length <= mostStringBytes, `has more than ${mostStringBytes} bytes`);
const projectSchema = z.object({
  name: shortText.regex(/^[\p{Alphabetic}\p{N}._-]+$/u, "is not a name of letters, digits, - _ ."),
  description: shortText,
  defaultBranch: shortText.refine((name) => isRefName(`refs/heads/${name}`), "is not the name of a branch"),
});

/** The project that a document is about. @throws AssayError `radicle/bad-document` */
export function projectOf(document: Document, blob: ObjectId): Project {
  const refuse = (why: string, cause?: unknown) => badDocument(blob, `xyz.radicle.project: ${why}`, cause);
  return checkValue(document.payload["xyz.radicle.project"], projectSchema, refuse);
}

/** How many delegates adopt a new document: more than half of those of the one before. Not the threshold. */
export function majorityOf({ delegates }: Document): number {
  return Math.floor(delegates.length / 2) + 1;
}

/** Whether two documents say the same. */
export function sameDocument(a: Document, b: Document): boolean {
  return textOfValue(a) === textOfValue(b);
}

/** JSON in which the order of names does not count. */
function textOfValue(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export function badDocument(document: ObjectId, why: string, cause?: unknown): AssayError<"radicle/bad-document"> {
  return new AssayError(
    "radicle/bad-document",
    `the identity document ${document} cannot be used: ${why}`,
    { document, why },
    { cause },
  );
}
