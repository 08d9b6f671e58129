import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Transaction, Wallet } from "ethers";
import { afterEach, describe, expect, it } from "vitest";
import { loadAccount } from "../../src/chain/node/account.ts";
import { RemoteSigner } from "../../src/chain/remoteSigner.ts";
import { askedFor, type SignerServer, type SigningRequest, signedBy, startSigner } from "../support/signerServer.ts";

const wallet = new Wallet(`0x${"5e".repeat(32)}`);
const stranger = new Wallet(`0x${"5f".repeat(32)}`);
const transaction = {
  type: 2,
  chainId: 31337n,
  to: `0x${"ab".repeat(20)}`,
  data: "0x1234",
  value: 5n,
  nonce: 7,
  gasLimit: 90_000n,
  maxFeePerGas: 30n,
  maxPriorityFeePerGas: 2n,
};

let server: SignerServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function signerThat(sign: (request: SigningRequest) => Promise<unknown>, timeoutSeconds = 10) {
  server = await startSigner(sign);
  const { url } = server;
  return new RemoteSigner({ url, address: wallet.address, method: "eth_signTransaction", timeoutSeconds });
}

/** One that changes the transaction before it signs. */
const changing = (change: Record<string, unknown>) => async (request: SigningRequest) => {
  const { type, chainId, nonce, to, data, value, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = askedFor(request);
  const fields = { type, chainId, nonce, to, data, value, gasLimit, maxFeePerGas, maxPriorityFeePerGas };
  return await wallet.signTransaction({ ...fields, ...change });
};

describe("a remote signer", () => {
  it("gives the same bytes as the key itself, whether alone or beside a description", async () => {
    const expected = await wallet.signTransaction(transaction);
    const plain = await signerThat(async (request) => await signedBy(wallet, request));
    expect(await plain.signTransaction(transaction)).toBe(expected);
    expect(server!.requests).toEqual([
      {
        method: "eth_signTransaction",
        request: {
          from: wallet.address,
          to: Transaction.from(transaction).to,
          data: "0x1234",
          type: "0x2",
          chainId: "0x7a69",
          nonce: "0x7",
          gas: "0x15f90",
          value: "0x5",
          maxFeePerGas: "0x1e",
          maxPriorityFeePerGas: "0x2",
        },
      },
    ]);
    await server!.close();
    const described = await signerThat(async (request) => ({ raw: await signedBy(wallet, request), tx: {} }));
    expect(await described.signTransaction(transaction)).toBe(expected);
    expect(await described.getAddress()).toBe(wallet.address);
  });

  it.each([
    ["to", { to: stranger.address }],
    ["value", { value: 6n }],
    ["data", { data: "0x1235" }],
    ["nonce", { nonce: 8 }],
    ["chainId", { chainId: 1n }],
    ["gasLimit", { gasLimit: 90_001n }],
    ["maxFeePerGas", { maxFeePerGas: 31n }],
    ["maxPriorityFeePerGas", { maxPriorityFeePerGas: 1n }],
    ["type", { type: 0, gasPrice: 30n, maxFeePerGas: undefined, maxPriorityFeePerGas: undefined }],
    ["a field that was not asked for", { accessList: [{ address: stranger.address, storageKeys: [] }] }],
  ])("that signs another transaction is not believed, and %s is named", async (field, change) => {
    const signer = await signerThat(changing(change));
    await expect(signer.signTransaction(transaction)).rejects.toMatchObject({
      code: "chain/bad-signature",
      message: expect.stringContaining(`${field} differs`),
    });
  });

  it.each([
    [
      "another key",
      async (request: SigningRequest) => await signedBy(stranger, request),
      `signs for ${stranger.address}`,
    ],
    ["no signature", async (request: SigningRequest) => askedFor(request).unsignedSerialized, "is not signed"],
    [
      "bytes behind it",
      async (request: SigningRequest) => `${await signedBy(wallet, request)}00`,
      "is not a transaction",
    ],
    [
      "a cut answer",
      async (request: SigningRequest) => (await signedBy(wallet, request)).slice(0, -2),
      "is not a transaction",
    ],
    ["nothing", async () => null, "is not a transaction"],
    ["a number", async () => 17, "is not a transaction"],
  ])("that answers with %s is not believed", async (_, sign, words) => {
    const signer = await signerThat(sign);
    await expect(signer.signTransaction(transaction)).rejects.toMatchObject({
      code: "chain/bad-signature",
      message: expect.stringContaining(words),
    });
  });

  it("says why it refuses, on one printable line", async () => {
    const signer = await signerThat(async () => {
      throw new Error("denied by rule\n\u001b[31m");
    });
    await expect(signer.signTransaction(transaction)).rejects.toMatchObject({
      code: "chain/signer-fault",
      message: expect.stringMatching(/^the remote signer 127\.0\.0\.1:\d+ refuses: denied by rule\\u000a\\u001b\[31m$/),
    });
  });

  it("that does not answer in time, or is not there, fails with the host and without the path", async () => {
    const silent = await signerThat(() => new Promise(() => {}), 0.05);
    await expect(silent.signTransaction(transaction)).rejects.toMatchObject({
      code: "chain/signer-fault",
      message: expect.stringContaining("did not answer within 0.05 s"),
    });
    const url = `${server!.url}/secret-path`;
    await server!.close();
    server = undefined;
    const gone = new RemoteSigner({ url, address: wallet.address, method: "eth_signTransaction", timeoutSeconds: 5 });
    const error = await gone.signTransaction(transaction).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "chain/signer-fault", message: expect.stringContaining("cannot be reached") });
    expect(JSON.stringify(error) + error.message).not.toContain("secret-path");
  });

  it.each([
    ["a web page", "<html></html>"],
    ["null", "null"],
    ["two megabytes", `"${"x".repeat(2_000_000)}"`],
  ])("that is %s instead is said to speak no JSON-RPC", async (_, body) => {
    const page = createServer((_request, response) => response.end(body));
    await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const signer = new RemoteSigner({ url, address: wallet.address, method: "eth_signTransaction", timeoutSeconds: 5 });
    await expect(signer.signTransaction(transaction)).rejects.toMatchObject({
      code: "chain/signer-fault",
      message: expect.stringContaining("does not speak JSON-RPC"),
    });
    page.closeAllConnections();
    page.close();
  });

  it("signs nothing but transactions", async () => {
    const signer = await signerThat(async () => null);
    await expect(signer.signMessage()).rejects.toMatchObject({ code: "chain/signer-fault" });
    await expect(signer.signTypedData()).rejects.toMatchObject({ code: "chain/signer-fault" });
    expect(server!.requests).toEqual([]);
  });
});

describe("the secret of the salts", () => {
  const remote = {
    url: "http://127.0.0.1:1",
    address: wallet.address,
    method: "eth_signTransaction",
    timeoutSeconds: 5,
  } as const;

  it("is the key where the key is here, else from a variable, which is removed, or from nowhere yet", async () => {
    expect((await loadAccount({}, { ASSAY_KEY: wallet.privateKey })).saltSecret).toBe(wallet.privateKey);
    const environment = { SALT: `0x${"77".repeat(32)}` };
    expect((await loadAccount({ remote, saltVariable: "SALT" }, environment)).saltSecret).toBe(`0x${"77".repeat(32)}`);
    expect(environment).toEqual({});
    expect((await loadAccount({ remote }, {})).saltSecret).toBeUndefined();
    await expect(loadAccount({ remote, saltVariable: "SALT" }, { SALT: "0x77" })).rejects.toMatchObject({
      code: "chain/bad-key",
      message: expect.not.stringContaining("0x77"),
    });
  });
});
