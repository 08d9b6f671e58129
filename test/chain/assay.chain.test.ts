import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Deployment } from "../../src/chain/assay.ts";
import { deployLocally } from "../../src/deployment/local.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { type LocalServer, startServer } from "../support/rpcServer.ts";

const limits = { timeoutMilliseconds: 5000, retries: 0, retryMilliseconds: 1, pollMilliseconds: 20 };
let server: LocalServer;
let proxy: FaultyProxy;
let deployment: Deployment;
let stepVerifier: string;
beforeAll(async () => {
  server = await startServer();
  proxy = await startFaultyProxy(server.url);
  const deployed = await deployLocally(server.url);
  stepVerifier = deployed.stepVerifier;
  deployment = {
    rpc: proxy.url,
    chainId: 31337n,
    assay: deployed.assay,
    deploymentBlock: 0,
    confirmations: 0,
    logRange: 1000,
  };
});
afterEach(() => proxy.behave(() => "pass"));
afterAll(async () => {
  await proxy.close();
  await server.close();
});

const code = async (address: string) => (await server.send("eth_getCode", [address, "latest"])) as string;
/** Answers requests for the code of one address with other code. */
function serveCode(address: string, change: (code: string) => string) {
  proxy.behave(({ method, params }) =>
    method === "eth_getCode" && String(params[0]).toLowerCase() === address.toLowerCase()
      ? { change: (result) => change(String(result)) }
      : "pass",
  );
}
const flipLast = (text: string) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

describe("connecting to the contracts", () => {
  it("accepts the contracts that this program was built with, and reads their parameters", async () => {
    const chain = await connect(deployment, limits);
    expect(chain.stepVerifier).toBe(stepVerifier);
    expect(chain.parameters).toMatchObject({ log2Arity: 4, burnPermille: 500, solverBond: 200000000000000000n });
    chain.close();
  });

  it("refuses another chain and names both", async () => {
    await expect(connect({ ...deployment, chainId: 1n }, limits)).rejects.toMatchObject({
      code: "chain/wrong-chain",
      details: { expected: 1n, given: 31337n },
    });
  });

  it("refuses an address without a contract", async () => {
    const address = "0x00000000000000000000000000000000000000AA";
    await expect(connect({ ...deployment, assay: address }, limits)).rejects.toMatchObject({
      code: "chain/no-contract",
      details: { address },
    });
  });

  it("refuses a contract of another kind", async () => {
    await expect(connect({ ...deployment, assay: stepVerifier }, limits)).rejects.toMatchObject({
      code: "chain/other-contract",
    });
  });

  it("refuses contracts whose code differs in one place, and names both hashes", async () => {
    serveCode(deployment.assay, flipLast);
    const error = await connect(deployment, limits).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "chain/other-contract" });
    const { expected, given } = (error as { details: { expected: string; given: string } }).details;
    expect((error as Error).message).toContain(expected);
    expect((error as Error).message).toContain(given);
    expect(expected).not.toBe(given);
  });

  it("refuses a step verifier with other code: attack 16, wrong version", async () => {
    serveCode(stepVerifier, flipLast);
    await expect(connect(deployment, limits)).rejects.toMatchObject({ code: "chain/other-machine" });
  });

  it("refuses a machine of another version and names both: attack 16, wrong version", async () => {
    proxy.behave(({ method, params }) =>
      method === "eth_call" && (params[0] as { to?: string }).to?.toLowerCase() === stepVerifier.toLowerCase()
        ? { change: () => `0x${"2".padStart(64, "0")}` }
        : "pass",
    );
    await expect(connect(deployment, limits)).rejects.toMatchObject({
      code: "chain/other-machine",
      details: { expected: 1, given: 2 },
    });
  });

  it("does not take a stalled server for another contract", async () => {
    proxy.behave(({ method }) => (method === "eth_call" ? "stall" : "pass"));
    await expect(connect(deployment, { ...limits, timeoutMilliseconds: 200 })).rejects.toMatchObject({
      code: "chain/stalled-fault",
    });
    expect((await code(deployment.assay)).length).toBeGreaterThan(2);
  });
});
