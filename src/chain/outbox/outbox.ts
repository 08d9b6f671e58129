import type { Interface, TransactionReceipt } from "ethers";
import { AssayError } from "../../core/errors.ts";
import { chainError } from "../errors.ts";
import type { RpcProvider } from "../rpcProvider.ts";
import type { Call } from "./call.ts";
import type { JournalEntry } from "./journal.ts";
import type { Lane } from "./lane.ts";

/** Something to be done on the chain. */
export interface Submission {
  /** Names what it does, also to later processes: while one is under way a second of the same name is not taken. */
  readonly key: string;
  readonly call: Call;
  /** Second of the chain by which it has to be mined: what is due first is sent first. */
  readonly deadline?: number;
}

/** What became of a submission. */
export type Settlement =
  | { readonly kind: "mined"; readonly receipt: TransactionReceipt }
  /** Refused before it was sent, reverted, or replaced by another process with the same key. */
  | { readonly kind: "failed"; readonly error: AssayError };

export interface OutboxOptions {
  readonly provider: RpcProvider;
  /** Interfaces whose custom errors may come back. */
  readonly abis: readonly Interface[];
  /** Transactions that are sent and not mined, at most. */
  readonly maxPending: number;
  /** The newest block that counts as confirmed; what is mined up to there is not watched any more. */
  readonly confirmedBlock: () => number;
  /** Each time that a pass could not be ended, since no server answered or the fees are above the cap; the next one goes on. */
  readonly onDelay?: (error: AssayError) => void;
  /** What this process has sent again, for a process before it or after a reorganisation, has failed: nobody waits for it any more. */
  readonly onFailure?: (error: AssayError) => void;
}

/** Another server than the one that counted the transactions may answer, and lag: so often it is asked for a receipt. */
const attemptsForReceipt = 3;

/** Receipts that are asked for at once. */
const receiptsAtOnce = 8;

interface Waiting extends Submission {
  readonly settle: (settlement: Settlement) => void;
  readonly arrived: number;
}

/** What is under way, for people. */
export interface PendingTransaction {
  readonly nonce: number;
  readonly action: string;
  readonly hash: string;
  readonly maxFeePerGas: bigint;
}

/**
 * Sends what is submitted, several at once, the earliest deadline first, and follows each until it is confirmed. Not `p-queue`: how
 * many may be under way is counted in transactions that are not mined, those of an earlier process among them.
 */
