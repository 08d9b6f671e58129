import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { policyOf } from "../../src/client/policy/policy.ts";
import { integrityOf, sha256 } from "../support/signedPackage.ts";
import { SigstorePki } from "../support/sigstorePki.ts";
import { SnpPlatform } from "../support/snpPlatform.ts";
import { runAssay } from "../support/spawned.ts";

const archive = Buffer.from("a package");
const identity = "https://github.com/owner/project/.github/workflows/release.yml@refs/tags/v1.0.0";
const issuer = "https://token.actions.githubusercontent.com";
const pki = new SigstorePki();
const rebuilder = generateKeyPairSync("ed25519");
/** Compact and in the order of its names, as rebuilderd signs it. */
const link = `{"_type":"link","byproducts":{},"command":[],"environment":null,"materials":{},"name":"rebuild a","products":{"a":{"sha256":"${sha256(archive)}"}}}`;
const signature = sign(null, Buffer.from(link), rebuilder.privateKey).toString("hex");

let folder: string;
const run = async (...args: string[]) => {
  const { status, stdout, stderr } = await runAssay([...args, "--json"], { folder });
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
};
const evidence = ["--evidence", "npm.json", "--evidence", "rebuild.json"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-evidence-"));
  const provenance = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "pkg:npm/a@1.0.0", digest: { sha512: createHash("sha512").update(archive).digest("hex") } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: { buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1" },
    },
  };
  const packages = { "node_modules/a": { version: "1.0.0", integrity: integrityOf(archive) } };
  const rules = {
    release: { kind: "provenance", root: "trust/root.json", identity: identity.replace("v1.0.0", "*"), issuer },
    debian: { kind: "rebuilderd", key: "trust/rebuilderd.pem" },
  };
  const policy = { version: 1, evidence: rules, require: { all: [{ evidence: "release" }, { evidence: "debian" }] } };
  const bundle = pki.sign(provenance, identity, issuer);
  await mkdir(join(folder, "trust"));
  for (const [name, content] of Object.entries({
    "a.tgz": archive,
    "other.tgz": "other",
    "npm.json": JSON.stringify({ attestations: [{ predicateType: provenance.predicateType, bundle }] }, null, 2),
    "rebuild.json": `{"signed":${link},"signatures":[{"keyid":"${"00".repeat(32)}","sig":"${signature}"}]}\n`,
    "trust/root.json": pki.root,
    "trust/rebuilderd.pem": rebuilder.publicKey.export({ format: "pem", type: "spki" }),
    "policy.yaml": JSON.stringify(policy),
    "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages }),
  }))
    await writeFile(join(folder, name), content);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("attestations of others, as evidence", () => {
  it("have an artifact accepted that the policy's rules say it of, by sha256 and by sha512", async () => {
    const { status, data } = await run("check", "a.tgz", ...evidence);
    expect(status).toBe(0);
    expect(data.answers).toMatchObject([
      { decision: "accepted", agree: ["release", "debian"], score: { agree: 2, of: 2 } },
    ]);
    expect((await run("check", "--lock", "package-lock.json", "--packages", ".", ...evidence)).status).toBe(0);
    const { stdout } = await runAssay(["check", "a.tgz", "--offline", ...evidence], { folder });
    expect(stdout).toMatch(/agree +2 of 2: release, debian\n\naccepted\.\n$/);
  });

  it("are about what they name and nothing else, and each is needed that the policy asks for", async () => {
    expect((await run("check", "other.tgz", ...evidence)).status).toBe(3);
    expect((await run("check", "a.tgz", "--evidence", "npm.json")).data.answers[0]).toMatchObject({
      misses: ["debian"],
    });
  });

  it("count for nothing when their key or root is another, and a missing one is said", async () => {
    const policy = await readFile(join(folder, "policy.yaml"), "utf8");
    const other = generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" });
    await writeFile(join(folder, "trust", "other.pem"), other);
    await writeFile(join(folder, "other.yaml"), policy.replace("rebuilderd.pem", "other.pem"));
    expect((await run("check", "a.tgz", "--policy", "other.yaml", ...evidence)).status).toBe(3);
    await writeFile(join(folder, "missing.yaml"), policy.replace("rebuilderd.pem", "missing.pem"));
    const { status, stderr } = await run("check", "a.tgz", "--policy", "missing.yaml", ...evidence);
    expect([status, stderr]).toEqual([2, expect.stringContaining("missing.pem: the key cannot be read")]);
  });
});

describe("assay attest verify, of others' attestations", () => {
  const root = ["--trusted-root", "trust/root.json", "--issuer", issuer, "--identity"];

  it("names who has signed them, and what they are evidence of", async () => {
    expect(await run("attest", "verify", "npm.json", ...root, identity, "--artifact", "a.tgz")).toMatchObject({
      status: 0,
      data: { found: [{ signers: [identity], kind: "provenance" }], refused: [] },
    });
    expect(await run("attest", "verify", "rebuild.json", "--public-key", "trust/rebuilderd.pem")).toMatchObject({
      status: 0,
      data: { found: [{ signers: [expect.stringMatching(/^did:key:z6Mk/)], kind: "rebuilderd" }] },
    });
  });

  it("refuses another artifact, another identity, and half of a root", async () => {
    expect((await run("attest", "verify", "npm.json", ...root, identity, "--artifact", "other.tgz")).status).toBe(5);
    expect((await run("attest", "verify", "npm.json", ...root, `${identity}1`)).status).toBe(5);
    expect((await run("attest", "verify", "npm.json", "--trusted-root", "trust/root.json")).status).toBe(2);
    expect((await run("attest", "verify", "npm.json")).status).toBe(2);
  });
});

describe("docs/policy.md", () => {
  it("shows a policy with evidence that is taken", async () => {
    const blocks = [...(await readFile("docs/policy.md", "utf8")).matchAll(/^```yaml\n(.*?)^```$/gms)];
    const [block] = blocks.map(([, text]) => parse(text!)).filter((each) => each.evidence?.google !== undefined);
    const policy = policyOf(block, "policy.yaml");
    expect(Object.keys(policy.evidence!)).toEqual(["google", "debian", "release"]);
  });

  it("shows a policy with a proof, which its command checks with the program that it names", async () => {
    const text = await readFile("docs/policy.md", "utf8");
    const [, policy] = /^```yaml\n([^`]*kind: proof.*?)^```$/ms.exec(text)!;
    const [, command] = /^ {4}assay (check .*--proof .*)$/m.exec(text)!;
    const at = await mkdtemp(join(tmpdir(), "assay-proof-"));
    try {
      const platform = new SnpPlatform(at);
      const reported = createHash("sha512").update(archive).digest();
      await writeFile(join(at, "policy.yaml"), policy!);
      await writeFile(join(at, "out.tar"), archive);
      await writeFile(join(at, "report.bin"), platform.report("5a".repeat(48), reported));
      const words = command!.replace("docs/", `${resolve("docs")}/`).split(" ");
      const { stdout, status } = await runAssay(words, { folder: at });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/agree +1 of 1: enclave/)]);
      await writeFile(join(at, "out.tar"), "another");
      expect((await runAssay(words, { folder: at })).status).toBe(3);
      expect((await runAssay(words.slice(0, -2), { folder: at })).status).toBe(6);
    } finally {
      await rm(at, { recursive: true, force: true });
    }
  });
});
