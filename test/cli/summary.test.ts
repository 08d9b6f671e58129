import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseBundle } from "../../src/attestation/bundle.ts";
import { statementIn } from "../../src/attestation/statement.ts";
import { summaryIn } from "../../src/attestation/summary.ts";
import { openSummarySigner } from "../../src/cli/summary.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runAssay } from "../support/spawned.ts";

let folder: string;
const keys: Record<string, string> = {};
const assay = async (...args: string[]) => await runAssay(args, { folder, environment: { ASSAY_PASSWORD: "secret" } });
const json = async (...args: string[]) => {
  const { stdout, stderr, status } = await assay(...args, "--json");
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
};
const policy = async (name: string, require: string, from = "store") => {
  const text = `version: 1\nkeys: ${JSON.stringify(keys)}\nrequire: ${require}\nfrom: ["file:./${from}"]\n`;
  await writeFile(join(folder, name), text);
  return ["--policy", name];
};
const summariesIn = async (file: string) =>
  parseBundle(await readFile(join(folder, file), "utf8")).envelopes.map((envelope) => summaryIn(statementIn(envelope)));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-summary-"));
  await mkdir(join(folder, "project"));
  await writeFile(join(folder, "project", "README"), "a project\n");
  for (const name of ["alice", "bob", "victor", "mallory"])
    keys[name] = await writeSigningKey(join(folder, `${name}.json`));
  for (const name of ["alice", "bob"])
    await assay("attest", "make", "project", "--key", `${name}.json`, "--publish", "store", "--artifact", "out.tar.gz");
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("assay check --attest", () => {
  it("signs a summary where builders agree, which others take as evidence of that verifier, and of no other", async () => {
    const two = await policy("two.yaml", "{ builders: { least: 2, of: [alice, bob] } }");
    const signing = ["--attest", "victor.json", "--bundle", "victor.intoto.jsonl", "--publish", "summaries"];
    const { status, data } = await json("check", "out.tar.gz", ...two, ...signing);
    expect(status).toBe(0);
    expect(data.signed).toEqual({ key: keys.victor, levels: ["SLSA_BUILD_REPRODUCED"] });
    const [summary] = await summariesIn("victor.intoto.jsonl");
    expect(summary).toMatchObject({
      verifier: keys.victor,
      levels: ["SLSA_BUILD_REPRODUCED"],
      buildId: data.answers[0].buildId,
    });
    expect(summary!.inputs).toHaveLength(2);

    const ofVictor = await policy("victor.yaml", "{ summaries: { least: 1, of: [victor] } }", "summaries");
    const taken = await json("check", "out.tar.gz", ...ofVictor, "--offline");
    expect(taken).toMatchObject({ status: 0, data: { answers: [{ agree: ["victor"] }] } });
    expect((await json("check", "project", ...ofVictor)).status).toBe(0);
    const atLevel = await policy(
      "final.yaml",
      "{ summaries: { least: 1, of: [victor], level: ASSAY_CLAIM_FINAL } }",
      "summaries",
    );
    expect((await json("check", "out.tar.gz", ...atLevel)).status).toBe(3);
    const ofMallory = await policy("mallory.yaml", "{ summaries: { least: 1, of: [mallory] } }", "summaries");
    expect((await json("check", "out.tar.gz", ...ofMallory)).status).toBe(3);
    await writeFile(join(folder, "other.tar.gz"), "other");
    expect((await json("check", "project", "--artifact", "other.tar.gz", ...ofVictor)).status).toBe(5);
  });

  it("signs nothing where nothing is accepted, or nothing that a summary has a word for", async () => {
    const signing = ["--attest", "victor.json", "--bundle", "none.intoto.jsonl"];
    const one = await policy("one.yaml", "{ builders: { least: 1, of: [alice] } }");
    expect(await json("check", "out.tar.gz", ...one, ...signing)).toMatchObject({ status: 0, data: { signed: null } });
    const more = await policy("more.yaml", "{ builders: { least: 3, of: [alice, bob, mallory] } }");
    expect(await json("check", "out.tar.gz", ...more, ...signing)).toMatchObject({ status: 3, data: { signed: null } });
    await expect(readFile(join(folder, "none.intoto.jsonl"))).rejects.toMatchObject({ code: "ENOENT" });
    expect((await json("check", "out.tar.gz", ...one, "--bundle", "x")).status).toBe(2);
    expect((await json("check", "out.tar.gz", ...one, "--attest", "victor.json")).status).toBe(2);
  });
});

it("names the contract as the verifier of what is final on a chain", async () => {
  process.env.ASSAY_PASSWORD = "secret";
  const assayAddress = `0x${"AB".repeat(20)}`;
  const chains = { main: { chainId: 10, assay: assayAddress } };
  const rules = { version: 1, keys: {}, chains, require: { chain: "main" }, from: [] } as const;
  await policy("chain.yaml", "{ chain: main }");
  const options = { attest: join(folder, "victor.json"), bundle: join(folder, "chain.intoto.jsonl") };
  const signer = await openSummarySigner(options, rules, join(folder, "chain.yaml"));
  const outcome = "12".repeat(32);
  const answer = {
    ...{ buildId: `0x${"01".repeat(32)}` as const, decision: "accepted" as const, outcome, rivals: [], results: [] },
    ...{ others: [], agree: ["main"], mismatches: [], misses: [], unproven: [], score: { agree: 1, of: 1 } },
  };
  const signed = await signer!.sign({ decision: "accepted", answers: [answer], keys: [], faults: [] }, "out.tar.gz");
  expect(signed!.levels).toEqual(["ASSAY_CLAIM_FINAL"]);
  expect(await summariesIn("chain.intoto.jsonl")).toMatchObject([
    {
      verifier: `eip155:10:${assayAddress.toLowerCase()}`,
      artifact: { name: "out.tar.gz", sha256: outcome },
      resourceUri: `urn:assay:build:${answer.buildId}`,
    },
  ]);
});
