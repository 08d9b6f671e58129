import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEther, Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../src/chain/node/database.ts";
import { sqliteJournal } from "../../src/chain/node/sqliteJournal.ts";
import { defaultFeePolicy, type FeePolicy } from "../../src/chain/outbox/call.ts";
import { type Journal, memoryJournal } from "../../src/chain/outbox/journal.ts";
import { Lane, type SenderEvent } from "../../src/chain/outbox/lane.ts";
import { Outbox } from "../../src/chain/outbox/outbox.ts";
import { RpcProvider } from "../../src/chain/rpcProvider.ts";
import { type Anvil, startAnvil } from "../support/anvil.ts";

const limits = { timeoutMilliseconds: 5000, retries: 2, retryMilliseconds: 10, pollMilliseconds: 20 };
/** As long as a slow machine needs. */
const patient = { timeout: 300_000, interval: 10 };
const nobody = "0x00000000000000000000000000000000000000AA";
const pay = (value: bigint) => ({ to: nobody, data: "0x", value, action: `pay ${value}` });
/** Never stuck: what is sent again here is sent again for another reason. */
const fees: FeePolicy = { ...defaultFeePolicy, stuckSeconds: 100_000 };

let anvil: Anvil;
let provider: RpcProvider;
let wallet: Wallet;
const opened: Outbox[] = [];
beforeEach(async () => {
  anvil = await startAnvil();
  provider = new RpcProvider(anvil.url, 31337n, limits);
  wallet = new Wallet(Wallet.createRandom().privateKey);
  await give("10");
  await anvil.provider.send("evm_setAutomine", [false]);
});
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close();
  provider.destroy();
  await anvil.close();
});

const give = async (ether: string) =>
  void (await anvil.provider.send("anvil_setBalance", [wallet.address, `0x${parseEther(ether).toString(16)}`]));
const mine = async () => void (await anvil.provider.send("evm_mine", []));
/** A reorganisation that replaces a block by an empty one, and the pool has nothing of it. */
const dropNewestBlock = async () => {
  await anvil.provider.send("anvil_reorg", [1, []]);
  await anvil.provider.send("anvil_dropAllTransactions", []);
};
const inPool = async () => Number((await anvil.provider.send("txpool_status", [])).pending);
const balance = async () => await anvil.provider.getBalance(nobody);
const mined = async () => await anvil.provider.getTransactionCount(wallet.address);

async function open(change: { journal?: Journal; fees?: FeePolicy; confirmedBlock?: () => number } = {}) {
  const events: SenderEvent[] = [];
  const policy = change.fees ?? fees;
  const lane = await Lane.open(provider, wallet, policy, change.journal ?? memoryJournal(), (e) => events.push(e));
  const { confirmedBlock = () => Number.POSITIVE_INFINITY } = change;
  const failures: string[] = [];
  const outbox = new Outbox(lane, {
    ...{ provider, abis: [], maxPending: policy.maxPending, confirmedBlock },
    onFailure: ({ code }) => failures.push(code),
  });
  opened.push(outbox);
  return {
    outbox,
    events,
    failures,
    sent: () => events.filter(({ kind }) => kind === "sent").map(({ action }) => action),
  };
}

