#!/usr/bin/env node
// Checks an attestation report of AMD's SEV-SNP (document 56860, table "ATTESTATION_REPORT"): that a guest with the expected launch
// measurement, on a processor of AMD's, has put the SHA-512 of an artifact into its report. Reads one line of JSON:
//   proof: a file with the report (1,184 bytes) and behind it, in PEM, the processor's certificate (VCEK) and AMD's that has signed it (ASK)
//   key: AMD's root certificate (ARK) in PEM; parameters.measurement: 96 hexadecimal digits
// Ends with 0 if all of it holds, with 1 if not. Revocation lists are not asked, and the TCB versions are laid out as on Milan and Genoa.
import { verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

const reportBytes = 0x4a0;
const signedBytes = 0x2a0;
/** Object identifiers below 1.3.6.1.4.1.3704.1.3 of the versions that a VCEK is for, and where the report has them in its TCB. */
const tcbParts = { 1: 0, 2: 1, 3: 6, 8: 7 };

const { sha512, proof, key, parameters } = JSON.parse(readFileSync(0, "utf8"));
const file = readFileSync(proof);
const report = file.subarray(0, reportBytes);
const [vcek, ask] = [...file.toString("latin1", reportBytes).matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(
  ([pem]) => new X509Certificate(pem),
);
const ark = new X509Certificate(readFileSync(key));
const now = Date.now();

const holds =
  report.length === reportBytes &&
  vcek !== undefined &&
  ask !== undefined &&
  [vcek, ask, ark].every(({ validFromDate, validToDate }) => validFromDate <= now && now <= validToDate) &&
  isIssuedBy(ask, ark) &&
  isIssuedBy(vcek, ask) &&
  vcek.publicKey.asymmetricKeyDetails?.namedCurve === "secp384r1" &&
  // ECDSA with P-384 and SHA-384, by the VCEK, and not of a guest that its host may debug.
  report.readUInt32LE(0x34) === 1 &&
  ((report.readUInt32LE(0x48) >> 2) & 7) === 0 &&
  (report.readBigUInt64LE(0x08) & (1n << 19n)) === 0n &&
  Object.entries(tcbParts).every(([part, at]) => versionIn(vcek.raw, Number(part)) === report[0x180 + at]) &&
  report.toString("hex", 0x90, 0xc0) === parameters.measurement &&
  report.toString("hex", 0x50, 0x90) === sha512 &&
  verify("sha384", report.subarray(0, signedBytes), { key: vcek.publicKey, dsaEncoding: "ieee-p1363" }, signatureOf(report));
process.exitCode = holds ? 0 : 1;

function isIssuedBy(certificate, issuer) {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The report has r and s as 72 bytes each, the lowest first. */
function signatureOf(bytes) {
  const part = (at) => Buffer.from(bytes.subarray(at, at + 48)).reverse();
  return Buffer.concat([part(signedBytes), part(signedBytes + 72)]);
}

/** The INTEGER in the extension 1.3.6.1.4.1.3704.1.3.<part>; undefined where there is none. */
function versionIn(der, part) {
  const identifier = Buffer.from([0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01, 0x03, part]);
  const at = der.indexOf(identifier);
  const extension = der.subarray(at + identifier.length);
  if (at < 0 || extension[0] !== 0x04 || extension[2] !== 0x02) return undefined;
  return extension[3] === 1 ? extension[4] : extension[3] === 2 && extension[4] === 0 ? extension[5] : undefined;
}
