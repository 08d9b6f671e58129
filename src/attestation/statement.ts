import { z } from "zod";
import { checkValue } from "../core/json.ts";
import { type Envelope, signPayload } from "./dsse.ts";
import { malformed } from "./errors.ts";
import type { Signer } from "./keys.ts";
import { mostSubjects } from "./limits.ts";
import { parseStrictJson } from "./strictJson.ts";

/** What in-toto statements are signed as. */
export const statementPayloadType = "application/vnd.in-toto+json";
export const statementType = "https://in-toto.io/Statement/v1";

/** Digests of one thing, by algorithm (`sha256`, `gitCommit`, ...), in lower-case hexadecimal. */
export type DigestSet = Readonly<Record<string, string>>;

/** What a statement is about. Only the digest says what it is; the name is for people. */
export interface Subject {
  readonly name: string;
  readonly digest: DigestSet;
}

/** An in-toto statement (v1): somebody says `predicate`, in the form that `predicateType` names, of `subject`. */
export interface Statement {
  readonly _type: typeof statementType;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  /** Not checked: what reads a predicate checks it. */
  readonly predicate: unknown;
}

/** Digests as statements of any version have them. */
export const digestSet = z
  .record(z.string().min(1).max(64), z.string().regex(/^[0-9a-f]{2,256}$/, "is not lower-case hexadecimal"))
  .refine((digests) => Object.keys(digests).length > 0, "has no digest");
/** A statement of one of some versions of in-toto. */
export function statementSchemaOf<const Types extends readonly string[]>(types: Types) {
  return z.object({
    _type: z.enum(types),
    subject: z
      .array(z.object({ name: z.string().max(4096).default(""), digest: digestSet }))
      .min(1)
      .max(mostSubjects),
    predicateType: z.string().min(1).max(1000),
    predicate: z.unknown(),
  });
}
const schema = statementSchemaOf([statementType]);

/**
 * Reads the statement in an envelope, from the bytes that were signed. Check who signed them first (`signersOf`).
 * @throws AssayError `attestation/malformed`, also for another payload type.
 */
export function statementIn({ payloadType, payload }: Envelope): Statement {
  const refuse = (why: string, cause?: unknown) => malformed("statement", why, cause);
  if (payloadType !== statementPayloadType) throw refuse(`its payload type is ${JSON.stringify(payloadType)}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
  } catch (cause) {
    throw refuse("it is not UTF-8", cause);
  }
  return checkValue(parseStrictJson(text, "statement"), schema, refuse);
}

export function statementOf(subject: readonly Subject[], predicateType: string, predicate: unknown): Statement {
  return { _type: statementType, subject, predicateType, predicate };
}

export async function signStatement(signer: Signer, statement: Statement): Promise<Envelope> {
  return await signPayload(signer, statementPayloadType, new TextEncoder().encode(JSON.stringify(statement)));
}

/**
 * Whether a statement is about the thing that has this digest: one subject has it, and none of that subject's digests of the same
 * algorithm says otherwise. Names do not count.
 */
export function isAbout(statement: Statement, algorithm: string, digest: string): boolean {
  return statement.subject.some(
    (subject) => Object.hasOwn(subject.digest, algorithm) && subject.digest[algorithm] === digest,
  );
}
