import type { ConfirmedBlock, DatedLog } from "./blocks.ts";
import type { Change } from "./follower.ts";

/** What a ledger's records are of. Anything else gives another ledger. */
export interface LedgerSource {
  readonly chainId: bigint;
  /** Of the block from which the ledger is read: tells chains of one id apart. */
  readonly deploymentHash: string;
  readonly address: string;
}

/** Keeps the confirmed blocks and logs of one contract. */
export interface LedgerStore {
  /** Blocks that are kept of a source, ascending; none of a source that is new. */
  open(source: LedgerSource): Promise<readonly ConfirmedBlock[]>;
  /** Keeps a change, all of it or nothing. */
  save(change: Change): Promise<void>;
  /** Logs of the source from one block to another, both included, in order. */
  logs(from: number, to: number): Promise<readonly DatedLog[]>;
  close(): void;
}

/** Keeps logs in memory as long as a ledger lives: for browsers and for what runs once. */
export class MemoryLedgerStore implements LedgerStore {
  private readonly kept: DatedLog[];

  /** @param logs what it begins with, in order. */
  constructor(logs: readonly DatedLog[] = []) {
    this.kept = [...logs];
  }

  async open(): Promise<readonly ConfirmedBlock[]> {
    return [];
  }

  async save({ droppedFrom, logs }: Change): Promise<void> {
    if (droppedFrom !== undefined) this.kept.length = this.firstFrom(droppedFrom);
    for (const log of logs) this.kept.push(log);
  }

  async logs(from: number, to: number): Promise<readonly DatedLog[]> {
    return this.kept.slice(this.firstFrom(from), this.firstFrom(to + 1));
  }

  close(): void {}

  /** Index of the first log of a block or of a later one. */
  private firstFrom(number: number): number {
    let low = 0;
    let high = this.kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.kept[middle]!.blockNumber < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
