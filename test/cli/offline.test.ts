import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { builder, integrityOf, publishResult, resultThatGives, sha256 } from "../support/signedPackage.ts";
import { runProgram } from "../support/spawned.ts";

const archive = Buffer.from("an archive");
const alice = builder(1);
let folder: string;
/** A server that the policy names, and that must not be asked. */
const server = createServer((_, response) => response.writeHead(404).end());
let requests = 0;
server.on("request", () => requests++);

/** What can be asked: an artifact, with a chain in the policy, and the packages of a lock file. */
const questions = [
  ["an artifact", ["check", "archive.tgz"]],
  ["a lock file", ["check", "--lock", "package-lock.json", "--packages", "."]],
] as const;
const run = async (program: string, ...args: string[]) => await runProgram(program, args, { folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-offline-"));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const chains = `{ main: { chainId: 1, assay: "0x${"11".repeat(20)}" } }`;
  const require = "{ any: [{ chain: main }, { builders: { least: 1, of: [alice] } }] }";
  const policy = `version: 1\nkeys: { alice: "${alice.keyId}" }\nchains: ${chains}\nrequire: ${require}\n`;
  await writeFile(join(folder, "policy.yaml"), `${policy}from: ["file:./store", "${url}"]\n`);
  await writeFile(
    join(folder, "assay.yaml"),
    `rpc: ${url}\nchainId: 1\nassay: "0x${"11".repeat(20)}"\nstate: ./state\nstores: [{ url: "file:./contents", write: true }]\n`,
  );
  // A chain that does not answer is asked again and again.
  const builders = policy.replace(/chains: .*\n/, "").replace("{ chain: main }, ", "");
  await writeFile(join(folder, "builders.yaml"), `${builders}from: ["file:./store", "${url}"]\n`);
  const packages = { "node_modules/a": { version: "1.0.0", integrity: integrityOf(archive) } };
  await writeFile(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages }));
  await writeFile(join(folder, "archive.tgz"), archive);
  await publishResult(join(folder, "store"), resultThatGives(sha256(archive)), [alice]);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const canUnshare = spawnSync("unshare", ["-rn", "true"]).status === 0;
const canTrace = spawnSync("strace", ["-f", "-e", "trace=connect", "true"]).status === 0;

describe.skipIf(!canUnshare)("in a network namespace that has no network (unshare -rn)", () => {
  it.each(questions)("assay check --offline accepts %s", async (_, args) => {
    const { status, stdout } = await run("unshare", "-rn", compiledCommand, ...args, "--offline");
    expect([status, stdout]).toEqual([0, expect.stringContaining("accepted")]);
  });
});

describe.skipIf(!canTrace)("with its system calls counted (strace)", () => {
  const calls = async (...args: string[]) => {
    const trace = join(folder, "trace");
    const traced = "trace=socket,connect,bind,sendto,sendmsg,sendmmsg";
    const { status, stderr } = await run("strace", "-f", "-qq", "-o", trace, "-e", traced, compiledCommand, ...args);
    expect(stderr).toBe("");
    const lines = (await readFile(trace, "utf8")).split("\n");
    return { status, lines: lines.filter((line) => /\b(socket|connect|bind|send\w+)\(/.test(line)) };
  };

  it.each(questions)("assay check --offline makes no network call about %s", async (_, args) => {
    expect(await calls(...args, "--offline")).toEqual({ status: 0, lines: [] });
    expect(requests).toBe(0);
  });

  it("sees the calls of assay check that is not offline", async () => {
    const { status, lines } = await calls("check", "archive.tgz", "--policy", "builders.yaml");
    expect(status).toBe(0);
    expect(lines.filter((line) => /connect\(.*127\.0\.0\.1/.test(line)).length).toBeGreaterThan(0);
    expect(requests).toBeGreaterThan(0);
  });
});
