import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicAt } from "../../src/attestation/board.ts";
import { buildIn, statementOfBuild } from "../../src/attestation/buildResult.ts";
import { parseBundle } from "../../src/attestation/bundle.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { openSigningKey } from "../../src/attestation/node/signingKey.ts";
import { signStatement, statementIn } from "../../src/attestation/statement.ts";
import { topicsOf } from "../../src/attestation/topics.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runAssay } from "../support/spawned.ts";

const builders = ["alice", "bob", "carol"] as const;
let folder: string;
let server: StoreServer;
const keys: Record<string, string> = {};
const assay = async (...args: string[]) => await runAssay(args, { folder, environment: { ASSAY_PASSWORD: "secret" } });
const json = async (...args: string[]) => {
  const { stdout, stderr, status } = await assay(...args, "--json");
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
};
const policyOf = (require: string, from: string) =>
  `version: 1\nkeys: ${JSON.stringify(keys)}\nrequire: ${require}\nfrom: [${JSON.stringify(from)}]\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-check-"));
  await mkdir(join(folder, "project"));
  await writeFile(join(folder, "project", "README"), "a project\n");
  for (const name of builders) keys[name] = await writeSigningKey(join(folder, `${name}.json`));
  const store = join(folder, "store");
  await mkdir(store);
  const fileAt = (path: string) => (topicAt(path) === undefined ? undefined : join(store, path));
  server = await serveStore({ folder: store, host: "127.0.0.1", port: 0, fileAt });
  await writeFile(
    join(folder, "policy.yaml"),
    policyOf("{ builders: { least: 2, of: [alice, bob, carol] } }", server.url),
  );
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const sign = async (name: string, ...more: string[]) =>
  await json("attest", "make", "project", "--key", `${name}.json`, "--publish", "store", ...more);

describe("an artifact, as those who have built it accept it", () => {
  it("is undecided while one of three has signed it, and accepted when two have", async () => {
    const made = await sign("alice", "--artifact", "out.tar.gz", "--bundle", "alice.intoto.jsonl");
    expect(made).toMatchObject({ status: 0, data: { key: keys.alice, exitCode: 0 } });
    expect(await json("check", "out.tar.gz")).toMatchObject({ status: 3, data: { decision: "undecided" } });
    await sign("bob");
    const { status, data } = await json("check", "out.tar.gz");
    expect(status).toBe(0);
    expect(data).toMatchObject({ decision: "accepted", faults: [] });
    expect(data.answers[0]).toMatchObject({ agree: ["alice", "bob"], misses: ["carol"], score: { agree: 2, of: 3 } });
    expect((await json("check", "project")).data.answers[0].outcome).toBe(made.data.artifact.sha256);
  });

  it("is accepted again offline, from what was kept of it, which is signed by the policy's keys alone", async () => {
    await writeSigningKey(join(folder, "stranger.json"));
    await sign("stranger");
    const { data } = await json("check", "out.tar.gz", "--keep", "kept");
    expect(data.kept).toBe(2);
    const offline = ["--offline", "--from", `file:${join(folder, "kept")}`];
    const again = await json("check", "out.tar.gz", ...offline);
    expect(again.data).toMatchObject({ decision: "accepted", answers: data.answers });
    expect((await json("check", "project", ...offline)).data.decision).toBe("accepted");
    const bundle = join("attestations/sha256", `${data.artifactSha256}.intoto.jsonl`);
    const lines = (text: string) => text.split("\n").filter((line) => line !== "").length;
    expect(lines(await readFile(join(folder, "kept", bundle), "utf8"))).toBe(2);
    expect(lines(await readFile(join(folder, "store", bundle), "utf8"))).toBe(3);
  });

  it("does not count a signature twice, nor one of a key that the policy does not name", async () => {
    await sign("alice");
    const policy = policyOf("{ builders: { least: 1, of: [carol] } }", server.url);
    await writeFile(join(folder, "carol.yaml"), policy);
    expect((await json("check", "project", "--policy", "carol.yaml")).data.answers[0]).toMatchObject({
      decision: "undecided",
      agree: [],
      misses: ["carol"],
    });
  });

  it("is refused when the file at hand is another one", async () => {
    await writeFile(join(folder, "other.tar.gz"), "other");
    const { status, data } = await json("check", "project", "--artifact", "other.tar.gz");
    expect(status).toBe(5);
    expect(data.answers[0].mismatches.map(({ name }: { name: string }) => name)).toEqual(["alice", "bob"]);
    expect((await json("check", "other.tar.gz")).status).toBe(3);
  });

  it("is not accepted on the word of one who has copied it, where the policy asks for independent builders", async () => {
    const policy = policyOf("{ builders: { least: 2, of: [alice, bob, carol], independent: true } }", server.url);
    await writeFile(join(folder, "independent.yaml"), policy);
    const check = async () => (await json("check", "out.tar.gz", "--policy", "independent.yaml")).data;
    expect(await check()).toMatchObject({ decision: "accepted", answers: [{ agree: ["alice", "bob"], unproven: [] }] });

    // Carol signs what alice has published, proof and all, as her own.
    const carol = await openSigningKey(join(folder, "carol.json"), "secret");
    const bundle = parseBundle(await readFile(join(folder, "alice.intoto.jsonl"), "utf8"));
    const copied = buildIn(statementIn(bundle.envelopes[0]!));
    const statement = statementOfBuild(copied, { id: carol.keyId, version: "0.1.0" });
    const alone = join(folder, "copies");
    await attestationFolder(alone).add(await signStatement(carol, statement), topicsOf(copied));
    await attestationFolder(alone).add(bundle.envelopes[0]!, topicsOf(copied));
    const offline = ["--policy", "independent.yaml", "--offline", "--from", `file:${alone}`];
    const { status, data } = await json("check", "out.tar.gz", ...offline);
    expect(status).not.toBe(0);
    expect(data.answers[0]).toMatchObject({
      ...{ decision: "undecided", agree: ["alice"], misses: ["bob"] },
      ...{ unproven: [{ name: "carol", why: "copied-proof" }], score: { agree: 1, of: 3 } },
    });
    expect((await assay("check", "out.tar.gz", ...offline)).stdout).toContain("carol: has signed a proof");

    // Having run it, she is counted.
    await json("attest", "make", "project", "--key", "carol.json", "--publish", "copies");
    expect((await json("check", "out.tar.gz", ...offline)).data.answers[0].agree).toEqual(["alice", "carol"]);
  });

  it("is found behind junk that others have written", async () => {
    const { data } = await json("check", "project");
    const file = join(folder, "store/attestations/build", `${data.answers[0].buildId.slice(2)}.intoto.jsonl`);
    await appendFile(file, `{"payload":"AAAA"}\n${"x".repeat(1000)}\n{"payl`);
    await sign("carol");
    expect((await json("check", "project")).data.answers[0].agree).toEqual(["alice", "bob", "carol"]);
  });

  it("is checked without any network", async () => {
    await writeFile(
      join(folder, "offline.yaml"),
      (await readFile(join(folder, "policy.yaml"), "utf8")).replace(/from: .*/, ""),
    );
    const offline = ["--offline", "--policy", "offline.yaml"];
    expect((await json("check", "out.tar.gz", ...offline, "--from", "file:./store")).status).toBe(0);
    const passedOver = await json("check", "out.tar.gz", "--offline");
    expect(passedOver).toMatchObject({ status: 6, data: { faults: [{ who: server.url, why: "offline: not asked" }] } });
  });

  it("is undecided, and the server named, when a server answers something else or nothing", async () => {
    const broken = createServer((_, response) => response.writeHead(500).end("no"));
    await new Promise<void>((done) => broken.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/`;
    const answer = await json("check", "out.tar.gz", "--policy", "offline.yaml", "--from", url);
    expect(answer).toMatchObject({ status: 6, data: { decision: "undecided" } });
    expect(answer.data.faults[0].why).toContain("answered with status 500");
    broken.close();
    const gone = await json(
      "check",
      "out.tar.gz",
      "--policy",
      "offline.yaml",
      "--from",
      url,
      "--from",
      `file://${folder}/store`,
    );
    expect(gone).toMatchObject({ status: 0, data: { faults: [{ who: url }] } });
  });
});

