import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { z } from "zod";
import { AssayError } from "../../core/errors.ts";
import { checkValue, parseJson } from "../../core/json.ts";
import { readSecretFile } from "../../core/node/secretFile.ts";
import { fromBase64, toBase64 } from "../base64.ts";
import { malformed } from "../errors.ts";
import { type KeyId, parseKeyId, type Signer, signerOf } from "../keys.ts";

/** A private key in a file: its id in the clear, the 32 bytes of its secret encrypted with a password. */
interface KeyFile {
  readonly kind: "assay-signing-key";
  readonly version: 1;
  readonly keyId: string;
  readonly scrypt: Cost & { readonly salt: string };
  /** AES-256-GCM; `sealed` is the encrypted secret and its tag. The key id is authenticated with it. */
  readonly aes: { readonly nonce: string; readonly sealed: string };
}

const tagBytes = 16;
/** What scrypt takes to make a key of a password. */
interface Cost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about half a second for each guess. */
const ownCost: Cost = { n: 2 ** 17, r: 8, p: 1 };
/** What a key file may ask for; it may come from somebody else. */
const highestCost = { n: 2 ** 20, r: 16, p: 4 };
const schema = z.strictObject({
  kind: z.literal("assay-signing-key"),
  version: z.literal(1),
  keyId: z.string().max(100),
  scrypt: z.strictObject({
    n: z
      .int()
      .min(2 ** 14)
      .max(highestCost.n),
    r: z.int().min(1).max(highestCost.r),
    p: z.int().min(1).max(highestCost.p),
    salt: z.string().max(100),
  }),
  aes: z.strictObject({ nonce: z.string().max(100), sealed: z.string().max(200) }),
});

/**
 * Makes a new key.
 * @param cost of a guess at the password; only tests have a reason for another one.
 * @returns its id, and the text of its file
 */
export async function makeSigningKey(
  password: string,
  cost: Cost = ownCost,
): Promise<{ readonly keyId: KeyId; readonly text: string }> {
  const secret = randomBytes(32);
  const { keyId } = signerOf(secret);
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", await keyFrom(password, salt, cost), nonce).setAAD(Buffer.from(keyId));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  const file: KeyFile = {
    kind: "assay-signing-key",
    version: 1,
    keyId,
    scrypt: { ...cost, salt: toBase64(salt) },
    aes: { nonce: toBase64(nonce), sealed: toBase64(sealed) },
  };
  return { keyId, text: `${JSON.stringify(file, null, 2)}\n` };
}

/** The id of the key in a file; no password is needed. @throws AssayError `attestation/malformed`, `attestation/key-permissions` */
export async function readKeyId(file: string): Promise<KeyId> {
  return parseKeyId((await readKeyFile(file)).keyId);
}

/** @throws AssayError `attestation/malformed`, `attestation/key-permissions`, `attestation/wrong-password` */
export async function openSigningKey(file: string, password: string): Promise<Signer> {
  const { keyId, scrypt: given, aes } = await readKeyFile(file);
  const sealed = fromBase64(aes.sealed, "key file");
  const key = await keyFrom(password, fromBase64(given.salt, "key file"), given);
  let secret: Buffer;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, fromBase64(aes.nonce, "key file"), {
      authTagLength: tagBytes,
    })
      .setAAD(Buffer.from(keyId))
      .setAuthTag(sealed.subarray(-tagBytes));
    secret = Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new AssayError(
      "attestation/wrong-password",
      `${file} cannot be opened with this password`,
      { file },
      { cause },
    );
  }
  const signer = signerOf(secret);
  if (signer.keyId !== keyId) throw malformed("key file", `${file} names another key than it holds`);
  return signer;
}

async function readKeyFile(file: string): Promise<KeyFile> {
  const refuse = (why: string, cause?: unknown) => malformed("key file", `${file}: ${why}`, cause);
  const text = await readSecretFile(file, "signing key", (fault) => {
    if (fault.kind === "unreadable") {
      return refuse("it cannot be read; `assay key new --signing <file>` makes one", fault.cause);
    }
    return new AssayError("attestation/key-permissions", fault.message, { file, mode: fault.mode });
  });
  return checkValue(parseJson(text, refuse), schema, refuse);
}

function keyFrom(password: string, salt: Uint8Array, { n, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, 32, { N: n, r, p, maxmem: 256 * n * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
