import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkProofs } from "../../src/client/node/proofs.ts";
import { policyOf } from "../../src/client/policy/policy.ts";
import { SnpPlatform } from "../support/snpPlatform.ts";

const artifact = Buffer.from("an artifact");
const digests = {
  sha256: createHash("sha256").update(artifact).digest("hex"),
  sha512: createHash("sha512").update(artifact).digest("hex"),
};
const measurement = "5a".repeat(48);
const sevSnp = resolve("docs/examples/verifiers/sevSnp.mjs");
let folder: string;
let platform: SnpPlatform;
const policyFor = (rule: object) =>
  policyOf({ version: 1, evidence: { enclave: { kind: "proof", ...rule } }, require: { evidence: "enclave" } }, "p");
const fileOf = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-proofs-"));
  platform = new SnpPlatform(folder);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("a report of trusted hardware, checked by the program that the documentation has", () => {
  const check = async (report: Buffer, about = digests, expected = measurement) => {
    const policy = policyFor({ verifier: "snp", key: platform.rootFile, parameters: { measurement: expected } });
    const proof = new Map([["enclave", await fileOf("report.bin", report)]]);
    return await checkProofs(policy, about, { proof, verifier: new Map([["snp", sevSnp]]) });
  };
  const reportData = Buffer.from(digests.sha512, "hex");

  it("counts for the artifact that it names", async () => {
    expect(await check(platform.report(measurement, reportData))).toEqual({ names: new Set(["enclave"]), faults: [] });
  });

  it("does not count for another artifact, nor from another guest", async () => {
    const report = platform.report(measurement, reportData);
    const other = { ...digests, sha512: "00".repeat(64) };
    expect(await check(report, other)).toEqual({ names: new Set(), faults: [] });
    expect(await check(report, digests, "5b".repeat(48))).toEqual({ names: new Set(), faults: [] });
  });

  it.each<[string, (report: Buffer) => void]>([
    ["may be debugged", (report) => report.writeUInt8(8, 0x0a)],
    ["is signed with another kind of key", (report) => report.writeUInt32LE(4, 0x48)],
    ["is of another version of the platform than its certificate", (report) => report.writeUInt8(19, 0x186)],
    ["says another algorithm", (report) => report.writeUInt32LE(2, 0x34)],
  ])("does not count when the guest %s", async (_, change) => {
    expect((await check(platform.report(measurement, reportData, change))).names).toEqual(new Set());
  });

  it("does not count when one bit of it is another, or it is cut off", async () => {
    const report = platform.report(measurement, reportData);
    for (const at of [0x00, 0x50, 0x90, 0x29f, 0x2a0, 0x2a0 + 72]) {
      const changed = Buffer.from(report);
      changed[at]! ^= 1;
      expect((await check(changed)).names, String(at)).toEqual(new Set());
    }
    expect((await check(report.subarray(0, 0x4a0))).names).toEqual(new Set());
    expect((await check(report.subarray(0, 0x100))).names).toEqual(new Set());
  });

  it("does not count under another root", async () => {
    await mkdir(join(folder, "other"));
    const forged = new SnpPlatform(join(folder, "other")).report(measurement, reportData);
    expect((await check(forged)).names).toEqual(new Set());
  });
});

describe("proofs of other kinds", () => {
  const policy = policyFor({ verifier: "mine" });
  const run = async (text: string, seconds?: number) => {
    const program = await fileOf("program", `#!/bin/sh\n${text}\n`);
    await chmod(program, 0o700);
    const proof = new Map([["enclave", "proof"]]);
    return await checkProofs(policy, digests, { proof, verifier: new Map([["mine", program]]), seconds });
  };
  const fault = (why: RegExp) => ({ names: new Set(), faults: [{ who: "enclave", why: expect.stringMatching(why) }] });

  it("count where the user's program says so, which is told what is asked", async () => {
    expect((await run(`grep -q '"sha256":"${digests.sha256}"'`)).names).toEqual(new Set(["enclave"]));
    expect(await run("exit 1")).toEqual({ names: new Set(), faults: [] });
  });

  it.each<[string, string, RegExp, number?]>([
    ["fails", "echo broken >&2; exit 3", /has failed \(3\): broken/],
    ["is killed", "kill -9 $$", /has failed \(killed\)/],
    ["says too much", "yes", /said too much/],
    ["never ends", "exec sleep 1000", /took more than/, 0.2],
  ])("do not count where it %s, and that is said", async (_, text, why, seconds) => {
    expect(await run(text, seconds)).toEqual(fault(why));
  });

  it("do not count where there is no such program, or none is named", async () => {
    const proof = new Map([["enclave", "proof"]]);
    const missing = new Map([["mine", join(folder, "missing")]]);
    expect(await checkProofs(policy, digests, { proof, verifier: missing })).toEqual(fault(/cannot be run: ENOENT/));
    const others = new Map([["other", sevSnp]]);
    expect(await checkProofs(policy, digests, { proof, verifier: others })).toEqual(fault(/--verifier mine=<program>/));
  });

  it("are named where the policy has no rule for them", async () => {
    const proof = new Map([["constructor", "proof"]]);
    const { names, faults } = await checkProofs(policy, digests, { proof, verifier: new Map() });
    expect([names.size, faults.map(({ who }) => who)]).toEqual([0, ["constructor"]]);
  });
});
