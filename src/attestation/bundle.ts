import { z } from "zod";
import { AssayError } from "../core/errors.ts";
import { checkValue } from "../core/json.ts";
import { type Envelope, envelopeOf, formatEnvelope } from "./dsse.ts";
import { malformed } from "./errors.ts";
import { mostBundleCharacters, mostBundleLines, mostEnvelopeCharacters } from "./limits.ts";
import { parseStrictJson } from "./strictJson.ts";

/** Envelopes as JSON Lines (`*.intoto.jsonl`), one a line. */
export function formatBundle(envelopes: readonly Envelope[]): string {
  return envelopes.map((envelope) => `${formatEnvelope(envelope)}\n`).join("");
}

/** What a bundle holds, and how many of its lines could not be used. */
export interface Bundle {
  readonly envelopes: readonly Envelope[];
  /** Lines that hold something else, or nothing that can be read: readers of bundles pass over what they do not know. */
  readonly unknown: number;
}

/**
 * Reads a bundle: lines with envelopes, or with sigstore bundles that hold one.
 * @throws AssayError `attestation/too-large`
 */
export function parseBundle(text: string): Bundle {
  if (text.length > mostBundleCharacters) {
    const message = `the bundle has ${text.length} characters, more than ${mostBundleCharacters}`;
    throw new AssayError("attestation/too-large", message, { size: text.length, most: mostBundleCharacters });
  }
  const lines = linesOf(text);
  if (lines.length > mostBundleLines) {
    const message = `the bundle has ${lines.length} lines, more than ${mostBundleLines}`;
    throw new AssayError("attestation/too-large", message, { size: lines.length, most: mostBundleLines });
  }
  const envelopes: Envelope[] = [];
  let unknown = 0;
  for (const line of lines) {
    const envelope = envelopeInLine(line);
    if (envelope === undefined) unknown++;
    else envelopes.push(envelope);
  }
  return { envelopes, unknown };
}

/** The lines of a bundle that hold something. */
export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function envelopeInLine(line: string): Envelope | undefined {
  if (line.length > mostEnvelopeCharacters) return undefined;
  try {
    const value = parseStrictJson(line, "bundle");
    const inner = (value as { readonly dsseEnvelope?: unknown } | null)?.dsseEnvelope;
    return envelopeOf(inner ?? value);
  } catch {
    return undefined;
  }
}

/** The media type of the bundles that sigstore's verifiers read. */
const sigstoreBundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
const sigstoreSchema = z.object({
  mediaType: z.string().startsWith("application/vnd.dev.sigstore.bundle"),
  dsseEnvelope: z.unknown(),
});

/**
 * An envelope with one signature as a sigstore bundle, whose key its readers have from elsewhere.
 * @throws AssayError `attestation/malformed` for more signatures than one: M of N are M bundles.
 */
export function formatSigstoreBundle(envelope: Envelope): string {
  const [signature] = envelope.signatures;
  if (envelope.signatures.length !== 1) throw malformed("sigstore bundle", "it holds exactly one signature");
  return JSON.stringify({
    mediaType: sigstoreBundle,
    verificationMaterial: { publicKey: { hint: signature!.keyHint }, tlogEntries: [] },
    dsseEnvelope: JSON.parse(formatEnvelope(envelope)) as unknown,
  });
}

/** @throws AssayError `attestation/malformed` */
export function parseSigstoreBundle(text: string): Envelope {
  const refuse = (why: string, cause?: unknown) => malformed("sigstore bundle", why, cause);
  return envelopeOf(checkValue(parseStrictJson(text, "sigstore bundle"), sigstoreSchema, refuse).dsseEnvelope);
}
