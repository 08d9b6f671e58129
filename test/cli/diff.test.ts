import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicAt } from "../../src/attestation/board.ts";
import { type BuildResult, buildIn, statementOfBuild } from "../../src/attestation/buildResult.ts";
import { formatBundle, parseBundle } from "../../src/attestation/bundle.ts";
import type { Envelope } from "../../src/attestation/dsse.ts";
import { type Signer, signerOf } from "../../src/attestation/keys.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { signStatement, statementIn } from "../../src/attestation/statement.ts";
import { topicsOf } from "../../src/attestation/topics.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { createRepository } from "../support/gitRepository.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runAssay } from "../support/spawned.ts";

const wrong = signerOf(new Uint8Array(32).fill(9));
const zero = `0x${"00".repeat(32)}` as const;
let folder: string;
let server: StoreServer | undefined;
let right: BuildResult;
/** Who has built it, and the wrong one's envelope. */
let builder: string;
let wrongEnvelope: Envelope;

const run = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  await runAssay(args, { folder, environment: { ASSAY_PASSWORD: "secret", ...environment } });
const diff = async (...args: string[]) => {
  const { status, stdout, stderr } = await run(["diff", ...args, "--json"]);
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
};
const sign = async (signer: Signer, result: BuildResult) =>
  await signStatement(signer, statementOfBuild(result, { id: signer.keyId, version: "0.1.0" }));
const contentOf = async (sha256: string) => await readFile(contentFile(join(folder, "store"), `sha256:${sha256}`));
const put = async (bytes: Uint8Array) => {
  const id = await directoryStore(join(folder, "store")).put(bytes);
  return { sha256: id.slice("sha256:".length), size: bytes.length };
};

/** A result as somebody would sign it whose machine has gone wrong at the third checkpoint. */
async function wrongResult(): Promise<BuildResult> {
  const tar = gunzipSync(await contentOf(right.artifact!.sha256));
  const at = tar.indexOf("honest words");
  tar.write("altered", at);
  const list = await contentOf(right.checkpoints!.sha256);
  list.fill(0, 2 * 32);
  return {
    ...right,
    artifact: { ...right.artifact!, ...(await put(gzipSync(tar))) },
    checkpoints: { ...right.checkpoints!, ...(await put(list)) },
    finalRoot: zero,
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-diff-"));
  const project = createRepository(join(folder, "project"));
  project.write(".assay/tasks.yaml", "version: 1\ntasks: { release: { environment: releaseTarball } }\n");
  project.write("README", "first line\nhonest words\n");
  // Enough for a few checkpoints.
  project.write("large", new Random(seed).fill(new Uint8Array(600_000)));
  project.commit();
  await writeSigningKey(join(folder, "signing.json"));
  const url = `git+file://${project.path}`;
  await run(["follow", url, "--key", "signing.json", "--publish", "store", "--state", "state", "--once"]);
  const [bundle] = await readdir(join(folder, "store/attestations/build"));
  const text = await readFile(join(folder, "store/attestations/build", bundle!), "utf8");
  await writeFile(join(folder, "right.intoto.jsonl"), text);
  const [envelope] = parseBundle(text).envelopes;
  right = buildIn(statementIn(envelope!));
  builder = envelope!.signatures[0]!.keyHint;
  await writeFile(join(folder, "right.tar.gz"), await contentOf(right.artifact!.sha256));
  const bad = await wrongResult();
  wrongEnvelope = await sign(wrong, bad);
  await attestationFolder(join(folder, "store")).add(wrongEnvelope, topicsOf(bad));
  await writeFile(join(folder, "wrong.intoto.jsonl"), formatBundle([wrongEnvelope]));
  await writeFile(join(folder, "wrong.tar.gz"), await contentOf(bad.artifact!.sha256));
  const store = join(folder, "store");
  const fileAt = (path: string) => (topicAt(path) === undefined ? undefined : join(store, path));
  server = await serveStore({ folder: store, host: "127.0.0.1", port: 0, fileAt });
});
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const inReadme = { path: expect.stringMatching(/!\/.*README$/), what: "line 2", first: "honest words" };

