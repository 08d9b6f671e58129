import { ed25519 } from "@noble/curves/ed25519";
import { base58, base64urlnopad } from "@scure/base";
import { concatBytes } from "../core/bytes.ts";
import { nodeCrypto } from "../core/nodeCrypto.ts";
import { malformed } from "./errors.ts";

/**
 * A public Ed25519 key (RFC 8032) as `did:key:z6Mk...`: the form that Radicle, W3C and others write it in. One key has one such
 * text, and it is the id of its owner wherever results are signed, published and judged.
 */
export type KeyId = `did:key:z6Mk${string}`;

// The table for the base point is made at the first use. With the library's windows of 8 bits that takes some 40 ms more, which the few
// signatures of a command never win back.
ed25519.ExtendedPoint.BASE._setWindowSize(4);

const prefix = "did:key:z";
/** The multicodec of an Ed25519 public key, as a varint. */
const multicodec = Uint8Array.of(0xed, 0x01);

/** @param publicKey 32 bytes. */
export function keyIdOf(publicKey: Uint8Array): KeyId {
  return `${prefix}${base58.encode(concatBytes(multicodec, publicKey))}` as KeyId;
}

/** @returns 32 bytes. @throws AssayError `attestation/malformed` */
export function publicKeyOf(text: string): Uint8Array {
  const refuse = (why: string) => malformed("key", `${JSON.stringify(text.slice(0, 80))} ${why}`);
  if (!text.startsWith(prefix) || text.length > 100) throw refuse(`does not begin with ${prefix}6Mk`);
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(text.slice(prefix.length));
  } catch {
    throw refuse("is not base58");
  }
  if (bytes.length !== 34 || bytes[0] !== multicodec[0] || bytes[1] !== multicodec[1])
    throw refuse("is not an Ed25519 key");
  const key = bytes.subarray(2);
  if (keyIdOf(key) !== text) throw refuse("is not how this key is written");
  if (!isUsable(key))
    throw refuse("is not a point on the curve, or one of small order, for which signatures can be made without a key");
  return key;
}

/** @returns the id. @throws AssayError `attestation/malformed` unless it is one. */
export function parseKeyId(text: string): KeyId {
  publicKeyOf(text);
  return text as KeyId;
}

function isUsable(key: Uint8Array): boolean {
  try {
    return !ed25519.ExtendedPoint.fromHex(key).isSmallOrder();
  } catch {
    return false;
  }
}

/** What signs: a key in memory, or something that has one. */
export interface Signer {
  readonly keyId: KeyId;
  /** @returns the 64 bytes of an Ed25519 signature. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** @param secret the 32 bytes of the private key. */
export function signerOf(secret: Uint8Array): Signer {
  const own = secret.slice();
  return { keyId: keyIdOf(ed25519.getPublicKey(own)), sign: async (message) => ed25519.sign(message, own) };
}

/** Whether a signature is right, by the strict rules of RFC 8032. Never throws. */
export function verifySignature(key: KeyId, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    if (signature.length !== 64) return false;
    const publicKey = publicKeyOf(key);
    return (
      isRightByNode(publicKey, message, signature) || ed25519.verify(signature, message, publicKey, { zip215: false })
    );
  } catch {
    return false;
  }
}

/**
 * What Node says, in a fiftieth of the time. OpenSSL's equation is the stricter one, without the cofactor: what it takes is right by the
 * other too, but not what it refuses, so that the answer is the same in a browser.
 */
function isRightByNode(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (nodeCrypto === undefined) return false;
  const x = base64urlnopad.encode(publicKey);
  try {
    const key = nodeCrypto.createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return nodeCrypto.verify(null, message, key, signature);
  } catch {
    // An OpenSSL without Ed25519, as those for FIPS 140-2.
    return false;
  }
}
