import type { AbstractSigner, Interface, TransactionReceipt } from "ethers";
import { AssayError, isAssayError } from "../core/errors.ts";
import { chainError } from "./errors.ts";
import type { Call, FeePolicy } from "./outbox/call.ts";
import { memoryJournal } from "./outbox/journal.ts";
import { Lane, type SenderEvent } from "./outbox/lane.ts";
import { Outbox } from "./outbox/outbox.ts";
import type { RpcProvider } from "./rpcProvider.ts";

/** What may be paid for transactions, and what is told of them. */
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

/** One account's way of sending transactions, for those who wait for each: commands, not daemons. */
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

/** @param signer holds the key; it is connected to nothing and asked for nothing but signatures. */
export async function createSender(
  provider: RpcProvider,
  signer: AbstractSigner,
  options: SenderOptions,
): Promise<Sender> {
  const { fees, abis, signal } = options;
  const lane = await Lane.open(provider, signer, fees, memoryJournal(), options.onEvent ?? (() => {}));
  const failures = new Set<(error: AssayError) => void>();
  const outbox = new Outbox(lane, {
    provider,
    abis,
    maxPending: fees.maxPending,
    confirmedBlock: () => Number.POSITIVE_INFINITY,
    onDelay: (error) => {
      // Fees above the cap may come down again; a server that does not answer is for the caller to know.
      if (isAssayError(error, "chain/fee-cap")) return;
      for (const fail of failures) fail(error);
    },
  });
  let calls = 0;
  return {
    address: lane.address,
    async send(call) {
      let fail: (error: AssayError) => void = () => {};
      const failed = new Promise<never>((_, reject) => {
        fail = reject;
      });
      failures.add(fail);
      const patience = patienceFor(call, fees.giveUpSeconds, signal);
      try {
        const settlement = await Promise.race([outbox.submit({ key: `${calls++}`, call })!, failed, patience.ended]);
        if (settlement.kind === "failed") throw settlement.error;
        return settlement.receipt;
      } catch (error) {
        throw chainError(error, abis, call.action);
      } finally {
        failures.delete(fail);
        patience.end();
      }
    },
  };
}

/** Rejects when a caller has waited long enough. */
function patienceFor(call: Call, seconds: number, signal: AbortSignal | undefined) {
  const started = Date.now();
  let end = () => {};
  const ended = new Promise<never>((_, reject) => {
    const giveUp = () => {
      const waited = Math.round((Date.now() - started) / 1000);
      reject(
        new AssayError("chain/stuck-fault", `cannot ${call.action}: not mined within ${waited} s`, {
          action: call.action,
        }),
      );
    };
    const timers = [setTimeout(giveUp, Math.min(2 ** 31 - 1, seconds * 1000))];
    const stop = () => void timers.push(setTimeout(giveUp, lastSeconds * 1000));
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    end = () => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
  });
  ended.catch(() => {});
  return { ended, end };
}
