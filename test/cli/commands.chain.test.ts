import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentWorld, type RunningDaemon } from "../support/agentWorld.ts";
import { runAssay, runInShell } from "../support/spawned.ts";

let world: AgentWorld;
let source: string;
let config: string;
let honest: RunningDaemon;
let buildId: string;
let artifact: string;
beforeAll(async () => {
  world = await AgentWorld.start();
  source = await world.source("cli");
  artifact = join(world.folder, "artifact.tar.gz");
  config = join(world.folder, "assay.yaml");
  await writeFile(config, world.configuration("cli"));
});
afterAll(() => world.close());

const assay = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  await runAssay(args, { folder: world.folder, environment });
const json = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const { stdout, status, stderr } = await assay([...args, "--json"], environment);
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
};

/** A configuration with one line changed. */
async function changedConfig(name: string, from: RegExp, to: string): Promise<string> {
  const file = join(world.folder, `${name}.yaml`);
  await writeFile(file, (await readFile(config, "utf8")).replace(from, to));
  return file;
}

describe("assay, as a user runs it", () => {
  it("builds the same artifact each time and prints the same facts", async () => {
    const first = await json(["build", source, "--artifact", artifact]);
    const second = await json(["build", source]);
    expect(first.status).toBe(0);
    const { seconds: _, artifact: written, ...facts } = first.data;
    expect(written).toBe(artifact);
    expect(second.data).toMatchObject(facts);
    expect((await readFile(artifact)).length).toBe(Number(first.data.artifactSize));
    buildId = first.data.buildId;
  });

  it("shows the build id as the state root of tick 0", async () => {
    const { data } = await json(["trace", source, "--at", "0"]);
    expect(data.root).toBe(buildId);
  });

  it("shows a step with its registers and the code around it", async () => {
    const { stdout } = await assay(["trace", source, "--at", "1:100"]);
    expect(stdout).toMatch(/state root {2}0x[0-9a-f]{64}/);
    expect(stdout).toMatch(/^-> +\d+ {2}\S+/m);
  });

  it("names the first step at which two traces part", async () => {
    const { data } = await json(["trace", source, "--fault", "memory@1:777"]);
    expect(data.parting).toEqual({ tick: 1, step: 776 });
    expect(data.first).not.toBe(data.second);
  });

  it("runs two engines in lockstep, to the tick that is asked for", async () => {
    const engines = ["--engines", "native,interpreter"];
    const part = await json(["trace", source, ...engines, "--at", "1"]);
    expect(part).toMatchObject({ status: 0, data: { ticks: 1, ended: false, difference: null } });
    const { status, stdout } = await assay(["trace", source, ...engines]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^native and interpreter agree on \d+ ticks, to the program's end\n$/);
    const inside = await assay(["trace", source, ...engines, "--at", "1:5"]);
    expect(inside).toMatchObject({ status: 2, stderr: expect.stringContaining("between ticks") });
  });

  it("requests a build and says that nothing is final yet", async () => {
    const key = (await world.wallet()).privateKey;
    const requested = await json(["request", source, "--reward", "0.02", "--config", config], { ASSAY_KEY: key });
    expect(requested).toMatchObject({ status: 0, data: { buildId, reward: "20000000000000000" } });
    const { status, stdout } = await assay(["result", source, "--config", config]);
    expect(status).toBe(3);
    expect(stdout).toContain("not final");
    const unread = `assay result ${source} --config ${config} | true; exit "\${PIPESTATUS[0]}"`;
    expect(await runInShell(unread, { folder: world.folder })).toMatchObject({ status: 3, stderr: "" });
  });

  it("takes an expired reward back, and not one that is not expired", async () => {
    const wallet = await world.wallet();
    const environment = { ASSAY_KEY: wallet.privateKey };
    const other = await world.source("taken back");
    const args = ["request", other, "--reward", "0.5", "--expires", "1000", "--config", config];
    const { data } = await json(args, environment);
    const early = await assay(["request", "--take-back", data.requestId, "--config", config], environment);
    expect(early.status).toBe(1);
    expect(early.stderr).toContain("RequestNotExpired");
    await world.skip(1000);
    const back = await json(["request", "--take-back", data.requestId, "--config", config], environment);
    expect(back).toMatchObject({ status: 0, data: { amount: "500000000000000000" } });
  });

  it("says that an account is empty, in one line", async () => {
    const { privateKey } = await world.wallet("0");
    const { status, stderr } = await assay(["request", source, "--reward", "1", "--config", config], {
      ASSAY_KEY: privateKey,
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^assay: cannot request the build: the account cannot pay .*\[chain\/insufficient-funds\]\n$/,
    );
    expect(stderr).not.toContain(privateKey.slice(2, 20));
  });

  it("lists claims and disputes", async () => {
    honest = await world.solver();
    await world.until("the honest claim", () => world.claimOf(honest.wallet));
    const wrongSolver = await world.solver(["memory@1:1000"]);
    await world.verifier();
    await world.until("the refutation", () => world.claimOf(wrongSolver.wallet)?.refutation);
    await wrongSolver.stop();
    const claims = await json(["claims", "--build-id", buildId, "--config", config]);
    expect(claims.data.map((claim: { solver: string; status: string }) => [claim.solver, claim.status])).toEqual([
      [honest.wallet.address, "open"],
      [wrongSolver.wallet.address, "refuted"],
    ]);
    const disputes = await json(["disputes", "--config", config]);
    expect(disputes.data).toMatchObject([{ status: "refuted" }]);
    const { stdout } = await assay(["claims", "--config", config]);
    expect(stdout).toContain("refuted (fault)");
  });

  it("confirms a final result and the artifact: status 0", async () => {
    await world.skip(2000);
    await world.until("finality", ({ ledger }) => ledger.history.builds.get(buildId as `0x${string}`)?.finalClaim);
    const { status, data } = await json(["result", source, "--artifact", artifact, "--wait", "30", "--config", config]);
    expect({ status, data }).toMatchObject({
      status: 0,
      data: { status: "final", buildId, verdict: "final and matching" },
    });
    expect(data.artifactSha256).toBe(data.artifact);
  });

  it("finds an artifact that is another one: status 5", async () => {
    const other = join(world.folder, "other.tar.gz");
    await writeFile(other, "not what the source builds to");
    const { status, stdout } = await assay(["result", source, "--artifact", other, "--config", config]);
    expect(status).toBe(5);
    expect(stdout).toContain("mismatch");
  });

  it("says that all claims about a build were refuted: status 4", async () => {
    const refuted = await world.source("refuted");
    const id = await world.request(refuted);
    await honest.stop();
    const wrongSolver = await world.solver(["record"]);
    await world.until("the refutation", ({ ledger }) =>
      [...ledger.history.claims.values()].find(({ fields, refutation }) => fields.buildId === id && refutation),
    );
    await wrongSolver.stop();
    const { status, data } = await json(["result", "--build-id", id, "--config", config]);
    expect({ status, data }).toMatchObject({ status: 4, data: { status: "unknown", refuted: 1 } });
  });

  it("says that the chain does not answer: status 6", async () => {
    const file = await changedConfig("dead", /rpc: .*/, "rpc: http://127.0.0.1:1");
    const { status, stderr } = await assay(["result", source, "--config", file]);
    expect(status).toBe(6);
    expect(stderr).toContain("is it running");
  });

  it.each([
    ["another chain", /chainId: .*/, "chainId: 5", "serves chain 31337, not 5"],
    ["no contract", /assay: .*/, 'assay: "0x00000000000000000000000000000000000000AA"', "there is no contract"],
  ])("refuses %s: status 7", async (_, from, to, message) => {
    const file = await changedConfig("other", from, to);
    const { status, stderr } = await assay(["result", source, "--config", file]);
    expect(status).toBe(7);
    expect(stderr).toContain(message);
  });

  it.each([
    ["an unknown command", ["nonsense"], {}, "unknown command"],
    ["an unknown option", ["claims", "--nonsense"], {}, "unknown option"],
    ["no source", ["result"], {}, "either a source or --build-id"],
    ["a build id that is none", ["result", "--build-id", "0x12"], {}, "64 hexadecimal digits"],
    ["no configuration", ["claims", "--config", "/nonexistent.yaml"], {}, "cannot read the configuration"],
    ["no key", ["solver", "--once"], {}, "set ASSAY_KEY"],
    ["a key that is none", ["verifier", "--once"], { ASSAY_KEY: "0x123" }, "does not hold a private key"],
    ["a fault that is none", ["solver", "--fault", "x"], { ASSAY_KEY: `0x${"11".repeat(32)}` }, "is not a fault"],
  ])("refuses %s: status 2", async (_, args, environment, message) => {
    const all = args[0] === "nonsense" || args.includes("--config") ? args : [...args, "--config", config];
    const { status, stderr, stdout } = await assay(all, environment);
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  it("shows a daemon's claims that it could not check in its exit status: status 9", async () => {
    const unpublished = await world.source("unpublished");
    await world.request(unpublished, { published: false });
    const other = await world.solver();
    const id = await world.request(unpublished);
    await world.until("a claim", ({ ledger }) =>
      [...ledger.history.claims.values()].find(({ fields }) => fields.buildId === id),
    );
    await other.stop();
    const file = await changedConfig("unchecked", /stores: .*/, 'stores: [{ url: "file:./empty-store", write: true }]');
    const { privateKey } = await world.wallet();
    const { status, stdout } = await assay(["verifier", "--once", "--config", file], { ASSAY_KEY: privateKey });
    expect(stdout).toContain("cannot check this claim");
    expect(status).toBe(9);
    expect(stdout).not.toContain(privateKey.slice(2, 20));
  });
});
