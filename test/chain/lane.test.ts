import { Transaction, Wallet } from "ethers";
import { describe, expect, it, vi } from "vitest";
import { defaultFeePolicy, type FeePolicy } from "../../src/chain/outbox/call.ts";
import { type Journal, memoryJournal } from "../../src/chain/outbox/journal.ts";
import { Lane, type SenderEvent } from "../../src/chain/outbox/lane.ts";
import type { RpcProvider } from "../../src/chain/rpcProvider.ts";
import { AssayError } from "../../src/core/errors.ts";

const wallet = new Wallet(`0x${"17".repeat(32)}`);
const fees: FeePolicy = {
  ...defaultFeePolicy,
  maxFeePerGas: 1000n,
  maxPriorityFeePerGas: 10n,
  stuckSeconds: 60,
};
const call = { to: `0x${"aa".repeat(20)}`, data: "0x", value: 1n, action: "pay" };
const raw = "eth_sendRawTransaction";

/** A fake server of an account whose pool takes everything, unless a test has it refuse. */
class FakePool {
  mined = 5;
  baseFee = 100n;
  /** Hashes that the server tells of. */
  readonly known = new Set<string>();
  /** What it was sent, oldest first. */
  readonly sent: Transaction[] = [];
  /** What the next ones are refused with; undefined: taken. */
  readonly refusals: (Error | undefined)[] = [];

  /** Instead of answers to whether it knows a transaction. */
  readonly faults: Error[] = [];

  get provider(): RpcProvider {
    return {
      getNetwork: async () => ({ chainId: 31337n }),
      getTransactionCount: async () => this.mined,
      estimateGas: async () => 100_000n,
      getBlock: async () => ({ baseFeePerGas: this.baseFee }),
      getTransaction: async (hash: string) => {
        const fault = this.faults.shift();
        if (fault !== undefined) throw fault;
        return this.known.has(hash) ? {} : null;
      },
      send: async (method: string, [given]: [string]) => this.take(method, Transaction.from(given)),
    } as unknown as RpcProvider;
  }

  private take(method: string, transaction: Transaction): void {
    expect(method).toBe(raw);
    this.sent.push(transaction);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    this.known.add(transaction.hash!);
  }
}

async function scene(policy: Partial<FeePolicy> = {}, journal: Journal = memoryJournal()) {
  const pool = new FakePool();
  const events: SenderEvent[] = [];
  const open = async () =>
    await Lane.open(pool.provider, wallet, { ...fees, ...policy }, journal, (event) => events.push(event));
  const lane = await open();
  const kinds = () => events.map(({ kind, nonce }) => [kind, nonce]);
  const send = async (key = "one") => await lane.send(key, call, pool.mined);
  return { pool, lane, events, kinds, send, journal, open };
}

const nonces = ({ sent }: FakePool) => sent.map(({ nonce }) => nonce);
const caps = ({ sent }: FakePool) => sent.map(({ maxFeePerGas }) => maxFeePerGas);
const used = new Error("nonce too low");
const cheap = new Error("replacement transaction underpriced");
const poor = new Error("insufficient funds");