describe("an outbox", () => {
  it("sends the earliest deadline first, and what has none last", async () => {
    const { outbox, sent } = await open();
    const all = [undefined, 30, 10, 20].map((deadline, i) =>
      outbox.submit({ key: `${i}`, call: pay(BigInt(i)), ...(deadline !== undefined && { deadline }) }),
    );
    await expect.poll(inPool, patient).toBe(4);
    await mine();
    await Promise.all(all);
    expect(sent()).toEqual(["pay 2", "pay 3", "pay 1", "pay 0"]);
  });

  it("has several unmined at once, within its limit: what comes later and is due earlier goes first", async () => {
    const { outbox, sent } = await open({ fees: { ...fees, maxPending: 2 } });
    for (const i of [0, 1, 2, 3]) void outbox.submit({ key: `${i}`, call: pay(BigInt(i)), deadline: 100 + i });
    await expect.poll(inPool, patient).toBe(2);
    void outbox.submit({ key: "urgent", call: pay(9n), deadline: 1 });
    expect(outbox.size).toBe(5);
    await mine();
    await expect.poll(inPool, patient).toBe(2);
    expect(sent()).toEqual(["pay 0", "pay 1", "pay 9", "pay 2"]);
  });

  it("takes nothing twice while it is under way, and takes it again afterwards", async () => {
    const { outbox } = await open();
    const first = outbox.submit({ key: "same", call: pay(1n) });
    expect(outbox.submit({ key: "same", call: pay(1n) })).toBeUndefined();
    await expect.poll(inPool, patient).toBe(1);
    expect(outbox.submit({ key: "same", call: pay(1n) })).toBeUndefined();
    await mine();
    expect(await first).toMatchObject({ kind: "mined" });
    expect(outbox.minedIn("same")).toBe(await anvil.provider.getBlockNumber());
    expect(outbox.submit({ key: "same", call: pay(1n) })).toBeDefined();
  });

  it("takes nothing twice while it is being sent: the first is told what became of it", async () => {
    const { outbox, sent } = await open();
    const estimate = provider.estimateGas.bind(provider);
    const second: unknown[] = [];
    vi.spyOn(provider, "estimateGas").mockImplementation(async (request) => {
      if (second.length === 0) second.push(outbox.submit({ key: "same", call: pay(1n) }), outbox.size);
      return await estimate(request);
    });
    const first = outbox.submit({ key: "same", call: pay(1n) });
    await vi.waitUntil(() => second.length > 0, patient);
    expect(second).toEqual([undefined, 1]);
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    expect(await first).toMatchObject({ kind: "mined" });
    expect(sent()).toEqual(["pay 1"]);
  });

  it("says that another process with its key took the nonce, and takes the submission again", async () => {
    const { outbox } = await open();
    const first = outbox.submit({ key: "mine", call: pay(1n) });
    await expect.poll(inPool, patient).toBe(1);
    const [{ hash }] = outbox.pending as [(typeof outbox.pending)[number]];
    const receipts = vi.spyOn(provider, "getTransactionReceipt");
    const other = await open({ fees: { ...fees, stuckSeconds: 0 } });
    const theirs = other.outbox.submit({ key: "theirs", call: pay(2n) });
    await expect.poll(other.sent, patient).toHaveLength(1);
    await mine();
    expect(await theirs).toMatchObject({ kind: "mined" });
    expect(await first).toMatchObject({ kind: "failed", error: { code: "chain/replaced" } });
    // A server that lags has been given time to tell the receipt.
    expect(receipts.mock.calls.filter(([asked]) => asked === hash)).toHaveLength(3);
    const again = outbox.submit({ key: "mine", call: pay(1n) });
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    expect(await again).toMatchObject({ kind: "mined" });
    expect(await balance()).toBe(3n);
  });

  it("watches what is mined until it is confirmed: a reorganisation that drops it drops nothing for good", async () => {
    const { outbox } = await open({ confirmedBlock: () => 0 });
    const first = outbox.submit({ key: "one", call: pay(1n) });
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    await first;
    await dropNewestBlock();
    expect(await mined()).toBe(0);
    await expect.poll(inPool, patient).toBe(1);
    expect(outbox.submit({ key: "one", call: pay(1n) })).toBeUndefined();
    await mine();
    expect([await mined(), await balance()]).toEqual([1, 1n]);
  });

  it("sends once what a reorganisation has dropped after it was confirmed, and is submitted again", async () => {
    const { outbox } = await open();
    const first = outbox.submit({ key: "one", call: pay(1n) });
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    await first;
    await dropNewestBlock();
    const again = outbox.submit({ key: "one", call: pay(1n) });
    void outbox.submit({ key: "ten", call: pay(10n) });
    await expect.poll(inPool, patient).toBeGreaterThan(1);
    await mine();
    expect(await again).toMatchObject({ kind: "mined" });
    expect([await mined(), await balance()]).toEqual([2, 11n]);
  });

  it("says that a transaction fails which a reorganisation has dropped, and which has been told to be mined before", async () => {
    const { outbox, failures } = await open({ confirmedBlock: () => 0 });
    const first = outbox.submit({ key: "one", call: pay(1n) });
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    expect(await first).toMatchObject({ kind: "mined" });
    await anvil.provider.send("anvil_reorg", [1, []]);
    const reverts = "0x60006000fd";
    await anvil.provider.send("anvil_setCode", [nobody, reverts]);
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    await expect.poll(() => failures, patient).toEqual(["chain/reverted"]);
    expect([await mined(), await balance()]).toEqual([1, 0n]);
  });

  it("does not take a transaction for replaced that reorganisations drop each time its receipt is asked for", async () => {
    const { outbox } = await open();
    const receiptOf = provider.getTransactionReceipt.bind(provider);
    let drops = 0;
    vi.spyOn(provider, "getTransactionReceipt").mockImplementation(async (hash) => {
      if (++drops <= 4) await dropNewestBlock();
      return await receiptOf(hash);
    });
    let settlement: unknown;
    void outbox.submit({ key: "one", call: pay(1n) })?.then((settled) => {
      settlement = settled;
    });
    for (let block = 1; settlement === undefined; block++) {
      await vi.waitUntil(async () => settlement !== undefined || (await inPool()) === 1, patient);
      await mine();
      await vi.waitUntil(() => settlement !== undefined || drops === block, patient);
    }
    expect(settlement).toMatchObject({ kind: "mined" });
    expect([await mined(), await balance()]).toEqual([1, 1n]);
  });

  it("sends what is due from the next second on, also where the server simulates it at the newest block's time", async () => {
    const newest = async () => (await anvil.provider.getBlock("latest"))!.timestamp;
    vi.spyOn(provider, "estimateGas").mockImplementation(async (request) => {
      const params = [provider.getRpcTransaction(request), "latest"];
      return BigInt(await provider.send("eth_estimateGas", params));
    });
    const [due, early] = ["0x00000000000000000000000000000000000000cc", "0x00000000000000000000000000000000000000cd"];
    // Revert before a second.
    const codeFor = (second: number) => `0x63${second.toString(16).padStart(8, "0")}4210600b57005b5f5ffd`;
    await anvil.provider.send("anvil_setCode", [due, codeFor((await newest()) + 1)]);
    await anvil.provider.send("anvil_setCode", [early, codeFor((await newest()) + 1000)]);
    const { outbox, sent } = await open();
    void outbox.submit({ key: "due", call: { to: due, data: "0x", action: "be in time" } });
    const refused = outbox.submit({ key: "early", call: { to: early, data: "0x", action: "be early" } });
    expect(await refused).toMatchObject({ kind: "failed", error: { code: "chain/reverted" } });
    await expect.poll(sent, patient).toEqual(["be in time"]);
  });

  it("refuses what the balance does not pay for, and sends it when it does", async () => {
    await give("0.5");
    const { outbox } = await open();
    const call = pay(parseEther("1"));
    const refused = await outbox.submit({ key: "bond", call, deadline: 1 });
    expect(refused).toMatchObject({ kind: "failed", error: { code: "chain/insufficient-funds" } });
    await give("2");
    const sent = outbox.submit({ key: "bond", call, deadline: 1 });
    await expect.poll(inPool, patient).toBe(1);
    await mine();
    expect(await sent).toMatchObject({ kind: "mined" });
  });

  it("replaces the lowest that is stuck, which moves all above it", async () => {
    const { outbox, events } = await open({ fees: { ...fees, stuckSeconds: 0.05 } });
    const all = [1n, 2n, 3n].map((value) => outbox.submit({ key: `${value}`, call: pay(value) }));
    await expect.poll(() => events.filter(({ kind }) => kind === "replaced").length, patient).toBeGreaterThan(2);
    const replaced = new Set(events.filter(({ kind }) => kind === "replaced").map(({ nonce }) => nonce));
    expect([...replaced]).toEqual([0]);
    await mine();
    await Promise.all(all);
    expect([await mined(), await balance()]).toEqual([3, 6n]);
  });

  it("replaces what is stuck also where servers do not tell of what is not mined, and says once that it was sent again", async () => {
    const { outbox, events } = await open({ fees: { ...fees, stuckSeconds: 0.3 } });
    vi.spyOn(provider, "getTransaction").mockResolvedValue(null);
    const settled = outbox.submit({ key: "one", call: pay(1n) });
    const kinds = () => events.map(({ kind }) => kind);
    await vi.waitUntil(() => kinds().includes("replaced"), patient);
    await mine();
    expect(await settled).toMatchObject({ kind: "mined" });
    expect(kinds().slice(0, 3)).toEqual(["sent", "refilled", "replaced"]);
  });
});

