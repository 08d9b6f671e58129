import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signedBytes } from "../../src/attestation/dsse.ts";
import { mostBundleCharacters } from "../../src/attestation/limits.ts";
import { attestationOf, parseOthers } from "../../src/attestation/others/attestation.ts";
import { canonicalJson } from "../../src/attestation/others/canonicalJson.ts";
import { claimIn, equivalenceType, isAboutFile } from "../../src/attestation/others/claim.ts";
import { type OthersKey, readPublicKey } from "../../src/attestation/others/node/publicKey.ts";
import { SignatureAllowance } from "../../src/attestation/signatureAllowance.ts";

const file = Buffer.from("an artifact");
const digests = {
  sha256: createHash("sha256").update(file).digest("hex"),
  sha512: createHash("sha512").update(file).digest("hex"),
};
const other = "77".repeat(32);
const type = "application/vnd.in-toto+json";
const envelopeOf = (statement: unknown, key: KeyObject, hash: string | null) => {
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = sign(hash, signedBytes(type, payload), key).toString("base64");
  return { payloadType: type, payload: payload.toString("base64"), signatures: [{ keyid: "", sig }] };
};
const statement = (predicateType: string, predicate: unknown, digest: object = { sha256: digests.sha256 }) => ({
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "a.tgz", digest }],
  predicateType,
  predicate,
});
const equivalence = (target: string) =>
  statement("https://slsa.dev/provenance/v1", {
    buildDefinition: {
      buildType: equivalenceType,
      externalParameters: { candidate: "rebuild/a.tgz", target: "https://registry.example/a.tgz" },
      resolvedDependencies: [
        { name: "rebuild/a.tgz", digest: { sha256: other } },
        { name: "https://registry.example/a.tgz", digest: { sha256: target } },
      ],
    },
  });
/** A link as rebuilderd writes it, and the text that is signed, written out by hand. */
const product = `{"sha256":"${digests.sha256}","sha512":"${digests.sha512}"}`;
const link = `{"_type":"link","name":"rebuild a_1_all.deb","materials":{"a.buildinfo":{"sha256":"${other}"}},"products":{"a_1_all.deb":${product}},"environment":null,"byproducts":{},"command":[]}`;
const signedLink = `{"_type":"link","byproducts":{},"command":[],"environment":null,"materials":{"a.buildinfo":{"sha256":"${other}"}},"name":"rebuild a_1_all.deb","products":{"a_1_all.deb":${product}}}`;
const linkOf = (key: KeyObject, text = link, signed = signedLink) => {
  const sig = sign(null, Buffer.from(signed), key).toString("hex");
  return `{"signed":${text},"signatures":[{"keyid":"${"00".repeat(32)}","sig":"${sig}"}]}`;
};

const pairs = {
  ed25519: generateKeyPairSync("ed25519"),
  ec: generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};
let folder: string;
const keys: Record<string, OthersKey> = {};
const write = async (name: string, text: string | Buffer) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-others-"));
  for (const [name, { publicKey }] of Object.entries(pairs))
    keys[name] = await readPublicKey(await write(`${name}.pem`, publicKey.export({ format: "pem", type: "spki" })));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));
/** Which keys have signed the only attestation in a text. */
const signersOf = (text: string) => {
  const [only] = parseOthers(text).attestations;
  return Object.keys(keys).filter((name) => keys[name]!.hasSigned(only!, new SignatureAllowance()));
};
const claimOf = (text: string) => claimIn(parseOthers(text).attestations[0]!);

describe("a link of rebuilderd's", () => {
  it("is signed by its key, and about its products and nothing else", () => {
    const text = linkOf(pairs.ed25519.privateKey);
    expect(signersOf(text)).toEqual(["ed25519"]);
    const claim = claimOf(text);
    expect(claim.kind).toBe("rebuilderd");
    expect(isAboutFile(claim, digests)).toBe(true);
    expect(isAboutFile(claim, { sha256: digests.sha256, sha512: "66".repeat(64) })).toBe(false);
    // A material is what went in.
    expect(isAboutFile(claim, { sha256: other })).toBe(false);
  });

  it("counts for nobody when anything of it is another, or it is not signed as a whole", () => {
    const text = linkOf(pairs.ed25519.privateKey);
    expect(signersOf(text.replace(digests.sha256, other))).toEqual([]);
    expect(signersOf(text.replace('"command":[]', '"command":["x"]'))).toEqual([]);
    expect(signersOf(linkOf(pairs.ed25519.privateKey, link, link))).toEqual([]);
  });

  it("may escape control characters as the specification does, or as JSON does", () => {
    const step = link.replace('"byproducts":{}', '"byproducts":{"stdout":"a\\nb\\"\\\\"}');
    for (const newline of ["\n", "\\n"]) {
      const text = signedLink.replace('"byproducts":{}', `"byproducts":{"stdout":"a${newline}b\\"\\\\"}`);
      expect(signersOf(linkOf(pairs.ed25519.privateKey, step, text))).toEqual(["ed25519"]);
    }
    expect(canonicalJson({ "\u{1F600}": 1, "\uFFFF": [true, null], a: "" }, "olpc")).toBe(
      '{"a":"","\uFFFF":[true,null],"\u{1F600}":1}',
    );
    expect(() => canonicalJson({ a: 0.5 }, "json")).toThrow(/not a whole number/);
  });

  it("of another step is evidence of nothing", () => {
    expect(claimOf(linkOf(pairs.ed25519.privateKey, link.replace("rebuild a", "build a"))).kind).toBeUndefined();
  });
});

