import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { signedBytes } from "../../src/attestation/dsse.ts";

/** In the one shortest way, as DER has it. */
function sizeOf(length: number): number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
}

/** DER: tag, length, contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const size = sizeOf(body.length);
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const octets = (bytes: Uint8Array) => der(0x04, bytes);
const text = (words: string) => der(0x0c, Buffer.from(words));
const time = (seconds: number) =>
  der(
    0x17,
    Buffer.from(
      `${new Date(seconds * 1000)
        .toISOString()
        .replace(/[-:T]|\.000/g, "")
        .slice(2)}`,
    ),
  );
const number = (value: number) => der(0x02, Buffer.from([value]));
function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 127];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 127) | 128);
    bytes.push(...digits);
  }
  return der(0x06, Buffer.from(bytes));
}
const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
const nameOf = (words: string) => sequence(der(0x31, sequence(oid("2.5.4.3"), text(words))));
const extension = (id: string, value: Uint8Array, isCritical = false) =>
  sequence(oid(id), ...(isCritical ? [der(0x01, Buffer.from([255]))] : []), octets(value));
const spki = (key: KeyObject) => key.export({ format: "der", type: "spki" });
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const uint = (value: number, bytes: number) => Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");

interface Certified {
  readonly issuer: string;
  readonly subject: string;
  readonly key: KeyObject;
  readonly from: number;
  readonly to: number;
  readonly extensions: readonly Uint8Array[];
}
const tbsOf = ({ issuer, subject, key, from, to, extensions }: Certified) =>
  sequence(
    der(0xa0, number(2)),
    ...[number(7), algorithm, nameOf(issuer), sequence(time(from), time(to)), nameOf(subject), spki(key)],
    der(0xa3, sequence(...extensions)),
  );
const certificateOf = (tbs: Uint8Array, key: KeyObject) =>
  sequence(tbs, algorithm, der(0x03, Buffer.from([0]), sign("sha256", tbs, key)));

/**
 * A certificate authority, a log of its certificates and a log of signatures, as sigstore runs them: all keys are of this test. It
 * signs statements as npm and GitHub do, for an identity that an issuer vouches for.
 */
export class SigstorePki {
  private readonly authority = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  private readonly certificateLog = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  private readonly signatureLog = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  private readonly start = 1_790_000_000;

  /** `trusted_root.json` */
  get root(): string {
    const { start } = this;
    const validFor = { start: new Date((start - 1000) * 1000).toISOString() };
    const log = ({ publicKey }: { publicKey: KeyObject }) => ({
      baseUrl: "https://log.example",
      hashAlgorithm: "SHA2_256",
      publicKey: { rawBytes: spki(publicKey).toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
      logId: { keyId: hash(spki(publicKey)).toString("base64") },
    });
    const { publicKey: key, privateKey } = this.authority;
    const extensions = [
      extension("2.5.29.19", sequence(der(0x01, Buffer.from([255]))), true),
      extension("2.5.29.15", der(0x03, Buffer.from([2, 4])), true),
      extension("2.5.29.14", octets(hash(spki(key)))),
    ];
    const own = { issuer: "authority", subject: "authority", key, from: start - 1000, to: start + 100_000, extensions };
    const certificate = certificateOf(tbsOf(own), privateKey).toString("base64");
    return JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [log(this.signatureLog)],
      certificateAuthorities: [
        { uri: "https://authority.example", certChain: { certificates: [{ rawBytes: certificate }] }, validFor },
      ],
      ctlogs: [log(this.certificateLog)],
      timestampAuthorities: [],
    });
  }

  /** A sigstore bundle of a statement. @param loggedAfter seconds between the certificate and the entry in the log. */
  sign(statement: unknown, identity: string, issuer: string, loggedAfter = 10) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const payloadType = "application/vnd.in-toto+json";
    const payload = Buffer.from(JSON.stringify(statement));
    const signature = sign("sha256", signedBytes(payloadType, payload), privateKey).toString("base64");
    const body = {
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        payloadHash: { algorithm: "sha256", value: hash(payload).toString("hex") },
        signatures: [{ signature, verifier: "" }],
      },
    };
    const certificate = this.certify(publicKey, identity, issuer).toString("base64");
    return {
      mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
      verificationMaterial: {
        x509CertificateChain: { certificates: [{ rawBytes: certificate }] },
        tlogEntries: [this.entryOf(body, this.start + loggedAfter)],
      },
      dsseEnvelope: { payloadType, payload: payload.toString("base64"), signatures: [{ keyid: "", sig: signature }] },
    };
  }

  /** A certificate for ten minutes, with the certificate log's word for it. */
  private certify(key: KeyObject, identity: string, issuer: string): Buffer {
    const extensions = [
      extension("2.5.29.15", der(0x03, Buffer.from([7, 128])), true),
      extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.3"))),
      extension("2.5.29.35", sequence(der(0x80, hash(spki(this.authority.publicKey))))),
      extension("2.5.29.17", sequence(der(0x86, Buffer.from(identity))), true),
      extension("1.3.6.1.4.1.57264.1.8", text(issuer)),
    ];
    const own = { issuer: "authority", subject: "", key, from: this.start, to: this.start + 600, extensions };
    const tbs = tbsOf(own);
    const at = uint(this.start * 1000, 8);
    const entry = Buffer.concat([hash(spki(this.authority.publicKey)), uint(tbs.length, 3), tbs]);
    const told = Buffer.concat([Buffer.from([0, 0]), at, Buffer.from([0, 1]), entry, Buffer.from([0, 0])]);
    const signature = sign("sha256", told, this.certificateLog.privateKey);
    const log = hash(spki(this.certificateLog.publicKey));
    const word = Buffer.concat([
      Buffer.from([0]),
      log,
      at,
      Buffer.from([0, 0, 4, 3]),
      uint(signature.length, 2),
      signature,
    ]);
    const list = Buffer.concat([uint(word.length + 2, 2), uint(word.length, 2), word]);
    const logged = { ...own, extensions: [...extensions, extension("1.3.6.1.4.1.11129.2.4.2", octets(list))] };
    return certificateOf(tbsOf(logged), this.authority.privateKey);
  }

  private entryOf(body: { readonly kind: string; readonly apiVersion: string }, integratedTime: number) {
    const canonicalizedBody = Buffer.from(JSON.stringify(body)).toString("base64");
    const log = hash(spki(this.signatureLog.publicKey));
    const told = JSON.stringify({ body: canonicalizedBody, integratedTime, logID: log.toString("hex"), logIndex: 5 });
    const promise = sign("sha256", Buffer.from(told), this.signatureLog.privateKey).toString("base64");
    return {
      logIndex: "5",
      logId: { keyId: log.toString("base64") },
      kindVersion: { kind: body.kind, version: body.apiVersion },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp: promise },
      canonicalizedBody,
    };
  }
}
