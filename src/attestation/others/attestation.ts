import { z } from "zod";
import { fromHex } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { checkValue } from "../../core/json.ts";
import { linesOf } from "../bundle.ts";
import { type Envelope, envelopeOf, signedBytes } from "../dsse.ts";
import { malformed } from "../errors.ts";
import { mostBundleCharacters, mostBundleLines, mostSignatures } from "../limits.ts";
import { parseStrictJson } from "../strictJson.ts";
import { canonicalJson } from "./canonicalJson.ts";

/** What others than this program have signed, in one of their forms. Nothing of it has been believed yet. */
export interface OthersAttestation {
  readonly form: "envelope" | "sigstore" | "link";
  /** The bytes that are signed, in every way that their signer may have written them. */
  readonly messages: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
  /** Of envelopes, also those in sigstore's bundles. */
  readonly envelope?: Envelope;
  /** A link's own part, as JSON. */
  readonly link?: unknown;
  /** A sigstore bundle, as JSON, with the certificate and log entries that its verifier looks at. */
  readonly bundle?: unknown;
}

export interface OthersBundle {
  readonly attestations: readonly OthersAttestation[];
  /** Why each of the others could not be read. */
  readonly refused: readonly string[];
}

/**
 * Reads a file of attestations: JSON Lines, one JSON text, or what npm's registry and GitHub answer when they are asked for a package's
 * (`{ attestations: [{ bundle }] }`).
 * @throws AssayError `attestation/too-large`
 */
export function parseOthers(text: string): OthersBundle {
  const size = text.length;
  if (size > mostBundleCharacters) throw tooLarge(`the bundle has ${size} characters`, size, mostBundleCharacters);
  const refused: string[] = [];
  const tried = <T>(read: () => T): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!isAssayError(error)) throw error;
      refused.push(error.message);
      return [];
    }
  };
  const isOne = isJson(text);
  const lines = isOne ? [text] : linesOf(text);
  const values = lines.flatMap((line) => tried(() => parseStrictJson(line, "attestation")));
  const parts = values.flatMap((value) => {
    const { attestations } = (value ?? {}) as { readonly attestations?: unknown };
    return Array.isArray(attestations)
      ? attestations.map((each) => (each as { bundle?: unknown } | null)?.bundle)
      : [value];
  });
  if (parts.length > mostBundleLines)
    throw tooLarge(`the bundle has ${parts.length} attestations`, parts.length, mostBundleLines);
  return { attestations: parts.flatMap((value) => tried(() => attestationOf(value))), refused };
}

const linkSchema = z.object({
  signed: z.looseObject({ _type: z.literal("link") }),
  signatures: z
    .array(z.object({ sig: z.string().regex(/^([0-9a-f]{2}){1,1024}$/, "is not lower-case hexadecimal") }))
    .min(1)
    .max(mostSignatures),
});

/** @param value JSON that has been read with `parseStrictJson`. @throws AssayError `attestation/malformed` */
export function attestationOf(value: unknown): OthersAttestation {
  const fields = (value ?? {}) as {
    readonly dsseEnvelope?: unknown;
    readonly signed?: unknown;
    readonly mediaType?: unknown;
  };
  if (fields.signed !== undefined) {
    const { signed, signatures } = checkValue(value, linkSchema, (why, cause) => malformed("link", why, cause));
    const texts = new Set([canonicalJson(signed, "olpc"), canonicalJson(signed, "json")]);
    return {
      form: "link",
      messages: [...texts].map((each) => new TextEncoder().encode(each)),
      signatures: signatures.map(({ sig }) => fromHex(`0x${sig}`)),
      link: signed,
    };
  }
  const isSigstore = fields.dsseEnvelope !== undefined;
  if (!isSigstore && fields.mediaType !== undefined)
    throw malformed("sigstore bundle", "it holds no envelope, but a signature of a file: nothing is said in it");
  const envelope = envelopeOf(isSigstore ? fields.dsseEnvelope : value);
  return {
    form: isSigstore ? "sigstore" : "envelope",
    messages: [signedBytes(envelope.payloadType, envelope.payload)],
    signatures: envelope.signatures.map(({ signature }) => signature),
    envelope,
    ...(isSigstore && { bundle: value }),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function tooLarge(what: string, size: number, most: number): AssayError<"attestation/too-large"> {
  return new AssayError("attestation/too-large", `${what}, more than ${most}`, { size, most });
}
