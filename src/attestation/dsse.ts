import { z } from "zod";
import { concatBytes } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue } from "../core/json.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { malformed } from "./errors.ts";
import { type KeyId, type Signer, verifySignature } from "./keys.ts";
import { mostEnvelopeCharacters, mostSignatures } from "./limits.ts";
import { SignatureAllowance } from "./signatureAllowance.ts";
import { parseStrictJson } from "./strictJson.ts";

/** A signed payload: DSSE 1.0 (github.com/secure-systems-lab/dsse). The payload is bytes; nothing of it has been believed yet. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly {
    /** What the envelope says of the key: a hint that nobody has signed, and that decides nothing (`signersOf`). */
    readonly keyHint: string;
    readonly signature: Uint8Array;
  }[];
}

const schema = z.object({
  payload: z.string(),
  payloadType: z.string().min(1).max(200),
  signatures: z
    .array(z.object({ keyid: z.string().max(1000).optional(), sig: z.string().max(10_000) }))
    .min(1)
    .max(mostSignatures),
});
const encoder = new TextEncoder();

/** The bytes that are signed: the pre-authentication encoding. Lengths are those of the bytes. */
export function signedBytes(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encoder.encode(payloadType);
  return concatBytes(encoder.encode(`DSSEv1 ${type.length} `), type, encoder.encode(` ${payload.length} `), payload);
}

/**
 * Reads an envelope. Its signatures are not looked at.
 * @throws AssayError `attestation/malformed`, `attestation/too-large`
 */
export function parseEnvelope(text: string): Envelope {
  if (text.length > mostEnvelopeCharacters) {
    const message = `the envelope has ${text.length} characters, more than ${mostEnvelopeCharacters}`;
    throw new AssayError("attestation/too-large", message, { size: text.length, most: mostEnvelopeCharacters });
  }
  return envelopeOf(parseStrictJson(text, "envelope"));
}

/** As `parseEnvelope`, of JSON that has been read with `parseStrictJson`. @throws AssayError `attestation/malformed` */
export function envelopeOf(value: unknown): Envelope {
  const fields = checkValue(value, schema, (why, cause) => malformed("envelope", why, cause));
  return {
    payloadType: fields.payloadType,
    payload: fromBase64(fields.payload, "envelope's payload"),
    signatures: fields.signatures.map(({ keyid = "", sig }) => ({
      keyHint: keyid,
      signature: fromBase64(sig, "envelope's signature"),
    })),
  };
}

/** The one text that an envelope has here: a line of JSON without white space. */
export function formatEnvelope({ payload, payloadType, signatures }: Envelope): string {
  return JSON.stringify({
    payload: toBase64(payload),
    payloadType,
    signatures: signatures.map(({ keyHint, signature }) => ({ keyid: keyHint, sig: toBase64(signature) })),
  });
}

export async function signPayload(signer: Signer, payloadType: string, payload: Uint8Array): Promise<Envelope> {
  const signature = await signer.sign(signedBytes(payloadType, payload));
  return { payloadType, payload, signatures: [{ keyHint: signer.keyId, signature }] };
}

/**
 * Which of some keys have signed an envelope: each once, in the order in which they are given. Keys that nobody named do not count,
 * whatever the envelope says.
 *
 * A signature whose hint is a did:key is tried against that key alone, and not at all if it is not among the given ones; any other
 * signature against all of them. So the hint saves work and decides nothing: what counts is always a signature that is right, and who
 * writes a wrong hint could as well have left the signature out.
 * @param allowance what the envelope's sender may cost. When it is used up, what is left is not tried, and it says so.
 */
export function signersOf(
  { payloadType, payload, signatures }: Envelope,
  keys: Iterable<KeyId>,
  allowance = new SignatureAllowance(),
): KeyId[] {
  const wanted = new Set(keys);
  const signers = new Set<KeyId>();
  let message: Uint8Array | undefined;
  for (const { keyHint, signature } of signatures) {
    const named = keyNamedBy(keyHint);
    for (const key of named === undefined ? wanted : [named]) {
      if (!wanted.has(key) || signers.has(key)) continue;
      message ??= signedBytes(payloadType, payload);
      if (!allowance.take(message.length)) return inOrder(wanted, signers);
      if (!verifySignature(key, message, signature)) continue;
      signers.add(key);
      break;
    }
  }
  return inOrder(wanted, signers);
}

/** Whether each signature of an envelope names its key, so that it costs one check at most. */
export function namesItsKeys({ signatures }: Envelope): boolean {
  return signatures.every(({ keyHint }) => keyNamedBy(keyHint) !== undefined);
}

/** The key that a hint names as a did:key, or as the address of the one key in its document (`did:key:z6Mk...#z6Mk...`). */
function keyNamedBy(hint: string): KeyId | undefined {
  return hint.startsWith("did:key:") ? (hint.split("#", 1)[0] as KeyId) : undefined;
}

function inOrder(wanted: ReadonlySet<KeyId>, signers: ReadonlySet<KeyId>): KeyId[] {
  return [...wanted].filter((key) => signers.has(key));
}
