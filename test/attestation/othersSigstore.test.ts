import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestationOf } from "../../src/attestation/others/attestation.ts";
import { claimIn } from "../../src/attestation/others/claim.ts";
import { openSigstore } from "../../src/attestation/others/node/sigstore.ts";
import { SignatureAllowance } from "../../src/attestation/signatureAllowance.ts";
import { SigstorePki } from "../support/sigstorePki.ts";

const workflow = "https://github.com/owner/project/.github/workflows/release.yml";
const identity = `${workflow}@refs/tags/v1.0.0`;
const issuer = "https://token.actions.githubusercontent.com";
const statement = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "pkg:npm/project@1.0.0", digest: { sha512: "ab".repeat(64) } }],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: {},
};
const pki = new SigstorePki();
const allowance = () => new SignatureAllowance();
let folder: string;
let root: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-sigstore-"));
  root = join(folder, "trusted_root.json");
  await writeFile(root, pki.root);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));
/** Whether a bundle counts for a signer. */
const counts = async (bundle: unknown, signer: Partial<{ root: string; identity: string; issuer: string }> = {}) =>
  (await openSigstore({ root, identity, issuer, ...signer })).hasSigned(attestationOf(bundle), allowance());

describe("a bundle with a certificate of sigstore's", () => {
  it("counts for the identity and issuer of its certificate", async () => {
    const bundle = pki.sign(statement, identity, issuer);
    expect(await counts(bundle)).toBe(true);
    expect(await counts(bundle, { identity: `${workflow}@refs/tags/*` })).toBe(true);
    expect(claimIn(attestationOf(bundle)).kind).toBe("provenance");
  });

  it.each([
    ["another workflow", { identity: identity.replace("release", "other") }],
    ["another tag", { identity: `${workflow}@refs/tags/v1` }],
    ["branches", { identity: `${workflow}@refs/heads/*` }],
    ["an identity that is a part of it", { identity: "github.com/owner" }],
    ["an identity that matches it as a pattern", { identity: identity.replace("release", "r.*") }],
    ["another issuer", { issuer: "https://accounts.example" }],
  ])("does not count for %s", async (_, signer) => {
    expect(await counts(pki.sign(statement, identity, issuer), signer)).toBe(false);
  });

  it("does not count under another root", async () => {
    const other = join(folder, "other_root.json");
    await writeFile(other, new SigstorePki().root);
    expect(await counts(pki.sign(statement, identity, issuer), { root: other })).toBe(false);
  });

  it("does not count when it is not whole: a statement, signature, certificate or entry of another", async () => {
    const [good, other] = [statement, { ...statement, predicate: { changed: true } }].map((each) =>
      pki.sign(each, identity, issuer),
    );
    const { dsseEnvelope: envelope, verificationMaterial: material } = good!;
    const { dsseEnvelope: otherEnvelope, verificationMaterial: otherMaterial } = other!;
    for (const changed of [
      { ...good, dsseEnvelope: { ...envelope, payload: otherEnvelope.payload } },
      { ...good, dsseEnvelope: { ...envelope, signatures: otherEnvelope.signatures } },
      { ...good, verificationMaterial: { ...material, x509CertificateChain: otherMaterial.x509CertificateChain } },
      { ...good, verificationMaterial: { ...material, tlogEntries: otherMaterial.tlogEntries } },
      { ...good, verificationMaterial: { ...material, tlogEntries: [] } },
      { ...good, verificationMaterial: { publicKey: { hint: "" }, tlogEntries: material.tlogEntries } },
      { ...good, verificationMaterial: undefined },
    ])
      expect(await counts(changed)).toBe(false);
    expect(await counts(good)).toBe(true);
  });

  it("does not count when it was signed after the certificate's time", async () => {
    expect(await counts(pki.sign(statement, identity, issuer, 601))).toBe(false);
  });

  it("costs its sender several checks, and is not tried when they are used up", async () => {
    const signer = await openSigstore({ root, identity, issuer });
    const few = new SignatureAllowance({ checks: 1, bytes: 100 });
    expect(signer.hasSigned(attestationOf(pki.sign(statement, identity, issuer)), few)).toBe(false);
    expect(few.isExceeded).toBe(true);
  });

  it.each([
    ["no JSON", "{"],
    ["a name twice", '{"tlogs":[],"tlogs":[]}'],
    ["keys that are none", '{"tlogs":[{"publicKey":{"rawBytes":"AAAA"},"logId":{"keyId":"AA"}}]}'],
  ])("is not looked at with a root that is not one: %s", async (_, text) => {
    const bad = join(folder, "bad_root.json");
    await writeFile(bad, text);
    await expect(openSigstore({ root: bad, identity, issuer })).rejects.toThrow(/not a trusted root of sigstore/);
  });
});