describe("a journal", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "assay-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const owner = () => ({ chainId: 31337n, genesis: "0x01", address: wallet.address });
  const openFile = () => openDatabase(join(folder, "transactions.sqlite"), () => {});

  it("lets a later process take up what the servers have forgotten: the same transaction, and only it", async () => {
    const before = openFile();
    const first = await open({ journal: sqliteJournal(before, owner()) });
    void first.outbox.submit({ key: "move", call: pay(1n) });
    void first.outbox.submit({ key: "other", call: pay(2n) });
    await expect.poll(inPool, patient).toBe(2);
    const hashes = first.outbox.pending.map(({ hash }) => hash);
    await first.outbox.close();
    before.close();
    await anvil.provider.send("anvil_dropAllTransactions", []);
    const after = openFile();
    const second = await open({ journal: sqliteJournal(after, owner()) });
    expect(second.outbox.pending.map(({ hash }) => hash)).toEqual(hashes);
    expect(second.outbox.submit({ key: "move", call: pay(1n) })).toBeUndefined();
    await expect
      .poll(async () => {
        await mine();
        return await mined();
      }, patient)
      .toBe(2);
    await expect.poll(() => second.outbox.size, patient).toBe(0);
    expect(second.events.map(({ kind }) => kind)).toContain("resumed");
    expect(await balance()).toBe(3n);
    await second.outbox.close();
    after.close();
  });

  it("keeps what other accounts and other chains have sent apart", () => {
    const database = openFile();
    const broadcasts = [{ hash: `0x${"11".repeat(32)}`, raw: "0x02", maxFeePerGas: 2n, maxPriorityFeePerGas: 1n }];
    const call = { to: nobody, data: "0x", value: 5n, action: "pay 5" };
    const entry = { nonce: 3, key: "move", call, gasLimit: 21_000n, broadcasts };
    sqliteJournal(database, owner()).put(entry);
    expect(sqliteJournal(database, owner()).load()).toEqual([entry]);
    for (const change of [{ chainId: 1n }, { genesis: "0x02" }, { address: nobody }]) {
      expect(sqliteJournal(database, { ...owner(), ...change }).load()).toEqual([]);
    }
    sqliteJournal(database, owner()).remove(3);
    expect(sqliteJournal(database, owner()).load()).toEqual([]);
    database.close();
  });
});
