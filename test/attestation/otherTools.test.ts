import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provenanceType } from "../../src/attestation/buildResult.ts";
import { formatEnvelope, parseEnvelope, signersOf } from "../../src/attestation/dsse.ts";
import { keyIdOf, publicKeyOf } from "../../src/attestation/keys.ts";
import { parseOthers } from "../../src/attestation/others/attestation.ts";
import { claimIn, isAboutFile } from "../../src/attestation/others/claim.ts";
import { readPublicKey } from "../../src/attestation/others/node/publicKey.ts";
import { SignatureAllowance } from "../../src/attestation/signatureAllowance.ts";
import { builder, resultThatGives, sha256, signResult } from "../support/signedPackage.ts";

/**
 * What other implementations of DSSE and in-toto say of what is signed here, and the reverse. They are not part of this project: cosign is
 * the program of this name (2.5) on the PATH or in ASSAY_COSIGN, securesystemslib (1.2) a module of the Python in ASSAY_PYTHON or on the PATH.
 */
const cosign = process.env.ASSAY_COSIGN || "cosign";
const python = process.env.ASSAY_PYTHON || "python3";
const hasCosign = spawnSync(cosign, ["version"]).status === 0;
const imports =
  "from securesystemslib.dsse import Envelope\nfrom securesystemslib.signer import CryptoSigner, SSlibKey";
const runs = (code: string) => spawnSync(python, ["-c", `${imports}\n${code}`]).status === 0;
const hasSecuresystemslib = runs("");
/** It checks signatures itself; to make them it needs a new pyca/cryptography. */
const canSign = hasSecuresystemslib && runs("CryptoSigner.generate_ed25519()");

const artifact = Buffer.from("an artifact");
const signer = builder(1);
const publicKey = createPublicKey({
  key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKeyOf(signer.keyId)]),
  ...{ format: "der", type: "spki" },
});
const statement = { _type: "https://in-toto.io/Statement/v1", subject: [], predicateType: "urn:test", predicate: {} };
let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "assay-oracles-"));
  writeFileSync(file("artifact"), artifact);
  writeFileSync(file("other"), "another");
  writeFileSync(file("key.pem"), publicKey.export({ format: "pem", type: "spki" }));
  writeFileSync(file("signed.json"), formatEnvelope(await signResult(signer, resultThatGives(sha256(artifact)))));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another text of an envelope, with one bit of its payload changed. */
function tampered(text: string): string {
  const envelope = JSON.parse(text) as { payload: string };
  const payload = Buffer.from(envelope.payload, "base64");
  payload[40]! ^= 1;
  return JSON.stringify({ ...envelope, payload: payload.toString("base64") });
}

describe.skipIf(!hasCosign)("cosign", () => {
  const run = (...args: string[]) =>
    spawnSync(cosign, args, { cwd: folder, encoding: "utf8", env: { ...process.env, COSIGN_PASSWORD: "secret" } });
  const verify = (signed: string, about: string, key = "key.pem") =>
    run(
      ...["verify-blob-attestation", "--key", key, "--insecure-ignore-tlog", "--type", provenanceType],
      ...["--signature", signed, about],
    );

  it("accepts what is signed here, about its artifact alone", () => {
    expect(verify("signed.json", "artifact").stderr).toContain("Verified OK");
    expect(verify("signed.json", "other").status).not.toBe(0);
  });

  it("refuses it when a bit of it is another, as this project does", () => {
    const text = tampered(readFileSync(file("signed.json"), "utf8"));
    writeFileSync(file("tampered.json"), text);
    expect(verify("tampered.json", "artifact").status).not.toBe(0);
    expect(signersOf(parseEnvelope(text), [signer.keyId])).toEqual([]);
  });

  it("signs what is accepted here, under its key alone", async () => {
    expect(run("generate-key-pair").status).toBe(0);
    writeFileSync(file("predicate.json"), JSON.stringify({ buildDefinition: { buildType: "https://example.org/" } }));
    const args = ["--key", "cosign.key", "--type", provenanceType, "--predicate", "predicate.json", "--yes"];
    const made = run("attest-blob", ...args, "--tlog-upload=false", "--output-signature", "theirs.json", "artifact");
    expect(made.status, made.stderr).toBe(0);
    expect(verify("theirs.json", "artifact", "cosign.pub").stderr).toContain("Verified OK");

    const [key, other] = [await readPublicKey(file("cosign.pub")), await readPublicKey(file("key.pem"))];
    const [theirs] = parseOthers(readFileSync(file("theirs.json"), "utf8")).attestations;
    const hasSigned = (one: typeof key) => one.hasSigned(theirs!, new SignatureAllowance());
    expect([hasSigned(key), hasSigned(other)]).toEqual([true, false]);
    const claim = claimIn(theirs!);
    expect(claim.predicateType).toBe(provenanceType);
    expect(isAboutFile(claim, { sha256: sha256(artifact) })).toBe(true);
    expect(isAboutFile(claim, { sha256: sha256(Buffer.from("another")) })).toBe(false);
    const [changed] = parseOthers(tampered(readFileSync(file("theirs.json"), "utf8"))).attestations;
    expect(key.hasSigned(changed!, new SignatureAllowance())).toBe(false);
  });
});

describe.skipIf(!hasSecuresystemslib)("securesystemslib", () => {
  const run = (code: string, ...args: string[]) =>
    execFileSync(python, ["-c", `import base64, json, sys\n${imports}\n${code}`, ...args], { encoding: "utf8" }).trim();
  const verify = (text: string) =>
    run(
      `key = SSlibKey("k", "ed25519", "ed25519", {"public": sys.argv[2]})
envelope = json.loads(sys.argv[1])
for each in envelope["signatures"]: each["keyid"] = "k"
try: print(len(Envelope.from_dict(envelope).verify([key], 1)))
except Exception as error: print(type(error).__name__)`,
      text,
      Buffer.from(publicKeyOf(signer.keyId)).toString("hex"),
    );

  it("accepts what is signed here, and refuses it when a bit of it is another", () => {
    const text = readFileSync(file("signed.json"), "utf8");
    expect(verify(text)).toBe("1");
    expect(verify(tampered(text))).toBe("VerificationError");
  });

  it.skipIf(!canSign)("signs what is accepted here, under its key alone", () => {
    const [raw, text] = run(
      `signer = CryptoSigner.generate_ed25519()
envelope = Envelope(sys.argv[1].encode(), "application/vnd.in-toto+json", {})
envelope.sign(signer)
print(signer.public_key.keyval["public"])
print(json.dumps(envelope.to_dict()))`,
      JSON.stringify(statement),
    ).split("\n");
    const key = keyIdOf(Buffer.from(raw!, "hex"));
    expect(signersOf(parseEnvelope(text!), [key, signer.keyId])).toEqual([key]);
    expect(signersOf(parseEnvelope(tampered(text!)), [key])).toEqual([]);
  });
});