describe("assay diff of two artifacts", () => {
  it("says which files differ and where: status 1, and 0 when they are the same", async () => {
    const { status, data } = await diff("right.tar.gz", "wrong.tar.gz");
    expect(status).toBe(1);
    expect(data).toMatchObject({ same: false, missing: [] });
    expect(data.contents[0].differences).toContainEqual(
      expect.objectContaining({ ...inReadme, second: "alteredwords" }),
    );
    expect(await diff("right.tar.gz", "right.tar.gz")).toMatchObject({ status: 0, data: { same: true, contents: [] } });
    const { stdout } = await run(["diff", "right.tar.gz", "wrong.tar.gz"]);
    expect(stdout).toMatch(/README: line 2\n +first +honest words\n +second +alteredwords\n/);
    expect(stdout.endsWith("they differ.\n")).toBe(true);
  });

  it("asks diffoscope if that is wanted, and says where it is not installed", async () => {
    const wanted = ["diff", "right.tar.gz", "wrong.tar.gz", "--diffoscope", "--json"];
    const fake = join(folder, "fake");
    await mkdir(fake);
    const script = '#!/bin/sh\nprintf \'said of %s\\n\' "$(cmp -s "$4" "$5" || echo two files)"\nexit 1\n';
    await writeFile(join(fake, "diffoscope"), script);
    await chmod(join(fake, "diffoscope"), 0o755);
    const asked = await run(wanted, { PATH: `${fake}:${process.env.PATH}` });
    expect(JSON.parse(asked.stdout)).toMatchObject({ diffoscope: "said of two files\n" });
    await chmod(join(fake, "diffoscope"), 0o644);
    const none = await run(wanted);
    expect(JSON.parse(none.stdout).missing).toEqual(["diffoscope is not installed here"]);
    expect(none.status).toBe(1);
  });
});

