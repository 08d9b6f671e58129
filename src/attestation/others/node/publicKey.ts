import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { AssayError } from "../../../core/errors.ts";
import { type KeyId, keyIdOf, parseKeyId, verifySignature } from "../../keys.ts";
import type { SignatureAllowance } from "../../signatureAllowance.ts";
import type { OthersAttestation } from "../attestation.ts";

/** Who signs attestations in others' forms: a key in a file. */
export interface OthersKey {
  /** The `did:key` of an Ed25519 key, the file's name of any other. */
  readonly name: string;
  /** Whether one of the signatures is this key's; false also when the allowance is used up, which says so. */
  hasSigned(attestation: OthersAttestation, allowance: SignatureAllowance): boolean;
}

const mostBytes = 2 ** 14;

/**
 * A public key in PEM: Ed25519 (rebuilderd), ECDSA on P-256 or P-384, or RSA of 2048 to 8192 bits (PKCS#1 v1.5), the last two with
 * SHA-256, SHA-384 or SHA-512.
 * @throws AssayError `attestation/bad-public-key`
 */
export async function readPublicKey(file: string): Promise<OthersKey> {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("attestation/bad-public-key", `${file}: ${why}`, { file }, { cause });
  let text: string;
  try {
    if ((await stat(file)).size > mostBytes) throw refuse("it is too large for a key");
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw cause instanceof AssayError ? cause : refuse("the key cannot be read", cause);
  }
  // Node also makes a public key of a private one, which nobody should have to hand out.
  if (!/^\s*-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\s*$/.test(text))
    throw refuse("it is not one public key in PEM (-----BEGIN PUBLIC KEY-----)");
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (cause) {
    throw refuse("it is not a public key", cause);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") {
    const raw = Buffer.from(key.export({ format: "jwk" }).x as string, "base64url");
    const id = keyIdOf(raw);
    try {
      parseKeyId(id);
    } catch (cause) {
      throw refuse("with this key signatures can be made without its secret", cause);
    }
    return keyOfId(id);
  }
  const isCurve = type === "ec" && ["prime256v1", "secp384r1"].includes(details?.namedCurve ?? "");
  const bits = details?.modulusLength ?? 0;
  if (!isCurve && !(type === "rsa" && bits >= 2048 && bits <= 8192))
    throw refuse("it is neither Ed25519, ECDSA on P-256 or P-384, nor RSA of 2048 to 8192 bits");
  return keyThat(file, (message, signature) =>
    ["sha256", "sha384", "sha512"].some((hash) => {
      try {
        return verify(hash, message, key, signature);
      } catch {
        return false;
      }
    }),
  );
}

export function keyOfId(id: KeyId): OthersKey {
  return keyThat(id, (message, signature) => verifySignature(id, message, signature));
}

function keyThat(name: string, isRight: (message: Uint8Array, signature: Uint8Array) => boolean): OthersKey {
  return {
    name,
    hasSigned: ({ messages, signatures }, allowance) =>
      signatures.some((signature) =>
        messages.some((message) => allowance.take(message.length) && isRight(message, signature)),
      ),
  };
}
