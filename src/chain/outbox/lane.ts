import { type AbstractSigner, Transaction } from "ethers";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { RpcProvider } from "../rpcProvider.ts";
import type { Call, FeePolicy } from "./call.ts";
import { currentFees, type Fees, higher, raise } from "./fees.ts";
import { gasFor } from "./gasEstimate.ts";
import type { Broadcast, Journal, JournalEntry } from "./journal.ts";
import { isAlreadyKnown, isNonceUsed, isUnderpriced } from "./poolError.ts";

/** What happens to a transaction on its way; for logs. */
export interface SenderEvent {
  /**
   * `sent`: for the first time. `replaced`: with higher fees, since it was stuck. `capped`: stuck, and the cap allows no more.
   * `refilled`: a nonce below one that waits had become unused. `resumed`: taken up from the journal of an earlier process.
   */
  readonly kind: "sent" | "replaced" | "capped" | "refilled" | "resumed";
  readonly action: string;
  readonly hash: string;
  readonly nonce: number;
  readonly maxFeePerGas: bigint;
}

/** How many nonces below the mined ones are kept: a reorganisation can make them unused again. */
const kept = 256;

interface Slot {
  entry: JournalEntry;
  /** When it was broadcast last, in milliseconds; 0 if not by this process. */
  sentAt: number;
  /** The broadcast that has been sent again: once it has its time anew, more often would keep it from being replaced. */
  againAs?: string;
}

/** The nonces of one account: signs, journals and broadcasts what stands at each. */
export class Lane {
  private readonly slots = new Map<number, Slot>();

  private constructor(
    readonly address: string,
    private readonly provider: RpcProvider,
    private readonly signer: AbstractSigner,
    private readonly chainId: bigint,
    private readonly policy: FeePolicy,
    private readonly journal: Journal,
    private readonly say: (event: SenderEvent) => void,
  ) {
    for (const entry of journal.load()) this.slots.set(entry.nonce, { entry, sentAt: 0 });
  }

  /** @param signer holds the key; it is asked for nothing but signatures. */
  static async open(
    provider: RpcProvider,
    signer: AbstractSigner,
    policy: FeePolicy,
    journal: Journal,
    say: (event: SenderEvent) => void,
  ): Promise<Lane> {
    const { chainId } = await provider.getNetwork();
    return new Lane(await signer.getAddress(), provider, signer, chainId, policy, journal, say);
  }

  get entries(): JournalEntry[] {
    return [...this.slots.values()].map(({ entry }) => entry).sort((a, b) => a.nonce - b.nonce);
  }

  /** How many of the account's transactions are mined. */
  async mined(): Promise<number> {
    return await this.provider.getTransactionCount(this.address, "latest");
  }

  /**
   * Gives a call the next nonce, and sends it.
   * @throws what the server says of it; `chain/fee-cap`. Then nothing of it is kept.
   */
  async send(key: string, call: Call, mined: number): Promise<JournalEntry> {
    const request = { from: this.address, to: call.to, data: call.data, value: call.value ?? 0n };
    const estimate = await gasFor(this.provider, request);
    const gasLimit = estimate + estimate / 4n + 20_000n;
    let fees = await currentFees(this.provider, this.policy, call.action);
    let nonce = Math.max(mined, ...[...this.slots.keys()].map((used) => used + 1));
    for (let attempts = 0; ; attempts++) {
      const entry: JournalEntry = { nonce, key, call, gasLimit, broadcasts: [] };
      try {
        return await this.broadcast(entry, fees, "sent");
      } catch (error) {
        this.forget(nonce);
        if (attempts >= 20) throw error;
        if (isUnderpriced(error)) {
          // Another process left a transaction with this nonce: it gives way to a better paying one.
          const raised = raise(fees, this.policy);
          if (raised === undefined) throw error;
          fees = raised;
        } else if (isNonceUsed(error)) {
          nonce = Math.max(nonce + 1, await this.mined());
        } else {
          throw error;
        }
      }
    }
  }

  /**
   * Looks after the lowest transaction that is not mined: all above wait for it.
   * @param mined the nonce that is to be used next.
   */
  async keepMoving(mined: number): Promise<void> {
    const highest = Math.max(-1, ...this.slots.keys());
    if (highest < mined) return;
    const slot = this.slots.get(mined);
    if (slot === undefined) return await this.fill(mined);
    const isStuck = slot.sentAt > 0 && Date.now() - slot.sentAt > this.policy.stuckSeconds * 1000;
    if (isStuck) return await this.replace(slot);
    const { entry } = slot;
    const last = entry.broadcasts.at(-1)!;
    const isKnown = await this.isKnown(last.hash);
    const kind = slot.sentAt === 0 ? "resumed" : "refilled";
    if (isKnown && kind === "refilled") return;
    const isFirst = slot.againAs !== last.hash;
    if (isFirst) slot.sentAt = Date.now();
    slot.againAs = last.hash;
    try {
      if (!isKnown) await this.sendRaw(last);
      if (isFirst) this.sayOf(entry, last, kind);
    } catch (error) {
      if (isNonceUsed(error)) return;
      if (isUnderpriced(error)) return await this.replace(slot);
      // The servers do not have it and will not take it (the balance does not pay for it): another can have its nonce.
      this.forget(entry.nonce);
      throw error;
    }
  }

