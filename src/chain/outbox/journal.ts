import type { Call } from "./call.ts";
import type { Fees } from "./fees.ts";

/** A transaction as it has been broadcast. */
export interface Broadcast extends Fees {
  readonly hash: string;
  /** Signed. */
  readonly raw: string;
}

/** What stands, or stood, at one nonce of an account. */
export interface JournalEntry {
  readonly nonce: number;
  /** The name under which it was submitted. */
  readonly key: string;
  readonly call: Call;
  readonly gasLimit: bigint;
  /** All that were broadcast at this nonce, oldest first; at most one of them is mined. */
  readonly broadcasts: readonly Broadcast[];
  /** The block that one of them is mined in, once a server has told its receipt. */
  readonly minedIn?: number;
}

/** What an account has sent on one chain, by nonce. */
export interface Journal {
  /** Everything that is kept, by nonce. */
  load(): readonly JournalEntry[];
  /** Keeps an entry in place of what is there at its nonce; when it returns, a process that is killed finds it again. */
  put(entry: JournalEntry): void;
  remove(nonce: number): void;
}

/** A journal that ends with the process: for commands that send one transaction, and for browsers. */
export function memoryJournal(): Journal {
  const entries = new Map<number, JournalEntry>();
  return {
    load: () => [...entries.values()].sort((a, b) => a.nonce - b.nonce),
    put: (entry) => void entries.set(entry.nonce, entry),
    remove: (nonce) => void entries.delete(nonce),
  };
}

/**
 * A journal that never stands in the way of a transaction: what cannot be written (a full disk) is kept for this process alone.
 * @param onFailure called the first time, and again after it has worked in between.
 */
export function forgivingJournal(journal: Journal, onFailure: (why: string) => void): Journal {
  let fails = false;
  const attempt = (write: () => void) => {
    try {
      write();
      fails = false;
    } catch (error) {
      if (!fails) onFailure(error instanceof Error ? error.message : String(error));
      fails = true;
    }
  };
  return {
    load: () => journal.load(),
    put: (entry) => attempt(() => journal.put(entry)),
    remove: (nonce) => attempt(() => journal.remove(nonce)),
  };
}
