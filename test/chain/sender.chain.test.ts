import { type HDNodeWallet, parseEther, Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultFeePolicy, type FeePolicy } from "../../src/chain/outbox/call.ts";
import type { SenderEvent } from "../../src/chain/outbox/lane.ts";
import { RpcProvider } from "../../src/chain/rpcProvider.ts";
import { createSender } from "../../src/chain/sender.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { type LocalServer, startServer } from "../support/rpcServer.ts";

const gwei = 1_000_000_000n;
const limits = { timeoutMilliseconds: 2000, retries: 2, retryMilliseconds: 10, pollMilliseconds: 10 };
const fees: FeePolicy = {
  ...defaultFeePolicy,
  maxFeePerGas: 100n * gwei,
  maxPriorityFeePerGas: 1n * gwei,
  stuckSeconds: 0.05,
  giveUpSeconds: 20,
};
const nobody = "0x00000000000000000000000000000000000000AA";
const pay = (value: bigint) => ({ to: nobody, data: "0x", value, action: "pay" });

let server: LocalServer;
let proxy: FaultyProxy;
let provider: RpcProvider;
let wallet: HDNodeWallet;
beforeEach(async () => {
  server = await startServer();
  proxy = await startFaultyProxy(server.url);
  provider = new RpcProvider(proxy.url, 31337n, limits);
  wallet = Wallet.createRandom();
  await server.send("hardhat_setBalance", [wallet.address, `0x${parseEther("10").toString(16)}`]);
});
afterEach(async () => {
  provider.destroy();
  await proxy.close();
  await server.close();
});

async function sender(policy: Partial<FeePolicy> = {}, events: SenderEvent[] = []) {
  return await createSender(provider, wallet, {
    fees: { ...fees, ...policy },
    abis: [],
    onEvent: (event) => events.push(event),
  });
}

describe("a sender", () => {
  it("sends overlapping calls with nonces of their own", async () => {
    const one = await sender();
    const receipts = await Promise.all([1n, 2n, 3n, 4n].map(async (value) => await one.send(pay(value))));
    expect(receipts.every(({ status }) => status === 1)).toBe(true);
    expect(await provider.getBalance(nobody)).toBe(10n);
    expect(await provider.getTransactionCount(wallet.address)).toBe(4);
  });

  it("replaces a stuck transaction with a better paying one", async () => {
    await server.send("evm_setAutomine", [false]);
    const events: SenderEvent[] = [];
    let mine = false;
    const sent = (await sender({}, events)).send(pay(7n));
    while (!mine) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      mine = events.some(({ kind }) => kind === "replaced");
    }
    await server.send("evm_mine");
    expect((await sent).status).toBe(1);
    expect(await provider.getBalance(nobody)).toBe(7n);
    expect(await provider.getTransactionCount(wallet.address)).toBe(1);
    expect(events[1]!.maxFeePerGas).toBeGreaterThanOrEqual((events[0]!.maxFeePerGas * 9n) / 8n);
  });

  it("never pays more than the cap, and gives up in the end", async () => {
    await server.send("evm_setAutomine", [false]);
    const events: SenderEvent[] = [];
    const cap = 4n * gwei;
    const one = await sender({ maxFeePerGas: cap, giveUpSeconds: 0.6, stuckSeconds: 0.02 }, events);
    await expect(one.send(pay(1n))).rejects.toMatchObject({ code: "chain/stuck-fault" });
    expect(events.every(({ maxFeePerGas }) => maxFeePerGas <= cap)).toBe(true);
    expect(events.at(-1)!.kind).toBe("capped");
  });

  it("sends nothing while the base fee is above the cap", async () => {
    await server.send("hardhat_setNextBlockBaseFeePerGas", [`0x${(200n * gwei).toString(16)}`]);
    await server.send("evm_mine");
    await expect((await sender()).send(pay(1n))).rejects.toMatchObject({ code: "chain/fee-cap" });
    expect(proxy.seen.get("eth_sendRawTransaction")).toBe(undefined);
  });

  it("takes over the nonce of a transaction that an earlier process left in the pool", async () => {
    await server.send("evm_setAutomine", [false]);
    const before = (await sender({ stuckSeconds: 1000, giveUpSeconds: 0 })).send(pay(1n));
    await expect(before).rejects.toMatchObject({ code: "chain/stuck-fault" });
    const events: SenderEvent[] = [];
    const sent = (await sender({ stuckSeconds: 1000 }, events)).send(pay(2n));
    while (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.send("evm_mine");
    await sent;
    expect(await provider.getBalance(nobody)).toBe(2n);
  });

  describe("that is stopped", () => {
    /** Gives up by itself only long after the test. */
    const patient = { ...fees, giveUpSeconds: 100_000 };

    it("waits no longer than a few seconds, for what is under way and what comes after", {
      timeout: 500_000,
    }, async () => {
      await server.send("evm_setAutomine", [false]);
      const controller = new AbortController();
      const stopped = await createSender(provider, wallet, { fees: patient, abis: [], signal: controller.signal });
      const before = stopped.send(pay(1n));
      controller.abort();
      const after = stopped.send(pay(2n));
      for (const sending of [before, after]) {
        await expect(sending).rejects.toMatchObject({ code: "chain/stuck-fault" });
      }
    });

    it("has what is mined in these last seconds", async () => {
      await server.send("evm_setAutomine", [false]);
      const controller = new AbortController();
      const { signal } = controller;
      const events: SenderEvent[] = [];
      const onEvent = (event: SenderEvent) => void events.push(event);
      const stopped = await createSender(provider, wallet, { fees: patient, abis: [], signal, onEvent });
      const sending = stopped.send(pay(1n));
      while (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      controller.abort();
      await server.send("evm_mine");
      expect((await sending).status).toBe(1);
    });
  });

  it("says that the account is empty", async () => {
    await server.send("hardhat_setBalance", [wallet.address, "0x0"]);
    await expect((await sender()).send(pay(1n))).rejects.toMatchObject({ code: "chain/insufficient-funds" });
  });

  it("counts a transaction as sent although the answer to it got lost", async () => {
    let lost = false;
    proxy.behave(({ method }) => {
      if (method !== "eth_sendRawTransaction" || lost) return "pass";
      lost = true;
      return { change: () => undefined };
    });
    await (await sender()).send(pay(3n));
    expect(await provider.getBalance(nobody)).toBe(3n);
    expect(await provider.getTransactionCount(wallet.address)).toBe(1);
  });
});
