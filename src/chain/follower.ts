import type { Agreement } from "./agreement.ts";
import type { BlockLogs } from "./blockLogs.ts";
import type { BlockReader } from "./blockReader.ts";
import {
  type ChainLog,
  type ConfirmedBlock,
  type DatedLog,
  dated,
  type Header,
  inOrder,
  type KnownBlock,
  reorganised,
} from "./blocks.ts";
import { HeaderChain, isChildOf } from "./headerChain.ts";
import type { Repair } from "./recheck.ts";
import { readLogs } from "./scan.ts";

/** What becomes of the confirmed history in one go. */
export interface Change {
  /** Everything from this block on is void. */
  readonly droppedFrom?: number;
  /** Blocks that are confirmed now, in order: all that have logs, and the last. */
  readonly blocks: readonly ConfirmedBlock[];
  /** Their logs, in order. */
  readonly logs: readonly DatedLog[];
}

export interface FollowOptions {
  readonly address: string;
  /** Block of the deployment: nothing before it is read. */
  readonly firstBlock: number;
  /** Blocks on top of a block before it is believed; 0: the head counts. */
  readonly depth: number;
  readonly maxRange: number;
}

/** The most blocks that are followed one by one, by hash; what is further away is read in ranges. */
const nearBlocks = 64;
/** Confirmed blocks that are kept linked: where a reorganisation begins is known without a question within them. */
export const keptBlocks = 1024;
/** Requests whose logs are taken in at once, so that a failure later on loses nothing. */
const rangesAtOnce = 16;

/**
 * Follows a chain by the hashes of its blocks: what is confirmed is taken in once, and a reorganisation drops what is above the
 * last block that both chains have, and nothing else.
 */
export class Follower {
  /** Linked blocks up to the head; the confirmed ones have no use for their bloom filter. */
  private readonly chain = new HeaderChain<KnownBlock & Partial<Header>>();
  /** Confirmed blocks, ascending: the linked ones, and below them those that have logs. */
  private confirmed: ConfirmedBlock[];
  private sinceTrim = 0;

  /**
   * @param confirmed what is known from an earlier time, ascending.
   * @param take takes a change in, or fails and leaves everything as it was.
   */
  constructor(
    private readonly reader: BlockReader,
    private readonly blockLogs: BlockLogs,
    private readonly agreement: Agreement,
    private readonly options: FollowOptions,
    confirmed: readonly ConfirmedBlock[],
    private readonly take: (change: Change) => Promise<void>,
  ) {
    this.confirmed = [...confirmed];
    this.relink();
  }

  /** The last block that has been taken in. */
  get upTo(): KnownBlock | undefined {
    return this.confirmed.at(-1);
  }

  /**
   * Takes in what a new head confirms.
   * @returns `behind` for a head that is older than one seen before on the same chain, or older than what is confirmed: the server
   * lags, nothing has changed.
   * @throws AssayError `chain/...-fault`; nothing is lost, the next call goes on.
   */
  async follow(head: Header): Promise<"followed" | "behind"> {
    const { firstBlock, depth } = this.options;
    const known = this.chain.head;
    const isAhead = known === undefined || !this.chain.has(head.hash);
    if (!isAhead && head.hash !== known.hash) return "behind";
    if (this.upTo !== undefined && head.number < this.upTo.number) return "behind";
    if (head.number - depth < firstBlock) return "followed";
    if (isAhead && !(await this.link(head))) await this.catchUp(head);
    await this.confirm();
    return "followed";
  }