describe("a transaction of a lane", () => {
  it("has the nonce after the mined ones and those under way, more gas than it should take, and fees with room", async () => {
    const { pool, lane, send, kinds } = await scene();
    await send();
    await send("two");
    expect(pool.sent[0]).toMatchObject({ chainId: 31337n, gasLimit: 145_000n, maxFeePerGas: 210n });
    expect(kinds()).toEqual([
      ["sent", 5],
      ["sent", 6],
    ]);
    expect(lane.entries.map(({ key, nonce }) => [key, nonce])).toEqual([
      ["one", 5],
      ["two", 6],
    ]);
    expect([5, 7].map((nonce) => lane.hasSent(nonce))).toEqual([true, false]);
  });

  it("takes the next nonce where another process has used its own, also if the count of the mined lags", async () => {
    const { pool, lane, send, kinds } = await scene();
    pool.refusals.push(used, used);
    await send();
    expect(nonces(pool)).toEqual([5, 6, 7]);
    expect(kinds()).toEqual([["sent", 7]]);
    expect(lane.entries.map(({ nonce }) => nonce)).toEqual([7]);
  });

  it("takes the nonce after the mined ones where another process has used many", async () => {
    const { pool, send } = await scene();
    pool.refusals.push(used);
    const sending = send();
    pool.mined = 9;
    await sending;
    expect(nonces(pool)).toEqual([5, 9]);
  });

  it("pays an eighth more each time while something of another process is in its place, up to the cap", async () => {
    const { pool, lane, send } = await scene({ maxFeePerGas: 270n });
    pool.refusals.push(cheap, cheap, cheap);
    await expect(send()).rejects.toBe(cheap);
    expect([nonces(pool), caps(pool)]).toEqual([
      [5, 5, 5],
      [210n, 237n, 267n],
    ]);
    expect(lane.entries).toEqual([]);
  });

  it("is tried 21 times in all", async () => {
    const { pool, send } = await scene();
    pool.refusals.push(...Array.from({ length: 100 }, () => used));
    await expect(send()).rejects.toBe(used);
    expect(pool.sent).toHaveLength(21);
  });

  it("is forgotten where the server refuses it for good", async () => {
    const { pool, lane, send, journal } = await scene();
    pool.refusals.push(poor);
    await expect(send()).rejects.toBe(poor);
    expect([lane.entries, journal.load(), pool.sent.length]).toEqual([[], [], 1]);
  });

  it.each([
    ["the server has it already", new Error("already known")],
    [
      "no answer has come",
      new AssayError("chain/unreachable-fault", "no answer", { host: "fake", method: "eth_call" }),
    ],
  ])("is under way where %s", async (_, answer) => {
    const { pool, lane, send } = await scene();
    pool.refusals.push(answer);
    await send();
    expect(lane.hasSent(5)).toBe(true);
  });

  it("is under way where the server refuses it and does not say whether it has it", async () => {
    const { pool, lane, send } = await scene();
    pool.refusals.push(poor);
    pool.faults.push(new AssayError("chain/unreachable-fault", "no answer", { host: "fake", method: "eth_call" }));
    await send();
    expect(lane.hasSent(5)).toBe(true);
  });

  it("is not sent with the signature of another account", async () => {
    const pool = new FakePool();
    const other = Wallet.createRandom();
    const signer = { getAddress: async () => wallet.address, signTransaction: other.signTransaction.bind(other) };
    const lane = await Lane.open(pool.provider, signer as never, fees, memoryJournal(), () => {});
    await expect(lane.send("one", call, 5)).rejects.toMatchObject({ code: "chain/bad-key" });
    expect([pool.sent, lane.entries]).toEqual([[], []]);
  });
});