describe("a builder's key", () => {
  const key = async (...args: string[]) => await json("key", ...args);

  it("that is rotated counts as before, and the new one is announced and counts when the policy names it", async () => {
    const made = await key("rotate", "alice.json", "--to", "alice-2.json", "--publish", "store");
    const { status, data } = await json("check", "out.tar.gz");
    expect(status).toBe(0);
    expect(data.keys).toMatchObject([
      { name: "alice", key: keys.alice, isRevoked: false, announced: [made.data.newKey] },
    ]);
    expect((await assay("check", "out.tar.gz")).stdout).toContain(`alice announces ${made.data.newKey}`);
    expect(data.answers[0].agree).toEqual(["alice", "bob", "carol"]);
    const policy = policyOf("{ builders: { least: 1, of: [alice] } }", server.url);
    await writeFile(join(folder, "renewed.yaml"), policy.replace(keys.alice!, made.data.newKey));
    const renewed = async () => (await json("check", "out.tar.gz", "--policy", "renewed.yaml")).status;
    expect(await renewed()).toBe(3);
    await sign("alice-2");
    expect(await renewed()).toBe(0);
  });

  it("that is revoked counts for nothing, found or given, also offline, and that is said", async () => {
    const offline = ["--offline", "--policy", "offline.yaml", "--from", "file:./store"];
    await key("revoke", "carol.json", "--reason", "compromised", "--bundle", "carol.jsonl");
    const given = await json("check", "out.tar.gz", ...offline, "--revocations", "carol.jsonl");
    expect(given.data.answers[0]).toMatchObject({ agree: ["alice", "bob"], misses: ["carol"] });
    expect(given).toMatchObject({ status: 0, data: { keys: [{ name: "alice" }, { name: "carol", isRevoked: true }] } });
    expect((await json("check", "out.tar.gz")).data.answers[0].agree).toEqual(["alice", "bob", "carol"]);

    await key("revoke", "carol.json", "--reason", "compromised", "--publish", "store");
    await key("revoke", "bob.json", "--publish", "store");
    const { status, data } = await json("check", "out.tar.gz");
    expect(status).toBe(3);
    expect(data.answers[0]).toMatchObject({ decision: "undecided", agree: ["alice"], misses: ["bob", "carol"] });
    const { stdout } = await assay("check", "out.tar.gz");
    expect(stdout).toMatch(/key revoked +bob, from .* on \(retired\): nothing counts that it has signed/);
    expect(stdout).toMatch(/key revoked +carol, from .* on \(compromised\)/);
  });

  it("is not revoked by what is not signed, or not readable", async () => {
    const [line] = (await readFile(join(folder, "carol.jsonl"), "utf8")).split("\n");
    const envelope = JSON.parse(line!);
    envelope.signatures[0].keyid = keys.alice;
    await writeFile(join(folder, "forged.jsonl"), `${JSON.stringify(envelope)}\n{}\n`);
    const { data } = await json("check", "out.tar.gz", "--revocations", "forged.jsonl");
    expect(data.keys.find(({ name }: { name: string }) => name === "alice")).toMatchObject({ isRevoked: false });
    expect((await json("check", "out.tar.gz", "--revocations", "nothing.jsonl")).status).toBe(2);
  });
});

describe("assay attest verify", () => {
  it("names who has signed, and refuses another file, another key and a changed statement", async () => {
    const verify = async (...args: string[]) => await json("attest", "verify", ...args);
    const bundle = "alice.intoto.jsonl";
    const good = await verify(bundle, "--key", keys.alice!, "--artifact", "out.tar.gz");
    expect(good).toMatchObject({ status: 0, data: { found: [{ signers: [keys.alice] }] } });
    expect((await verify(bundle, "--key", keys.alice!, "--artifact", "other.tar.gz")).status).toBe(5);
    expect((await verify(bundle, "--key", keys.bob!)).status).toBe(5);
    const text = await readFile(join(folder, bundle), "utf8");
    const { payload } = JSON.parse(text);
    const changed = Buffer.from(payload, "base64").toString().replace('"exitCode":0', '"exitCode":1');
    await writeFile(join(folder, "changed.jsonl"), text.replace(payload, Buffer.from(changed).toString("base64")));
    expect((await verify("changed.jsonl", "--key", keys.alice!)).status).toBe(5);
    expect((await verify(bundle, "--key", "did:key:z6Mk")).status).toBe(2);
  });
});
