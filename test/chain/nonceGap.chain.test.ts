import { Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import type { SenderEvent } from "../../src/chain/outbox/lane.ts";
import { RpcProvider } from "../../src/chain/rpcProvider.ts";
import { createSender } from "../../src/chain/sender.ts";
import { type Anvil, startAnvil } from "../support/anvil.ts";

const limits = { timeoutMilliseconds: 5000, retries: 2, retryMilliseconds: 10, pollMilliseconds: 20 };
/** As long as a slow machine needs. */
const patient = { timeout: 300_000, interval: 10 };
const nobody = "0x00000000000000000000000000000000000000AA";
const pay = (value: bigint) => ({ to: nobody, data: "0x", value, action: `pay ${value}` });

let anvil: Anvil;
let provider: RpcProvider;
let wallet: Wallet;
beforeEach(async () => {
  anvil = await startAnvil();
  provider = new RpcProvider(anvil.url, 31337n, limits);
  wallet = new Wallet(Wallet.createRandom().privateKey);
  await anvil.provider.send("anvil_setBalance", [wallet.address, `0x${(10n ** 19n).toString(16)}`]);
  await anvil.provider.send("evm_setAutomine", [false]);
});
afterEach(async () => {
  provider.destroy();
  await anvil.close();
});

const mine = async () => void (await anvil.provider.send("evm_mine", []));
const inPool = async () => Number((await anvil.provider.send("txpool_status", [])).pending);

async function newSender(events: SenderEvent[]) {
  return await createSender(provider, wallet, {
    // Never stuck, however slow the machine: what is sent again here is sent again for another reason.
    fees: { ...defaultFeePolicy, stuckSeconds: 100_000 },
    abis: [],
    onEvent: (event) => events.push(event),
  });
}

/** Mines until a transaction is settled, as a chain does. */
async function mineUntil<T>(settled: Promise<T>): Promise<T> {
  let done = false;
  const finish = () => {
    done = true;
  };
  settled.then(finish, finish);
  while (!done) {
    await mine();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return await settled;
}

describe("a transaction that waits while a reorganisation drops one below it (attack 77)", () => {
  it("is mined after the dropped one has been sent again", async () => {
    const events: SenderEvent[] = [];
    const sender = await newSender(events);
    const first = sender.send(pay(1n));
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    await first;
    const second = sender.send(pay(2n));
    await expect.poll(inPool, patient).toBe(1);
    await anvil.provider.send("anvil_reorg", [1, []]);
    expect(await provider.getTransactionCount(wallet.address)).toBe(0);
    expect((await mineUntil(second)).status).toBe(1);
    expect(events.filter(({ kind }) => kind === "refilled").map(({ action }) => action)).toContain("pay 1");
    expect(await provider.getBalance(nobody)).toBe(3n);
    expect(await provider.getTransactionCount(wallet.address)).toBe(2);
  });

  it("is mined behind an empty transaction where the dropped one is not known any more", async () => {
    const before = await newSender([]);
    const first = before.send(pay(1n));
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    await first;
    const events: SenderEvent[] = [];
    const after = await newSender(events);
    const second = after.send(pay(2n));
    await expect.poll(inPool, patient).toBe(1);
    await anvil.provider.send("anvil_reorg", [1, []]);
    expect((await mineUntil(second)).status).toBe(1);
    expect(events.map(({ kind }) => kind)).toContain("refilled");
    expect(await provider.getBalance(nobody)).toBe(2n);
    expect(await provider.getTransactionCount(wallet.address)).toBe(2);
  });
});
