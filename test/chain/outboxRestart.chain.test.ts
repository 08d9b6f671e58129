import { Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import { type Journal, memoryJournal } from "../../src/chain/outbox/journal.ts";
import { Lane } from "../../src/chain/outbox/lane.ts";
import { Outbox } from "../../src/chain/outbox/outbox.ts";
import { RpcProvider } from "../../src/chain/rpcProvider.ts";
import { type Anvil, startAnvil } from "../support/anvil.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";

const limits = { timeoutMilliseconds: 60_000, retries: 0, retryMilliseconds: 10, pollMilliseconds: 20 };
/** As long as a slow machine needs. */
const patient = { timeout: 300_000, interval: 10 };
const nobody = "0x00000000000000000000000000000000000000AA";
const pay = (value: number) => ({ to: nobody, data: "0x", value: BigInt(value), action: `pay ${value}` });
const fees = { ...defaultFeePolicy, stuckSeconds: 100_000, maxPending: 40 };
const receipts = "eth_getTransactionReceipt";

let anvil: Anvil;
let proxy: FaultyProxy;
const closing: (() => Promise<void> | void)[] = [];
const wallet = new Wallet(Wallet.createRandom().privateKey);
beforeEach(async () => {
  anvil = await startAnvil();
  proxy = await startFaultyProxy(anvil.url);
  closing.push(
    () => anvil.close(),
    () => proxy.close(),
  );
  await anvil.provider.send("anvil_setBalance", [wallet.address, "0x56bc75e2d63100000"]);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(journal: Journal): Promise<Outbox> {
  const provider = new RpcProvider(proxy.url, 31337n, limits);
  const lane = await Lane.open(provider, wallet, fees, journal, () => {});
  const confirmedBlock = () => Number.POSITIVE_INFINITY;
  const outbox = new Outbox(lane, { provider, abis: [], maxPending: fees.maxPending, confirmedBlock });
  closing.push(() => provider.destroy());
  return outbox;
}

/** The journal of a process that has seen 40 of its transactions mined. */
async function journalOfForty(): Promise<Journal> {
  const journal = memoryJournal();
  const outbox = await open(journal);
  const all = Array.from({ length: 40 }, (_, i) => outbox.submit({ key: `${i}`, call: pay(i) }));
  await Promise.all(all);
  await outbox.close();
  proxy.seen.clear();
  return journal;
}

const sent = (journal: Journal, key: string) => journal.load().find((entry) => entry.key === key);

describe("a journal of 40 transactions that are mined", () => {
  it("costs the next process one request, and says in which blocks they are", async () => {
    const journal = await journalOfForty();
    const outbox = await open(journal);
    const next = outbox.submit({ key: "next", call: pay(1) });
    expect(await next).toMatchObject({ kind: "mined" });
    await outbox.close();
    expect(proxy.seen.get(receipts)).toBe(1);
    expect(outbox.minedIn("0")).toBe(sent(journal, "0")!.minedIn);
    expect(journal.load().every(({ minedIn = 0 }) => minedIn > 0)).toBe(true);
  });

  it("is asked about several at a time where the process before was killed before it had seen them mined", async () => {
    const journal = await journalOfForty();
    for (const { minedIn: _, ...entry } of journal.load()) journal.put(entry);
    let waiting = 0;
    let most = 0;
    proxy.behave(({ method }) => {
      if (method !== receipts) return "pass";
      most = Math.max(most, ++waiting);
      return {
        change(result) {
          waiting--;
          return result;
        },
      };
    });
    const outbox = await open(journal);
    await expect.poll(() => outbox.size, patient).toBe(0);
    await outbox.close();
    expect(proxy.seen.get(receipts)).toBe(40);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it("is asked about only after what waits is sent", async () => {
    const journal = await journalOfForty();
    for (const { minedIn: _, ...entry } of journal.load()) journal.put(entry);
    const order: string[] = [];
    proxy.behave(({ method }) => {
      order.push(method);
      return "pass";
    });
    const outbox = await open(journal);
    void outbox.submit({ key: "next", call: pay(1) });
    await expect.poll(() => outbox.size, patient).toBe(0);
    await outbox.close();
    expect(order.indexOf("eth_sendRawTransaction")).toBeLessThan(order.indexOf(receipts));
    expect(order.filter((method) => method === receipts)).toHaveLength(41);
  });
});
