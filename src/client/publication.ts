import { z } from "zod";
import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue } from "../core/json.ts";
import { type ContentId, parseContentId } from "../store/contentId.ts";
import type { ContentSource, Store } from "../store/store.ts";
import type { ClientErrorCode } from "./errors.ts";

/**
 * What requesters and solvers publish, so that others can run the build: small JSON texts in a store, found through the
 * locator of a request or claim. All of it is a hint. Who fetches it computes the build id from it and compares.
 */
export interface BuildPublication {
  readonly kind: "assay-build";
  readonly version: 1;
  /** The environment, by its id; everyone brings program and images along. The name is for people. */
  readonly environment: { readonly name: string; readonly id: Root };
  /** Content of the input drive, without the zero bytes that follow it. */
  readonly input: { readonly id: ContentId; readonly size: number };
  /** Content of the dependency drive, if it has any. */
  readonly dependencies?: { readonly id: ContentId; readonly size: number } | undefined;
  /** For people: where the input came from. Nobody relies on it. */
  readonly source?: string | undefined;
}

/** What a solver publishes beside a claim. */
export interface ClaimPublication {
  readonly kind: "assay-claim";
  readonly version: 1;
  readonly build: BuildPublication;
  /** The checkpoint list: 32 bytes for each root. */
  readonly checkpoints?: ContentId | undefined;
}

const contentId = z.string().transform((text, context) => {
  try {
    return parseContentId(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not a content id" });
    return z.NEVER;
  }
});
const content = z.object({
  id: contentId,
  size: z
    .int()
    .nonnegative()
    .max(2 ** 32),
});
const buildSchema = z.object({
  kind: z.literal("assay-build"),
  version: z.literal(1),
  environment: z.object({
    name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
    id: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/)
      .transform((text) => text as Root),
  }),
  input: content,
  dependencies: content.optional(),
  source: z.string().max(1000).optional(),
});
const claimSchema = z.object({
  kind: z.literal("assay-claim"),
  version: z.literal(1),
  build: buildSchema,
  checkpoints: contentId.optional(),
});

/** No publication is larger. */
export const maxPublicationBytes = 16_384;

/** Puts a publication into a store. @returns its content id: the locator. */
export async function publish(store: Store, publication: BuildPublication | ClaimPublication): Promise<ContentId> {
  return await store.put(new TextEncoder().encode(JSON.stringify(publication)));
}

/**
 * Fetches what a locator names. A build's own publication is taken as one of a claim without checkpoints.
 * @throws AssayError `store/...`, `client/bad-publication`
 */
export async function fetchPublication(store: ContentSource, locator: string): Promise<ClaimPublication> {
  const bytes = await store.get(parseContentId(locator), maxPublicationBytes);
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badPublication(locator, "is not JSON", cause);
  }
  const kind = (raw as { kind?: unknown } | null)?.kind;
  const schema = kind === "assay-build" ? buildSchema : claimSchema;
  const publication = checkValue(raw, schema, (why, cause) => badPublication(locator, why, cause));
  if (publication.kind === "assay-claim") return publication;
  return { kind: "assay-claim", version: 1, build: publication };
}

function badPublication(locator: string, why: string, cause: unknown): AssayError<ClientErrorCode> {
  return new AssayError(
    "client/bad-publication",
    `${locator} is not a publication of a build or claim: ${why}`,
    { locator },
    { cause },
  );
}