  /** Whether this process has sent what stands at a nonce, be it again. */
  hasSent(nonce: number): boolean {
    return (this.slots.get(nonce)?.sentAt ?? 0) > 0;
  }

  /** Keeps that a transaction is mined in a block, or, since a reorganisation, in none. */
  noteMined(nonce: number, block: number | undefined): void {
    const slot = this.slots.get(nonce);
    if (slot === undefined || slot.entry.minedIn === block) return;
    const { minedIn: _, ...entry } = slot.entry;
    this.keep(block === undefined ? entry : { ...entry, minedIn: block });
  }

  /** Forgets what no reorganisation will bring back. */
  prune(mined: number): void {
    for (const nonce of this.slots.keys()) if (nonce < mined - kept) this.forget(nonce);
  }

  /** Makes room for what another process has sent. */
  giveUp(nonce: number): void {
    this.forget(nonce);
  }

  /** Nobody knows what stood at a nonce below one that waits: an empty transaction takes the place. */
  private async fill(nonce: number): Promise<void> {
    const call: Call = { to: this.address, data: "0x", action: "fill a gap" };
    const fees = await currentFees(this.provider, this.policy, call.action);
    const entry: JournalEntry = { nonce, key: `gap ${nonce}`, call, gasLimit: 21_000n, broadcasts: [] };
    try {
      await this.broadcast(entry, fees, "refilled");
    } catch (error) {
      this.forget(nonce);
      // Something of another process is there after all: it will be mined, or give way next time.
      if (!isUnderpriced(error) && !isNonceUsed(error)) throw error;
    }
  }

  private async replace(slot: Slot): Promise<void> {
    const { entry } = slot;
    const last = entry.broadcasts.at(-1)!;
    slot.sentAt = Date.now();
    const raised = raise(last, this.policy);
    if (raised === undefined) return this.sayOf(entry, last, "capped");
    const fees = higher(raised, await this.wanted(entry, raised));
    try {
      await this.broadcast(entry, fees, "replaced");
    } catch (error) {
      // Mined in this very moment, or the pool wants still more: both are seen in the next pass.
      if (!isNonceUsed(error) && !isUnderpriced(error)) throw error;
    }
  }

  private async wanted({ call }: JournalEntry, otherwise: Fees): Promise<Fees> {
    try {
      return await currentFees(this.provider, this.policy, call.action);
    } catch (error) {
      if (isAssayError(error, "chain/fee-cap")) return otherwise;
      throw error;
    }
  }

  /** Signs, keeps, and only then sends. */
  private async broadcast(entry: JournalEntry, fees: Fees, kind: SenderEvent["kind"]): Promise<JournalEntry> {
    const { call, nonce, gasLimit } = entry;
    const raw = await this.signer.signTransaction({
      type: 2,
      chainId: this.chainId,
      to: call.to,
      data: call.data,
      value: call.value ?? 0n,
      nonce,
      gasLimit,
      ...fees,
    });
    const { hash, from } = Transaction.from(raw);
    if (from?.toLowerCase() !== this.address.toLowerCase()) {
      throw new AssayError(
        "chain/bad-key",
        `cannot ${call.action}: the signer signs for ${from}, not for ${this.address}`,
      );
    }
    const broadcast: Broadcast = { ...fees, raw, hash: hash! };
    const signed: JournalEntry = { ...entry, broadcasts: [...entry.broadcasts, broadcast] };
    this.journal.put(signed);
    this.slots.set(nonce, { entry: signed, sentAt: Date.now() });
    try {
      await this.sendRaw(broadcast);
    } catch (error) {
      if (entry.broadcasts.length > 0) this.keep(entry);
      throw error;
    }
    this.sayOf(signed, broadcast, kind);
    return signed;
  }

  /** @throws what a server says of it; no answer at all is none: the next pass looks whether it has arrived. */
  private async sendRaw({ raw, hash }: Broadcast): Promise<void> {
    try {
      await this.provider.send("eth_sendRawTransaction", [raw]);
    } catch (error) {
      if (isAlreadyKnown(error) || isFault(error)) return;
      // A server that mines at once and reports the revert has taken it all the same.
      const isKnown = await this.isKnown(hash).catch(() => true);
      if (!isKnown) throw error;
    }
  }

  private async isKnown(hash: string): Promise<boolean> {
    return (await this.provider.getTransaction(hash)) !== null;
  }

  private keep(entry: JournalEntry): void {
    this.journal.put(entry);
    const slot = this.slots.get(entry.nonce);
    if (slot !== undefined) slot.entry = entry;
  }

  private forget(nonce: number): void {
    this.slots.delete(nonce);
    this.journal.remove(nonce);
  }

  private sayOf({ call, nonce }: JournalEntry, { hash, maxFeePerGas }: Broadcast, kind: SenderEvent["kind"]): void {
    this.say({ kind, action: call.action, hash, nonce, maxFeePerGas });
  }
}

function isFault(error: unknown): boolean {
  return isAssayError(error) && error.code.endsWith("-fault");
}