describe("an attestation of oss-rebuild's", () => {
  it.each([
    ["ec", "sha256"],
    ["rsa", "sha512"],
  ] as const)("is signed by its key (%s, %s), and about the artifact that was published", (name, hash) => {
    const text = JSON.stringify(envelopeOf(equivalence(digests.sha256), pairs[name].privateKey, hash));
    expect(signersOf(text)).toEqual([name]);
    expect(claimOf(text).kind).toBe("oss-rebuild");
    expect(isAboutFile(claimOf(text), digests)).toBe(true);
    expect(isAboutFile(claimOf(text), { sha256: other })).toBe(false);
  });

  it("is refused when its subject is not what was compared", () => {
    const text = JSON.stringify(envelopeOf(equivalence(other), pairs.ec.privateKey, "sha256"));
    expect(() => claimOf(text)).toThrow(/its subject is not the target/);
  });
});

describe("what npm's registry and GitHub answer", () => {
  it("holds bundles, of which each is read by itself", () => {
    const provenance = statement(
      "https://slsa.dev/provenance/v1",
      { buildDefinition: { buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1" } },
      { sha512: digests.sha512 },
    );
    const published = {
      ...statement("https://github.com/npm/attestation/tree/main/specs/publish/v0.1", {}),
      _type: "https://in-toto.io/Statement/v0.1",
    };
    const bundles = [published, provenance].map((each) => ({
      predicateType: each.predicateType,
      bundle: {
        mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2",
        dsseEnvelope: envelopeOf(each, pairs.ec.privateKey, "sha256"),
      },
    }));
    const { attestations, refused } = parseOthers(
      JSON.stringify({ attestations: [...bundles, { bundle: null }, {}] }, null, 2),
    );
    expect(attestations.map((each) => claimIn(each).kind)).toEqual([undefined, "provenance"]);
    expect(isAboutFile(claimIn(attestations[1]!), digests)).toBe(true);
    expect(isAboutFile(claimIn(attestations[1]!), { sha256: digests.sha256 })).toBe(false);
    expect(refused).toHaveLength(2);
  });

  it("is no provenance of another platform when it is of this program's own builds", () => {
    const own = statement("https://slsa.dev/provenance/v1", { buildDefinition: { buildType: "urn:assay:build:v1" } });
    expect(claimOf(JSON.stringify(envelopeOf(own, pairs.ec.privateKey, "sha256"))).kind).toBeUndefined();
  });
});

describe("what is malformed", () => {
  it.each([
    ["a name twice", '{"signed":{"_type":"link","_type":"link"},"signatures":[{"sig":"00"}]}', /a name occurs twice/],
    [
      "a signature that is not hexadecimal",
      '{"signed":{"_type":"link"},"signatures":[{"sig":"xyz"}]}',
      /not lower-case hexadecimal/,
    ],
    ["no signature", '{"signed":{"_type":"link"},"signatures":[]}', /signatures/],
    ["a layout in the place of a link", '{"signed":{"_type":"layout"},"signatures":[{"sig":"00"}]}', /_type/],
    [
      "a bundle about a file, without a statement",
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}}',
      /nothing is said/,
    ],
    ["an envelope that is none", '{"payload":"%","payloadType":"x","signatures":[{"sig":"AA"}]}', /base64/],
    ["nothing", "null", /envelope is malformed/],
  ])("is refused by name: %s", (_, text, why) => {
    expect(parseOthers(text)).toEqual({ attestations: [], refused: [expect.stringMatching(why)] });
  });

  it("does not hide what is beside it, and is bounded", () => {
    const { attestations, refused } = parseOthers(`junk\n${linkOf(pairs.ed25519.privateKey)}\n`);
    expect([attestations.length, refused.length]).toEqual([1, 1]);
    expect(() => parseOthers(" ".repeat(mostBundleCharacters + 1))).toThrow(/more than/);
    expect(() => parseOthers(JSON.stringify({ attestations: Array(5000).fill({}) }))).toThrow(/5000 attestations/);
    expect(() =>
      attestationOf(JSON.parse(`{"signed":{"_type":"link","n":1e400},"signatures":[{"sig":"00"}]}`)),
    ).toThrow(/whole number/);
  });

  it.each([
    ["a private key", () => pairs.ec.privateKey.export({ format: "pem", type: "pkcs8" }), /not one public key/],
    ["two keys", () => `${pairs.ec.publicKey.export({ format: "pem", type: "spki" })}`.repeat(2), /not one public key/],
    [
      "a short key",
      () => generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "pem", type: "spki" }),
      /2048/,
    ],
    [
      "another curve",
      () => generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey.export({ format: "pem", type: "spki" }),
      /P-256/,
    ],
    [
      "a key of small order",
      () =>
        `-----BEGIN PUBLIC KEY-----\n${Buffer.from(`302a300506032b6570032100${"01".padEnd(64, "0")}`, "hex").toString("base64")}\n-----END PUBLIC KEY-----\n`,
      /without its secret/,
    ],
    ["nothing of a key", () => "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", /not a public key/],
  ])("is refused as a key: %s", async (_, text, why) => {
    await expect(readPublicKey(await write("bad.pem", text()))).rejects.toThrow(why);
  });
});
