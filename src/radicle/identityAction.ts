import { base58 } from "@scure/base";
import { z } from "zod";
import { parseStrictJson } from "../attestation/strictJson.ts";
import { isObjectId, type ObjectId } from "./ids.ts";
import { mostEntryBytes } from "./limits.ts";
import { textOf } from "./objects.ts";

/** What a delegate does to the identity of a repository. */
export type IdentityAction =
  /** Proposes a document in the place of that of the revision `parent`. */
  | {
      readonly type: "revision";
      readonly blob: ObjectId;
      readonly parent: ObjectId | undefined;
      readonly signature: Uint8Array;
    }
  | { readonly type: "revision.accept"; readonly revision: ObjectId; readonly signature: Uint8Array }
  | { readonly type: "revision.reject"; readonly revision: ObjectId }
  | { readonly type: "revision.redact"; readonly revision: ObjectId }
  /** Says something else about it; the document stays. */
  | { readonly type: "RevisionEdit"; readonly revision: ObjectId };

const objectId = z.string().refine(isObjectId, "is not the id of an object");
const signature = z
  .string()
  .max(100)
  .transform((text, context) => {
    try {
      const bytes = text.startsWith("z") ? base58.decode(text.slice(1)) : new Uint8Array(0);
      if (bytes.length === 64) return bytes;
    } catch {
      // Said below.
    }
    context.addIssue({ code: "custom", message: "is not a signature in base58btc" });
    return z.NEVER;
  });
const title = z.string().regex(/^[^\r\n]*\S[^\r\n]*$/, "is not a title");
const description = z.string().default("");
const parent = objectId.nullish().transform((id) => id ?? undefined);
/** What stands beside these fields is passed over. */
const schema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("revision"), title, description, blob: objectId, parent, signature }),
  z.object({ type: z.literal("revision.accept"), revision: objectId, signature }),
  z.object({ type: z.literal("revision.reject"), revision: objectId }),
  z.object({ type: z.literal("revision.redact"), revision: objectId }),
  z.object({ type: z.literal("RevisionEdit"), revision: objectId, title, description }),
]);

/** @returns undefined for what is no action. */
export function parseIdentityAction(bytes: Uint8Array): IdentityAction | undefined {
  const text = bytes.length > mostEntryBytes ? undefined : textOf(bytes);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(parseStrictJson(text, "action")).data;
  } catch {
    return undefined;
  }
}
