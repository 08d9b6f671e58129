import { z } from "zod";
import { checkValue } from "../core/json.ts";
import { contentIdOf } from "../store/contentId.ts";
import { type Envelope, signersOf } from "./dsse.ts";
import { malformed } from "./errors.ts";
import { type KeyId, parseKeyId, publicKeyOf, type Signer } from "./keys.ts";
import type { SignatureAllowance } from "./signatureAllowance.ts";
import { type Statement, signStatement, statementIn, statementOf } from "./statement.ts";
import { timeSchema, timeText } from "./time.ts";

/** Of statements that name the key which takes the place of another. Both sign it: nobody announces a key that is not theirs. */
export const rotationType = "urn:assay:key-rotation:v1";
/** Of statements that a key is not to be trusted any more, signed by the key itself. */
export const revocationType = "urn:assay:key-revocation:v1";

/** Why a key is revoked, by the names of OpenPGP (RFC 9580, section 5.2.3.31). */
export const revocationReasons = ["compromised", "superseded", "retired"] as const;
export type RevocationReason = (typeof revocationReasons)[number];

export interface Rotation {
  readonly kind: "rotation";
  readonly key: KeyId;
  readonly newKey: KeyId;
  /** Seconds since 1970; nobody but the signer says so. */
  readonly saidAt: number;
}

export interface Revocation {
  readonly kind: "revocation";
  readonly key: KeyId;
  readonly reason: RevocationReason;
  /** Seconds since 1970: from then on nothing that the key has signed counts, whenever it was signed. */
  readonly from: number;
  readonly saidAt: number;
}

/** What is said of a key, by its owner. */
export type KeyStatement = Rotation | Revocation;

const key = z.string().transform((text, context) => {
  try {
    return parseKeyId(text);
  } catch {
    context.addIssue({ code: "custom", message: "is not a key" });
    return z.NEVER;
  }
});
const rotationSchema = z.strictObject({ key, newKey: key, saidOn: timeSchema });
const revocationSchema = z.strictObject({
  ...{ key, reason: z.enum(revocationReasons), invalidFrom: timeSchema, saidOn: timeSchema },
});

/** @returns an envelope that both keys have signed. */
export async function signRotation(from: Signer, to: Signer, saidAt: number): Promise<Envelope> {
  const predicate = { key: from.keyId, newKey: to.keyId, saidOn: timeText(saidAt) };
  const statement = statementOf([subjectOf(from.keyId)], rotationType, predicate);
  const [old, also] = [await signStatement(from, statement), await signStatement(to, statement)];
  return { ...old, signatures: [...old.signatures, ...also.signatures] };
}

/** @param from seconds since 1970; in the past or now it is in force at once, everywhere. */
export async function signRevocation(
  signer: Signer,
  { reason, from, saidAt }: Pick<Revocation, "reason" | "from" | "saidAt">,
): Promise<Envelope> {
  const predicate = { key: signer.keyId, reason, invalidFrom: timeText(from), saidOn: timeText(saidAt) };
  return await signStatement(signer, statementOf([subjectOf(signer.keyId)], revocationType, predicate));
}

/**
 * What a key's owner says of it in some envelopes. What others have signed, what is about another key or something else, and what
 * cannot be read is passed over.
 */
export function keyStatementsIn(
  envelopes: Iterable<Envelope>,
  key: KeyId,
  allowance?: SignatureAllowance,
): KeyStatement[] {
  const found: KeyStatement[] = [];
  for (const envelope of envelopes) {
    if (signersOf(envelope, [key], allowance).length === 0) continue;
    const said = readable(envelope);
    if (said?.key !== key) continue;
    if (said.kind === "rotation" && signersOf(envelope, [said.newKey], allowance).length === 0) continue;
    found.push(said);
  }
  return found;
}

/** Whether nothing counts that the key has signed. A clock that is behind does not bring back what was revoked at once. */
export function isInForce({ from, saidAt }: Revocation, now: number): boolean {
  return from <= saidAt || from <= now;
}

function readable(envelope: Envelope): KeyStatement | undefined {
  try {
    return keyStatementOf(statementIn(envelope));
  } catch {
    return undefined;
  }
}

/** @throws AssayError `attestation/malformed` */
function keyStatementOf(statement: Statement): KeyStatement {
  const refuse = (why: string, cause?: unknown) => malformed("key's statement", why, cause);
  const said = read(statement, refuse);
  const [subject] = statement.subject;
  if (statement.subject.length !== 1 || subject!.digest.sha256 !== subjectOf(said.key).digest.sha256) {
    throw refuse("its subject is not the key that it names");
  }
  return said;
}

function read({ predicateType, predicate }: Statement, refuse: (why: string, cause?: unknown) => Error): KeyStatement {
  if (predicateType === rotationType) {
    const { saidOn: saidAt, ...said } = checkValue(predicate, rotationSchema, refuse);
    return { kind: "rotation", ...said, saidAt };
  }
  if (predicateType !== revocationType) throw refuse("it is of another type");
  const { saidOn: saidAt, invalidFrom: from, ...said } = checkValue(predicate, revocationSchema, refuse);
  return { kind: "revocation", ...said, from, saidAt };
}

/** A key as what a statement is about: the digest is of its 32 bytes. */
function subjectOf(key: KeyId) {
  return { name: key, digest: { sha256: contentIdOf(publicKeyOf(key)).slice("sha256:".length) } };
}
