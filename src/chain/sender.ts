import { type AbstractSigner, type Interface, isError, Transaction, type TransactionReceipt } from "ethers";
import { AssayError, isAssayError } from "../core/errors.ts";
import { type ChainErrorCode, chainError } from "./errors.ts";
import type { RpcProvider } from "./rpcProvider.ts";
import { SentTransactions } from "./sentTransactions.ts";

/** What an operator is willing to pay, and when a transaction counts as stuck. Fees in wei per gas. */
export interface FeePolicy {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** After this time without being mined a transaction is replaced by the same one with higher fees. */
  readonly stuckSeconds: number;
  /** After this time nothing more is tried. */
  readonly giveUpSeconds: number;
}

export const defaultFeePolicy: FeePolicy = {
  maxFeePerGas: 200_000_000_000n,
  maxPriorityFeePerGas: 2_000_000_000n,
  stuckSeconds: 60,
  giveUpSeconds: 1800,
};

export interface Call {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  /** In words, for errors and logs: "post a row". */
  readonly action: string;
}

/** What happens to a transaction on its way; for logs. */
export type SenderEvent =
  | {
      readonly kind: "sent" | "replaced" | "refilled";
      readonly action: string;
      readonly hash: string;
      readonly maxFeePerGas: bigint;
    }
  | { readonly kind: "capped"; readonly action: string; readonly hash: string; readonly maxFeePerGas: bigint };

export interface SenderOptions {
  readonly fees: FeePolicy;
  /** Interfaces whose custom errors may come back. */
  readonly abis: readonly Interface[];
  readonly onEvent?: (event: SenderEvent) => void;
  /** When it fires, what is under way gets a last few seconds to be mined; the chain remembers it in any case. */
  readonly signal?: AbortSignal;
}

/** How long a sender that is stopped still waits for what it has sent. */
const lastSeconds = 5;

/** One account's way of sending transactions. */
export interface Sender {
  readonly address: string;
  /**
   * Simulates the call, sends it, and waits until it is mined; replaces it while it is stuck, up to the fee cap. Calls may
   * overlap: each has its own nonce. A call that is "already done by somebody" comes back as `chain/reverted` and is for
   * the caller to recognise.
   * @throws AssayError `chain/reverted`, `chain/insufficient-funds`, `chain/fee-cap`, `chain/replaced` (another transaction
   * of this account took its nonce: look at the chain again), `chain/stuck-fault`, `chain/...-fault`
   */
  send(call: Call): Promise<TransactionReceipt>;
}

interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

interface Prepared extends Fees {
  readonly call: Call;
  readonly nonce: number;
  readonly gasLimit: bigint;
}

/**
 * @param signer holds the key; it is connected to nothing and asked for nothing but signatures.
 */
