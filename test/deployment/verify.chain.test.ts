import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chainIdOf, RpcProvider } from "../../src/chain/rpcProvider.ts";
import { type Compared, compareDeployment } from "../../src/deployment/comparison.ts";
import { localAccounts } from "../../src/deployment/localAccounts.ts";
import { readParameters } from "../../src/deployment/parameterFile.ts";
import { type DeploymentRecord, writeRecord } from "../../src/deployment/record.ts";
import { runDeployment } from "../../src/deployment/run.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { type LocalServer, startServer } from "../support/rpcServer.ts";
import { runAssay } from "../support/spawned.ts";

const limits = { timeoutMilliseconds: 20_000, retries: 0, retryMilliseconds: 1, pollMilliseconds: 20 };
let server: LocalServer;
let proxy: FaultyProxy;
let provider: RpcProvider;
let folder: string;
let record: DeploymentRecord;
beforeAll(async () => {
  server = await startServer();
  proxy = await startFaultyProxy(server.url);
  folder = await mkdtemp(join(tmpdir(), "assay-verify-"));
  const chainId = await chainIdOf([proxy.url], limits);
  provider = new RpcProvider(proxy.url, chainId, limits);
  const deployed = await runDeployment({
    provider,
    chainId,
    genesis: (await provider.getBlock(0))!.hash!,
    wallet: new Wallet(localAccounts(1)[0]!.key),
    terms: await readParameters("local"),
    folder: join(folder, "journal"),
    maxFeePerGas: 10n ** 12n,
  });
  record = deployed.record;
});
afterEach(() => proxy.behave(() => "pass"));
afterAll(async () => {
  provider.destroy();
  await proxy.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const { address: someone } = localAccounts(1)[0]!;
/** What differs, by name. */
async function differences(change: Partial<Compared> = {}): Promise<string[]> {
  const rows = await compareDeployment(provider, { assay: record.contracts.assay.address, record, ...change });
  return rows.filter(({ same }) => !same).map(({ what }) => what);
}
/** The code at an address has another last digit. */
function flipCode(address: string): void {
  const flip = (result: unknown) => String(result).replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  proxy.behave(({ method, params }) =>
    method === "eth_getCode" && String(params[0]).toLowerCase() === address.toLowerCase() ? { change: flip } : "pass",
  );
}

describe("contracts beside this program's own", () => {
  it("are the same where they were deployed from it, down to each parameter", async () => {
    const rows = await compareDeployment(provider, { assay: record.contracts.assay.address, record });
    expect(rows.filter(({ same }) => !same)).toEqual([]);
    const names = rows.map(({ what }) => what);
    expect(names).toEqual(expect.arrayContaining(Object.keys(record.parameters)));
    expect(names).toEqual(expect.arrayContaining(["first block", "machine version", "AssayLens, code"]));
    expect(await differences({ record: undefined })).toEqual([]);
  });

  it.each(["stepVerifier", "assay", "lens"] as const)("differ when the code of %s does", async (name) => {
    flipCode(record.contracts[name].address);
    const called = { stepVerifier: "StepVerifier", assay: "Assay", lens: "AssayLens" }[name];
    expect(await differences()).toEqual([`${called}, code`]);
  });

  it("differ when there are none, or others", async () => {
    expect(await differences({ assay: someone, record: undefined })).toEqual([
      "machine version",
      "StepVerifier, code",
      "Assay, code",
    ]);
    const { stepVerifier } = record.contracts;
    expect(await differences({ assay: stepVerifier.address, record: undefined })).toContain("Assay, code");
  });

  it("differ when a contract says that it has terms that the code would refuse", async () => {
    proxy.behave(({ method, params }) => {
      const [{ to }] = params as [{ to?: string }];
      const ofAssay = to?.toLowerCase() === record.contracts.assay.address.toLowerCase();
      // Eighteen words of zeros: the answer to `parameters`, and one that is too long to `stepVerifier`.
      return method === "eth_call" && ofAssay ? { change: () => `0x${"0".repeat(64 * 18)}` } : "pass";
    });
    expect(await differences()).toEqual(expect.arrayContaining(["Assay, code", "solverBond"]));
  });

  it("differ from a file with another hash, block, address or term", async () => {
    const hash = `0x${"1".repeat(64)}`;
    const { contracts, parameters } = record;
    const withAssay = { ...contracts, assay: { ...contracts.assay, codeHash: hash } };
    expect(await differences({ record: { ...record, contracts: withAssay } })).toEqual(["Assay, code in the file"]);
    expect(await differences({ record: { ...record, genesis: hash } })).toEqual(["first block"]);
    const terms = { ...parameters, reactionSeconds: 301, solverBond: 1n };
    expect(await differences({ record: { ...record, parameters: terms } })).toEqual(["solverBond", "reactionSeconds"]);
    expect(await differences({ terms })).toEqual(["solverBond (parameter file)", "reactionSeconds (parameter file)"]);
    const elsewhere = { ...contracts, stepVerifier: { ...contracts.stepVerifier, address: someone } };
    expect(await differences({ record: { ...record, contracts: elsewhere } })).toEqual([
      "StepVerifier, address",
      "machine version",
      "StepVerifier, code",
    ]);
  });

  it("are not said to differ because a server cannot be asked", async () => {
    proxy.behave(({ method }) => (method === "eth_call" ? { status: 503, body: "" } : "pass"));
    await expect(differences()).rejects.toMatchObject({ code: "chain/unreachable-fault" });
  });
});

describe("assay chain verify", () => {
  const verify = async (written: DeploymentRecord, more: readonly string[] = []) => {
    await writeFile(join(folder, "31337.json"), writeRecord(written));
    return await runAssay(["chain", "verify", "--deployment", "31337.json", "--rpc", proxy.url, ...more], { folder });
  };

  it("exits with 0 when everything is the same", async () => {
    const { status, stdout } = await verify(record, ["--parameters", "local"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^gasPriceCeilingWei +10000000000 +10000000000 +same$/m);
    expect(stdout).not.toContain("DIFFERS");
  });

  it("exits with 5 when only a parameter differs, and shows both", async () => {
    const { status, stdout } = await verify({ ...record, parameters: { ...record.parameters, reactionSeconds: 301 } });
    expect(status).toBe(5);
    expect(stdout).toMatch(/^reactionSeconds +301 +300 +DIFFERS$/m);
  });

  it("exits with 7 when code differs, in JSON too", async () => {
    flipCode(record.contracts.assay.address);
    const { status, stdout } = await verify(record, ["--json"]);
    expect(status).toBe(7);
    const { same, rows } = JSON.parse(stdout);
    expect(same).toBe(false);
    expect(rows.filter((row: { same: boolean }) => !row.same)).toMatchObject([{ what: "Assay, code", kind: "code" }]);
  });

  it("exits with 7 on another chain, with 2 without a usable file", async () => {
    expect(await verify({ ...record, chainId: 1 })).toMatchObject({
      status: 7,
      stderr: expect.stringContaining("not 1"),
    });
    await writeFile(join(folder, "bad.json"), "{}");
    const bad = await runAssay(["chain", "verify", "--deployment", "bad.json", "--rpc", proxy.url], { folder });
    expect(bad).toMatchObject({ status: 2, stderr: expect.stringContaining("[deployment/bad-record]") });
  });
});