describe("assay diff of two results", () => {
  const sides = () => [`${right.buildId}@${builder}`, `${right.buildId}@${wrong.keyId}`] as const;

  it("says what they say otherwise, which files differ, and the first checkpoint that parts", async () => {
    const { status, data } = await diff(...sides(), "--from", server!.url);
    expect(status).toBe(1);
    expect(data.results.map(({ what }: { what: string }) => what)).toEqual(["final state", "artifact"]);
    expect(data.contents[0].differences).toContainEqual(expect.objectContaining(inReadme));
    const distance = 2 ** right.checkpoints!.log2Ticks;
    expect(data.parting).toEqual({ checkpoint: 3, fromTick: 2 * distance, toTick: 3 * distance });
    expect(data.sides).toMatchObject([{ signers: [builder] }, { signers: [wrong.keyId] }]);
  });

  it("takes files, build ids and folders together", async () => {
    const from = ["--from", "file:./store"];
    expect((await diff("right.intoto.jsonl", "right.tar.gz", ...from)).status).toBe(0);
    expect((await diff("right.intoto.jsonl", sides()[0], ...from)).status).toBe(0);
    expect((await diff("right.intoto.jsonl", "wrong.intoto.jsonl", ...from)).data.parting.checkpoint).toBe(3);
    expect((await diff("right.tar.gz", sides()[1], ...from)).data.contents[0].differences).not.toEqual([]);
  });

  it("runs the build here if that is wanted, and says which of them it agrees with, and where a fault parts", async () => {
    const again = ["--from", server!.url, "--rerun", "--fault", "memory@20:100"];
    const { status, data } = await diff(...sides(), ...again);
    expect(status).toBe(1);
    expect(data.rerun).toMatchObject({
      finalRoot: right.finalRoot,
      sides: [{ agrees: true }, { agrees: false, parting: { checkpoint: 3 } }],
      parting: { parting: { tick: 20, step: 99 } },
    });
    const behind = await run(["diff", ...sides(), "--from", server!.url, "--rerun", "--fault", "memory@9999:1"]);
    expect(behind.stdout).toContain("with the fault the run is the same as without");
    const reversed = await run(["diff", "wrong.tar.gz", "right.intoto.jsonl", "--rerun"]);
    expect(reversed.stdout).toContain("the first is not what the build comes to here");
    expect(reversed.stdout).toContain("the second is what the build comes to here");
  });

  it("still answers where contents are held back, and names what is missing", async () => {
    const { status, data } = await diff("right.intoto.jsonl", "wrong.intoto.jsonl");
    expect(status).toBe(1);
    expect(data).toMatchObject({ same: false, contents: [] });
    expect(data.missing).toContain(
      `the content sha256:${right.artifact!.sha256} cannot be had: name where to look with --from`,
    );
  });

  it("believes no content that is not what the result says", async () => {
    const lying = join(folder, "lying");
    const file = contentFile(lying, `sha256:${right.artifact!.sha256}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, "something else");
    const { data } = await diff("right.intoto.jsonl", "wrong.tar.gz", "--from", `file://${lying}`);
    expect(data.contents).toEqual([]);
    expect(data.missing[0]).toContain(right.artifact!.sha256);
  });

  it("passes over what the key that it names has not signed: status 6 where nothing is left", async () => {
    const store = join(folder, "forged");
    const signatures = [{ ...wrongEnvelope.signatures[0]!, keyHint: builder }];
    await attestationFolder(store).add({ ...wrongEnvelope, signatures }, topicsOf(right));
    const { status, stderr } = await diff(right.buildId, "right.tar.gz", "--from", `file://${store}`);
    expect(stderr).toContain("nobody has signed a result of build");
    expect(status).toBe(6);
  });
});

describe("assay diff refuses", () => {
  it.each<[string, () => readonly string[], number, string]>([
    ["a build with two results, naming them", () => [right.buildId, "right.tar.gz"], 2, `${wrong.keyId}: `],
    ["a build that nobody has signed", () => [zero, "right.tar.gz"], 6, "nobody has signed a result"],
    [
      "a key that has signed nothing of it",
      () => [`${right.buildId}@${signerOf(new Uint8Array(32)).keyId}`, "right.tar.gz"],
      2,
      "there is no result that",
    ],
    ["a key that is none", () => ["right.intoto.jsonl@did:key:z6Mk", "right.tar.gz"], 2, "is not the did:key"],
    ["a key of an artifact", () => [`right.tar.gz@${wrong.keyId}`, "right.tar.gz"], 2, "holds no signed result"],
    ["a folder", () => ["store", "right.tar.gz"], 2, "is not a file"],
    ["a file that is not there", () => ["nothing", "right.tar.gz"], 2, "cannot read nothing"],
    [
      "an artifact that is too large",
      () => ["right.tar.gz", "wrong.tar.gz", "--max-bytes", "10"],
      2,
      "more than --max-bytes",
    ],
    ["a fault without a run", () => ["right.tar.gz", "wrong.tar.gz", "--fault", "record"], 2, "add --rerun"],
    ["a run of two artifacts", () => ["right.tar.gz", "wrong.tar.gz", "--rerun"], 2, "--rerun needs a result"],
  ])("%s", async (_, args, status, message) => {
    const refused = await diff(...args(), "--from", server!.url);
    expect(refused.stderr).toContain(message);
    expect(refused.status).toBe(status);
    expect(refused.data).toBeUndefined();
  });

  it("a source that is another build than the result's", async () => {
    await mkdir(join(folder, "other"));
    await writeFile(join(folder, "other/README"), "other\n");
    const unsourced: BuildResult = {
      ...right,
      source: { uri: "directory:other", digest: { sha256: "00".repeat(32) } },
    };
    await writeFile(join(folder, "unsourced.jsonl"), formatBundle([await sign(wrong, unsourced)]));
    const args = ["unsourced.jsonl", "right.tar.gz", "--rerun"];
    expect((await diff(...args)).stderr).toContain("name it with --source");
    const other = await diff(...args, "--source", "other");
    expect(other.stderr).toContain("is the build 0x");
    expect(other.status).toBe(2);
  });
});
