import { createPublicKey } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, Verifier } from "@sigstore/verify";
import { describe, expect, it } from "vitest";
import { type BuildResult, buildIn, statementOfBuild } from "../../src/attestation/buildResult.ts";
import { formatSigstoreBundle, parseSigstoreBundle } from "../../src/attestation/bundle.ts";
import { type KeyId, publicKeyOf, signerOf } from "../../src/attestation/keys.ts";
import { signStatement, statementIn } from "../../src/attestation/statement.ts";

const signer = signerOf(new Uint8Array(32).fill(7));
const result: BuildResult = {
  buildId: `0x${"01".repeat(32)}`,
  environment: { name: "small", id: `0x${"02".repeat(32)}` },
  source: { uri: "git+https://example.org/project.git", revision: "main", digest: { gitCommit: "03".repeat(20) } },
  command: { run: "make", outputs: ["dist/out.tar"], variables: { CC: "tcc" } },
  exitCode: 0,
  finalRoot: `0x${"04".repeat(32)}`,
  ticks: 75,
  artifact: { name: "out.tar", sha256: "05".repeat(32), size: 1234 },
  log: { sha256: "06".repeat(32), size: 99 },
  startedAt: 1_796_000_000,
  finishedAt: 1_796_000_012,
};
const sign = async () => await signStatement(signer, statementOfBuild(result, { id: signer.keyId, version: "0.1.0" }));

/** Sigstore's own verifier, with keys by their hint and no log or time stamp asked for. */
function verify(bundle: string, key: KeyId = signer.keyId): void {
  const raw = publicKeyOf(key);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  const trust = {
    ...{ certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] },
    publicKey: () => ({ publicKey, validFor: () => true }),
  };
  const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle))));
}

describe("sigstore's verifier", () => {
  it("accepts what is signed here", async () => {
    const bundle = formatSigstoreBundle(await sign());
    expect(() => verify(bundle)).not.toThrow();
  });

  it("refuses it under another key, and when a bit of it is another, as this project does", async () => {
    const bundle = formatSigstoreBundle(await sign());
    expect(() => verify(bundle, signerOf(new Uint8Array(32).fill(8)).keyId)).toThrow(/signature/);
    const { dsseEnvelope } = JSON.parse(bundle) as { dsseEnvelope: { payload: string } };
    const changed = Buffer.from(dsseEnvelope.payload, "base64");
    changed[40]! ^= 1;
    expect(() => verify(bundle.replace(dsseEnvelope.payload, changed.toString("base64")))).toThrow(/signature/);
  });

  it("is given back what it was given", async () => {
    const envelope = await sign();
    expect(parseSigstoreBundle(formatSigstoreBundle(envelope))).toEqual(envelope);
    expect(buildIn(statementIn(envelope))).toEqual(result);
  });
});