describe("the lowest transaction of a lane", () => {
  it("is left alone while the server knows it and its time is not over, and replaced after that", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { pool, lane, send, kinds } = await scene();
      await send();
      vi.setSystemTime(Date.now() + 60_000);
      await lane.keepMoving(5);
      expect(pool.sent).toHaveLength(1);
      vi.setSystemTime(Date.now() + 1);
      await lane.keepMoving(5);
      // The time begins anew.
      await lane.keepMoving(5);
      expect(caps(pool)).toEqual([210n, 237n]);
      expect(kinds()).toEqual([
        ["sent", 5],
        ["replaced", 5],
      ]);
      expect(lane.entries[0]!.broadcasts).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is replaced with what the base fee wants by then, and not at all above the cap", async () => {
    const { pool, lane, send, kinds } = await scene({ stuckSeconds: -1 });
    await send();
    pool.baseFee = 300n;
    await lane.keepMoving(5);
    pool.baseFee = 2000n;
    for (let i = 0; i < 5; i++) await lane.keepMoving(5);
    expect(caps(pool)).toEqual([210n, 610n, 687n, 773n, 870n, 979n]);
    expect(kinds().at(-1)).toEqual(["capped", 5]);
  });

  it.each([used, cheap])("keeps what it was where a replacement is refused: %s", async (refusal) => {
    const { pool, lane, send } = await scene({ stuckSeconds: -1 });
    await send();
    pool.refusals.push(refusal);
    await lane.keepMoving(5);
    expect(lane.entries[0]!.broadcasts).toHaveLength(1);
    pool.refusals.push(poor);
    await expect(lane.keepMoving(5)).rejects.toBe(poor);
  });

  it("is sent again, once aloud, where no server knows it any more", async () => {
    const { pool, lane, send, kinds } = await scene();
    await send();
    pool.known.clear();
    await lane.keepMoving(5);
    pool.known.clear();
    await lane.keepMoving(5);
    expect(new Set(pool.sent.map(({ hash }) => hash)).size).toBe(1);
    expect(pool.sent).toHaveLength(3);
    expect(kinds()).toEqual([
      ["sent", 5],
      ["refilled", 5],
    ]);
  });

  it("is taken up from the journal of an earlier process, and sent only where no server knows it", async () => {
    const first = await scene();
    await first.send();
    for (const sent of [1, 2]) {
      const lane = await first.open();
      expect(lane.hasSent(5)).toBe(false);
      await lane.keepMoving(5);
      expect(lane.hasSent(5)).toBe(true);
      expect(first.kinds().at(-1)).toEqual(["resumed", 5]);
      expect(first.pool.sent).toHaveLength(sent);
      first.pool.known.clear();
    }
  });

  it("stays where its nonce has been used when it is sent again, and goes where the server refuses it for good", async () => {
    const { pool, lane, send, kinds } = await scene();
    await send();
    pool.known.clear();
    pool.refusals.push(used, poor);
    await lane.keepMoving(5);
    expect(lane.entries).toHaveLength(1);
    await expect(lane.keepMoving(5)).rejects.toBe(poor);
    expect(lane.entries).toEqual([]);
    expect(kinds()).toEqual([["sent", 5]]);
  });

  it("is replaced where something else is in its place when it is sent again", async () => {
    const { pool, lane, send } = await scene();
    await send();
    pool.known.clear();
    pool.refusals.push(cheap);
    await lane.keepMoving(5);
    expect(caps(pool)).toEqual([210n, 210n, 237n]);
  });

  it("is an empty one where nobody knows what stood there, and nothing where nothing waits above", async () => {
    const { pool, lane, send, kinds } = await scene();
    await lane.keepMoving(5);
    await send();
    await lane.keepMoving(6);
    expect(pool.sent).toHaveLength(1);
    await lane.keepMoving(4);
    expect(pool.sent[1]).toMatchObject({ nonce: 4, to: wallet.address, value: 0n, gasLimit: 21_000n });
    expect(kinds().at(-1)).toEqual(["refilled", 4]);
    expect(lane.entries[0]).toMatchObject({ nonce: 4, key: "gap 4" });
  });

  it.each([used, cheap])("is no empty one where something is there after all: %s", async (refusal) => {
    const { pool, lane, send } = await scene();
    await send();
    pool.refusals.push(refusal, poor);
    await lane.keepMoving(4);
    expect(lane.entries.map(({ nonce }) => nonce)).toEqual([5]);
    await expect(lane.keepMoving(4)).rejects.toBe(poor);
  });
});

describe("what a lane keeps", () => {
  it("says in which block a transaction is mined, and none any more after a reorganisation", async () => {
    const { lane, send, journal } = await scene();
    await send();
    const put = vi.spyOn(journal, "put");
    for (let i = 0; i < 2; i++) lane.noteMined(5, 77);
    expect(lane.entries[0]).toMatchObject({ minedIn: 77 });
    expect(put).toHaveBeenCalledTimes(1);
    lane.noteMined(5, undefined);
    expect(journal.load()[0]).not.toHaveProperty("minedIn");
    lane.noteMined(6, 78);
    expect(lane.entries).toHaveLength(1);
  });

  it("is forgotten 256 nonces below the mined ones, or when it is given up", async () => {
    const { lane, send, journal } = await scene();
    await send();
    await send("two");
    lane.prune(5 + 256);
    expect(lane.entries).toHaveLength(2);
    lane.prune(5 + 257);
    expect(lane.entries.map(({ nonce }) => nonce)).toEqual([6]);
    lane.giveUp(6);
    expect(journal.load()).toEqual([]);
  });
});