export class Outbox {
  private readonly queue: Waiting[] = [];
  /** Of those that this process has sent. */
  private readonly settle = new Map<string, (settlement: Settlement) => void>();
  /** Nonces that are used, though no server has told a receipt of ours so far; and how often they were asked. */
  private readonly without = new Map<number, number>();
  /** Neither waiting any more nor sent yet: the servers are asked for its gas and its fees. */
  private sending: Waiting | undefined;
  private arrivals = 0;
  private pass: Promise<void> | undefined;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly lane: Lane,
    private readonly options: OutboxOptions,
  ) {
    if (lane.entries.length > 0) this.wake();
  }

  get address(): string {
    return this.lane.address;
  }

  /** @returns what becomes of it; undefined when it is under way already. */
  submit(submission: Submission): Promise<Settlement> | undefined {
    if (this.isUnderWay(submission.key)) return undefined;
    const settled = new Promise<Settlement>((settle) => {
      this.queue.push({ ...submission, settle, arrived: this.arrivals++ });
    });
    this.wake();
    return settled;
  }

  /** Whether it waits, is being sent, or is sent and not mined. */
  isUnderWay(key: string): boolean {
    return [...this.unsent, ...this.unmined].some((one) => one.key === key);
  }

  /** The block in which the latest of that name is mined; undefined when it is not, or long ago. */
  minedIn(key: string): number | undefined {
    return this.lane.entries.findLast((one) => one.key === key && one.minedIn !== undefined)?.minedIn;
  }

  /** What is sent and not mined. */
  get pending(): readonly PendingTransaction[] {
    return this.unmined.map(({ nonce, call, broadcasts }) => {
      const { hash, maxFeePerGas } = broadcasts.at(-1)!;
      return { nonce, action: call.action, hash, maxFeePerGas };
    });
  }

  /** How many are under way. */
  get size(): number {
    return this.unsent.length + this.unmined.length;
  }

  /** Ends the passes; what is under way stays in the journal. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.pass;
  }

  private get unsent(): Waiting[] {
    return this.sending === undefined ? this.queue : [...this.queue, this.sending];
  }

  private get unmined(): JournalEntry[] {
    return this.lane.entries.filter(({ minedIn }) => minedIn === undefined);
  }

  private wake(): void {
    if (this.closed) return;
    this.again = true;
    this.pass ??= this.passes().finally(() => {
      this.pass = undefined;
    });
  }

  private async passes(): Promise<void> {
    // Those that come in the same turn of the event loop are ordered together.
    await Promise.resolve();
    while (this.again && !this.closed) {
      this.again = false;
      clearTimeout(this.timer);
      try {
        await this.onePass();
      } catch (error) {
        this.options.onDelay?.(chainError(error, this.options.abis, "send transactions"));
      }
    }
    if (this.closed || !this.isWatching()) return;
    this.timer = setTimeout(() => this.wake(), this.options.provider.limits.pollMilliseconds);
    // In Node it is for those who wait to keep the process alive.
    (this.timer as { unref?: () => void }).unref?.();
  }

  /** Whether anything is not mined and confirmed. */
  private isWatching(): boolean {
    const confirmed = this.options.confirmedBlock();
    return this.size > 0 || this.lane.entries.some(({ minedIn = 0 }) => minedIn > confirmed);
  }

  private async onePass(): Promise<void> {
    const { lane } = this;
    const mined = await lane.mined();
    for (const nonce of this.without.keys()) if (nonce >= mined) this.without.delete(nonce);
    for (const { nonce } of lane.entries) if (nonce >= mined) lane.noteMined(nonce, undefined);
    // What waits is sent before anybody looks what has become of the rest.
    await this.keepMoving(mined);
    await this.sendWaiting(mined);
    await this.settleUpTo(mined);
    lane.prune(mined);
  }

  /** Asks what has become of the transactions at nonces that are used: only of those that nobody has told yet. */
  private async settleUpTo(mined: number): Promise<void> {
    const open = this.unmined.filter(({ nonce }) => nonce < mined);
    for (let i = 0; i < open.length; i += receiptsAtOnce) {
      const some = open.slice(i, i + receiptsAtOnce);
      const results = await Promise.allSettled(some.map(async (entry) => await this.settleMined(entry)));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    }
  }

  /** One of the transactions at this nonce is mined, or one of somebody else's. */
  private async settleMined(entry: JournalEntry): Promise<void> {
    const { nonce, key, call, broadcasts } = entry;
    const { provider } = this.options;
    for (const { hash } of broadcasts.toReversed()) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt === null) continue;
      this.lane.noteMined(nonce, receipt.blockNumber);
      this.without.delete(nonce);
      const settlement = await this.outcomeOf(receipt, call);
      const isUnheard = !this.settle.has(key) && this.lane.hasSent(nonce);
      if (settlement.kind === "failed" && isUnheard) this.options.onFailure?.(settlement.error);
      this.finish(key, settlement);
      return;
    }
    const times = (this.without.get(nonce) ?? 0) + 1;
    this.without.set(nonce, times);
    if (times < attemptsForReceipt) return;
    this.without.delete(nonce);
    this.lane.giveUp(nonce);
    const error = new AssayError(
      "chain/replaced",
      `cannot ${call.action}: another transaction of ${this.address} took nonce ${nonce}`,
      { nonce, action: call.action },
    );
    this.finish(key, { kind: "failed", error });
  }

  private async outcomeOf(receipt: TransactionReceipt, call: Call): Promise<Settlement> {
    if (receipt.status === 1) return { kind: "mined", receipt };
    const { provider, abis } = this.options;
    const request = { from: this.address, to: call.to, data: call.data, value: call.value ?? 0n };
    try {
      await provider.call({ ...request, blockTag: receipt.blockNumber });
    } catch (error) {
      return { kind: "failed", error: chainError(error, abis, call.action) };
    }
    const error = new AssayError(
      "chain/reverted",
      `cannot ${call.action}: transaction ${receipt.hash} was mined and failed`,
      { name: "", args: [], data: "0x", action: call.action },
    );
    return { kind: "failed", error };
  }

  private async keepMoving(mined: number): Promise<void> {
    try {
      await this.lane.keepMoving(mined);
    } catch (error) {
      this.options.onDelay?.(chainError(error, this.options.abis, "send transactions again"));
    }
    // What the servers refuse for good is not under way any more.
    const kept = new Set(this.lane.entries.map(({ key }) => key));
    for (const key of this.settle.keys()) {
      if (kept.has(key)) continue;
      const error = new AssayError("chain/replaced", `${key}: the servers have dropped its transaction`);
      this.finish(key, { kind: "failed", error });
    }
  }

  private async sendWaiting(mined: number): Promise<void> {
    const { maxPending } = this.options;
    const isFull = () => this.unmined.filter(({ nonce }) => nonce >= mined).length >= maxPending;
    while (this.queue.length > 0 && !isFull() && !this.closed) {
      this.queue.sort((a, b) => (a.deadline ?? Infinity) - (b.deadline ?? Infinity) || a.arrived - b.arrived);
      const waiting = this.queue.shift()!;
      this.settle.set(waiting.key, waiting.settle);
      // Confirmed and not watched when it was submitted, dropped by a reorganisation since, and sent again in this very pass.
      if (this.unmined.some(({ key }) => key === waiting.key)) continue;
      this.sending = waiting;
      try {
        await this.lane.send(waiting.key, waiting.call, mined);
        this.again = true;
      } catch (error) {
        this.finish(waiting.key, {
          kind: "failed",
          error: chainError(error, this.options.abis, waiting.call.action),
        });
      } finally {
        this.sending = undefined;
      }
    }
  }

  private finish(key: string, settlement: Settlement): void {
    this.settle.get(key)?.(settlement);
    this.settle.delete(key);
  }
}