  /**
   * Replaces the logs of confirmed blocks, all in one change.
   * @param kept all logs from the first of these blocks on.
   * @returns numbers of the blocks that were replaced: those that are still what they were when they were read.
   */
  async repair(repairs: readonly Repair[], kept: readonly DatedLog[]): Promise<number[]> {
    const known = new Map(this.confirmed.map((block) => [block.number, block]));
    const due = repairs.filter(({ block: { number, hash } }) => {
      return number <= (this.upTo?.number ?? -1) && (known.get(number)?.hash ?? hash) === hash;
    });
    if (due.length === 0) return [];
    const numbers = due.map(({ block }) => block.number);
    const from = Math.min(...numbers);
    for (const { block, logs } of due) known.set(block.number, confirmedBlock(block, logs));
    const blocks = [...known.values()].filter(({ number }) => number >= from).sort((a, b) => a.number - b.number);
    const others = kept.filter(({ blockNumber }) => !numbers.includes(blockNumber));
    const logs = [...others, ...due.flatMap((repair) => repair.logs)].sort(inOrder);
    await this.take({ droppedFrom: from, blocks, logs });
    this.confirmed = [...this.confirmed.filter(({ number }) => number < from), ...blocks];
    return numbers;
  }

  /** Forgets the blocks from a number on, so that they are read again. */
  async rewind(from: number): Promise<void> {
    if (this.upTo === undefined || this.upTo.number < from) return;
    await this.take({ droppedFrom: from, blocks: [], logs: [] });
    this.drop(from - 1);
  }

  /** Walks from the head to a block that is known. @returns false when there is none nearby. */
  private async link(head: Header): Promise<boolean> {
    const { lowest, head: known } = this.chain;
    const { firstBlock, depth } = this.options;
    if (
      known === undefined ? head.number - firstBlock >= nearBlocks + depth : head.number - known.number > nearBlocks
    ) {
      return false;
    }
    const branch: Header[] = [head];
    for (;;) {
      const first = branch[0]!;
      if (this.chain.has(first.parentHash)) break;
      if (known === undefined && first.number === firstBlock) break;
      if (first.number <= (lowest?.number ?? firstBlock) || branch.length > nearBlocks + depth) return false;
      const parent = await this.reader.byHash(first.parentHash);
      if (!isChildOf(first, parent)) throw reorganised(first.number);
      branch.unshift(parent);
    }
    const ancestor = branch[0]!.number - 1;
    if (this.upTo !== undefined && ancestor < this.upTo.number) {
      await this.take({ droppedFrom: ancestor + 1, blocks: [], logs: [] });
    }
    this.drop(ancestor);
    this.chain.append(branch);
    return true;
  }

  /** Takes in the linked blocks that are deep enough. */
  private async confirm(): Promise<void> {
    const target = this.chain.head!.number - this.options.depth;
    const blocks: ConfirmedBlock[] = [];
    const logs: DatedLog[] = [];
    let fault: unknown;
    for (let number = (this.upTo?.number ?? this.options.firstBlock - 1) + 1; number <= target; number++) {
      const header = this.chain.at(number) as Header;
      let own: readonly ChainLog[];
      try {
        await this.agreement.onBlock(header);
        own = await this.blockLogs.read(header);
        if (own.length > 0) await this.agreement.onLogs(this.options, number, number, own);
      } catch (error) {
        fault = error;
        break;
      }
      logs.push(...dated(own, header));
      blocks.push(confirmedBlock(header, own));
    }
    if (blocks.length > 0) await this.takeIn(blocks, logs);
    if (fault !== undefined) throw fault;
  }

  /** Reads what is far away in ranges of blocks, then links the rest. */
  private async catchUp(head: Header): Promise<void> {
    const { firstBlock, depth, maxRange } = this.options;
    const ancestor = await this.commonAncestor(head);
    if (this.upTo !== undefined && ancestor?.hash !== this.upTo.hash) {
      const from = (ancestor?.number ?? firstBlock - 1) + 1;
      await this.take({ droppedFrom: from, blocks: [], logs: [] });
      this.drop(from - 1);
    }
    const target = head.number - depth;
    for (let from = (ancestor?.number ?? firstBlock - 1) + 1; from <= target; from = this.upTo!.number + 1) {
      await this.takeRange(from, Math.min(target, from + rangesAtOnce * maxRange - 1));
      this.relink();
    }
    const linked = this.chain.head!;
    const between = Math.max(0, head.number - linked.number - 1);
    const branch = await this.reader.byNumbers(Array.from({ length: between }, (_, i) => linked.number + 1 + i));
    if (head.number > linked.number) branch.push(head);
    let last: KnownBlock = linked;
    for (const block of branch) {
      if (!isChildOf(block, last)) throw reorganised(block.number);
      last = block;
    }
    this.chain.append(branch);
  }