export async function createSender(
  provider: RpcProvider,
  signer: AbstractSigner,
  options: SenderOptions,
): Promise<Sender> {
  const address = await signer.getAddress();
  const chainId = (await provider.getNetwork()).chainId;
  const { fees, abis } = options;
  const say = options.onEvent ?? (() => {});
  let queue: Promise<unknown> = Promise.resolve();
  /** Nonces of what has been sent and is not yet settled. Everything else is forgotten: a reorganisation can undo it. */
  const inFlight = new Set<number>();
  const sent = new SentTransactions();
  /** When the gap at a nonce was last filled, in milliseconds. */
  const refilledAt = new Map<number, number>();

  async function currentFees(action: string): Promise<Fees> {
    const block = await provider.getBlock("latest");
    const base = block?.baseFeePerGas ?? 0n;
    const priority = min(fees.maxPriorityFeePerGas, fees.maxFeePerGas);
    if (base + priority > fees.maxFeePerGas) {
      throw new AssayError<ChainErrorCode>(
        "chain/fee-cap",
        `cannot ${action}: a base fee of ${base} wei is above the cap of ${fees.maxFeePerGas}; raise the cap or wait`,
        { base, cap: fees.maxFeePerGas, action },
      );
    }
    return { maxFeePerGas: min(2n * base + priority, fees.maxFeePerGas), maxPriorityFeePerGas: priority };
  }

  async function nextNonce(): Promise<number> {
    const mined = await provider.getTransactionCount(address, "latest");
    return Math.max(mined, ...[...inFlight].map((nonce) => nonce + 1));
  }

  async function broadcast(prepared: Prepared): Promise<string> {
    const { call, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = prepared;
    const signed = await signer.signTransaction({
      type: 2,
      chainId,
      to: call.to,
      data: call.data,
      value: call.value ?? 0n,
      nonce,
      gasLimit,
      maxFeePerGas,
      maxPriorityFeePerGas,
    });
    const hash = Transaction.from(signed).hash!;
    sent.note({ nonce, raw: signed, action: call.action });
    try {
      await provider.send("eth_sendRawTransaction", [signed]);
    } catch (error) {
      // A repeated request, or a server that mines at once and reports the revert: the transaction may be there all the same.
      if (!(await isKnown(hash))) throw error;
    }
    return hash;
  }

  /**
   * Sends again what a reorganisation has dropped below a transaction that waits: until its nonce is used, nothing above it can be
   * mined. Where it is not known any more, or does not pay enough, an empty transaction takes its place.
   */
  async function refillGap(mined: number): Promise<void> {
    if (inFlight.has(mined) || Date.now() - (refilledAt.get(mined) ?? 0) < fees.stuckSeconds * 1000) return;
    refilledAt.set(mined, Date.now());
    const lost = sent.atGap(mined);
    const action = lost?.action ?? "fill a gap";
    if (lost !== undefined) {
      const hash = Transaction.from(lost.raw).hash!;
      try {
        await provider.send("eth_sendRawTransaction", [lost.raw]);
        return say({ kind: "refilled", action, hash, maxFeePerGas: Transaction.from(lost.raw).maxFeePerGas ?? 0n });
      } catch (error) {
        if (await isKnown(hash)) return;
        if (!isUnderpriced(error)) throw error;
      }
    }
    const empty: Call = { to: address, data: "0x", action: "fill a gap" };
    const current = await currentFees(empty.action);
    const hash = await broadcast({ call: empty, nonce: mined, gasLimit: 21_000n, ...current });
    say({ kind: "refilled", action, hash, maxFeePerGas: current.maxFeePerGas });
  }

  async function isKnown(hash: string): Promise<boolean> {
    return (await provider.getTransaction(hash)) !== null;
  }

  /** Chooses nonce and fees and sends; one call at a time, so that nonces have no gaps. */
  async function launch(call: Call): Promise<{ prepared: Prepared; hash: string }> {
    const request = { from: address, to: call.to, data: call.data, value: call.value ?? 0n };
    const estimate = await provider.estimateGas(request);
    const gasLimit = estimate + estimate / 4n + 20_000n;
    let current = await currentFees(call.action);
    let nonce = await nextNonce();
    for (let attempts = 0; ; attempts++) {
      const prepared: Prepared = { call, nonce, gasLimit, ...current };
      try {
        const hash = await broadcast(prepared);
        inFlight.add(nonce);
        say({ kind: "sent", action: call.action, hash, maxFeePerGas: prepared.maxFeePerGas });
        return { prepared, hash };
      } catch (error) {
        if (attempts >= 20) throw error;
        if (isUnderpriced(error)) {
          // An earlier process left a transaction with this nonce: it gives way to a better paying one.
          const raised = raise(current, fees);
          if (raised === undefined) throw error;
          current = raised;
        } else if (isNonceUsed(error)) {
          nonce = Math.max(nonce + 1, await nextNonce());
        } else {
          throw error;
        }
      }
    }
  }

  async function settle(first: { prepared: Prepared; hash: string }): Promise<TransactionReceipt> {
    let { prepared } = first;
    const { action } = prepared.call;
    const hashes = [first.hash];
    const started = Date.now();
    let sentAt = started;
    let stoppedAt: number | undefined;
    for (;;) {
      for (const hash of hashes) {
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt !== null) return await checked(receipt, prepared);
      }
      const mined = await provider.getTransactionCount(address, "latest");
      if (mined > prepared.nonce) {
        for (const hash of hashes) {
          const receipt = await provider.getTransactionReceipt(hash);
          if (receipt !== null) return await checked(receipt, prepared);
        }
        throw new AssayError<ChainErrorCode>(
          "chain/replaced",
          `cannot ${action}: another transaction of ${address} took nonce ${prepared.nonce}`,
          { nonce: prepared.nonce, action },
        );
      }
      if (mined < prepared.nonce) await refillGap(mined);
      if (options.signal?.aborted) stoppedAt ??= Date.now();
      const stopped = stoppedAt !== undefined && Date.now() - stoppedAt > lastSeconds * 1000;
      if (stopped || Date.now() - started > fees.giveUpSeconds * 1000) {
        throw new AssayError<ChainErrorCode>(
          "chain/stuck-fault",
          `cannot ${action}: not mined within ${Math.round((Date.now() - started) / 1000)} s at ${prepared.maxFeePerGas} wei per gas`,
          { hashes, action },
        );
      }
      if (Date.now() - sentAt > fees.stuckSeconds * 1000) {
        sentAt = Date.now();
        const raised = raise(prepared, fees);
        if (raised === undefined) {
          say({ kind: "capped", action, hash: hashes.at(-1)!, maxFeePerGas: prepared.maxFeePerGas });
        } else {
          prepared = { ...prepared, ...raised };
          try {
            const hash = await broadcast(prepared);
            hashes.push(hash);
            say({ kind: "replaced", action, hash, maxFeePerGas: prepared.maxFeePerGas });
          } catch (error) {
            // Mined in this very moment, or the pool wants still more: both are seen in the next round.
            if (!isNonceUsed(error) && !isUnderpriced(error)) throw error;
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, provider.limits.pollMilliseconds));
    }
  }

  async function checked(receipt: TransactionReceipt, prepared: Prepared): Promise<TransactionReceipt> {
    if (receipt.status === 1) return receipt;
    const { call } = prepared;
    const request = { from: address, to: call.to, data: call.data, value: call.value ?? 0n };
    try {
      await provider.call({ ...request, blockTag: receipt.blockNumber });
    } catch (error) {
      throw chainError(error, abis, call.action);
    }
    throw new AssayError<ChainErrorCode>(
      "chain/reverted",
      `cannot ${call.action}: transaction ${receipt.hash} was mined and failed`,
      { name: "", args: [], data: "0x", action: call.action },
    );
  }

  return {
    address,
    async send(call) {
      const launched = queue.then(async () => await launch(call));
      queue = launched.catch(() => {});
      try {
        const first = await launched;
        try {
          return await settle(first);
        } finally {
          inFlight.delete(first.prepared.nonce);
        }
      } catch (error) {
        throw chainError(error, abis, call.action);
      }
    },
  };
}

/** Fees that replace a transaction (at least an eighth more in both), or undefined when the cap forbids it. */
function raise(current: Fees, policy: FeePolicy): Fees | undefined {
  const more = (value: bigint) => value + value / 8n + 1n;
  const maxFeePerGas = more(current.maxFeePerGas);
  const maxPriorityFeePerGas = more(current.maxPriorityFeePerGas);
  if (maxFeePerGas > policy.maxFeePerGas) return undefined;
  return { maxFeePerGas, maxPriorityFeePerGas };
}

function isUnderpriced(error: unknown): boolean {
  return isError(error, "REPLACEMENT_UNDERPRICED") || /underpriced/i.test(messageOf(error));
}

function isNonceUsed(error: unknown): boolean {
  return isError(error, "NONCE_EXPIRED") || /nonce too low|nonce .*already/i.test(messageOf(error));
}

function messageOf(error: unknown): string {
  if (isAssayError(error)) return "";
  const { message, error: inner } = error as { message?: string; error?: { message?: string } };
  return `${message ?? ""} ${inner?.message ?? ""}`;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