  private async takeRange(from: number, to: number): Promise<void> {
    const end = await this.reader.byNumber(to);
    const given = await readLogs(this.reader.requests, this.options, from, to);
    const byBlock = new Map<number, ChainLog[]>();
    for (const log of given) byBlock.set(log.blockNumber, [...(byBlock.get(log.blockNumber) ?? []), log]);
    const headers = await this.reader.byNumbers([...new Set([...byBlock.keys(), to])]);
    if (headers.at(-1)!.hash !== end.hash) throw reorganised(to);
    await this.agreement.onBlock(end);
    const blocks: ConfirmedBlock[] = [];
    const logs: DatedLog[] = [];
    for (const header of headers) {
      const told = byBlock.get(header.number) ?? [];
      if (told.some(({ blockHash }) => blockHash !== header.hash)) throw reorganised(header.number);
      const own = this.blockLogs.isPlausible(header, told) ? told : await this.blockLogs.read(header);
      logs.push(...dated(own, header));
      blocks.push(confirmedBlock(header, own));
    }
    await this.agreement.onLogs(this.options, from, to, logs);
    await this.takeIn(blocks, logs);
  }

  /** The highest block that is both confirmed here and on the server's chain. */
  private async commonAncestor(head: Header): Promise<KnownBlock | undefined> {
    const isShared = async (index: number) => {
      const block = this.confirmed[index]!;
      if (block.number > head.number) return false;
      return (await this.reader.byNumber(block.number)).hash === block.hash;
    };
    // From the newest back in growing strides, then by halves between the last that is not shared and the first that is.
    let above = this.confirmed.length;
    let below = above - 1;
    for (let stride = 1; below >= 0 && !(await isShared(below)); stride *= 2) {
      above = below;
      below = below === 0 ? -1 : Math.max(0, below - stride);
    }
    while (above - below > 1) {
      const middle = (above + below) >> 1;
      if (await isShared(middle)) below = middle;
      else above = middle;
    }
    return this.confirmed[below];
  }

  private async takeIn(blocks: readonly ConfirmedBlock[], logs: readonly DatedLog[]): Promise<void> {
    await this.take({ blocks, logs });
    for (const block of blocks) this.confirmed.push(block);
    const lowest = this.upTo!.number - keptBlocks;
    this.chain.trim(lowest);
    if (++this.sinceTrim < keptBlocks) return;
    this.sinceTrim = 0;
    this.confirmed = this.confirmed.filter(({ number, hasLogs }) => hasLogs || number >= lowest);
  }

  private drop(above: number): void {
    while (this.upTo !== undefined && this.upTo.number > above) this.confirmed.pop();
    this.chain.cut(above);
    if (this.chain.head === undefined) this.relink();
  }

  /** Links what is known to be confirmed, as far back as there is no gap. */
  private relink(): void {
    this.chain.clear();
    const linked: KnownBlock[] = [];
    for (let i = this.confirmed.length - 1; i >= 0 && linked.length < keptBlocks; i--) {
      const block = this.confirmed[i]!;
      if (linked.length > 0 && !isChildOf(linked.at(-1)!, block)) break;
      linked.push(block);
    }
    this.chain.append(linked.reverse());
  }
}

function confirmedBlock(
  { number, hash, parentHash, timestamp }: KnownBlock,
  logs: readonly ChainLog[],
): ConfirmedBlock {
  return { number, hash, parentHash, timestamp, hasLogs: logs.length > 0 };
}
