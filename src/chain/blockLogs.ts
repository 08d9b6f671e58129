import { AssayError, isAssayError } from "../core/errors.ts";
import { badAnswer, type ChainLog, type Header, inOrder, logsFrom, nameOf, reorganised } from "./blocks.ts";
import { Bloom } from "./bloom.ts";
import { type ChainRequests, hexOf } from "./chainRequests.ts";
import type { IsConsistent } from "./consistency.ts";
import { eventTopics } from "./events.ts";
import type { LedgerEvent } from "./ledgerEvents.ts";

/** Receipts that are asked for one by one, at most, where a server does not give a block's at once. */
const mostReceipts = 64;

/** One server's word on a block's logs. */
interface Told {
  readonly logs: readonly ChainLog[];
  readonly server: number;
  readonly host: string;
}

/**
 * Reads the contract's logs of one block, and believes none that contradict the block's bloom filter, or themselves. What a server
 * leaves out or invents is settled by the receipts, which must make the whole filter; else by another server.
 */
export class BlockLogs {
  /** Whether servers take a block's hash (EIP-234). */
  private byHash = true;

  constructor(
    private readonly requests: ChainRequests,
    private readonly address: string,
    private readonly onEvent: (event: LedgerEvent) => void,
    private readonly isConsistent: IsConsistent = () => true,
  ) {}

  /**
   * @returns the logs in order.
   * @throws AssayError `chain/contradiction-fault` when nothing that any server says can be so; `chain/...-fault`
   */
  async read(header: Header): Promise<readonly ChainLog[]> {
    const bloom = new Bloom(header.bloom);
    // Some chains leave the filter empty whatever happens: of a block with transactions that says nothing.
    const isSilent = bloom.isEmpty ? header.transactions.length === 0 : !bloom.has(this.address);
    if (isSilent) return [];
    const told = await this.ask(header);
    return this.fits(bloom, told.logs) ? told.logs : await this.settle(header, bloom, told);
  }

  /** The same where two answers differ: by the receipts that make the whole filter, if any server has them. */
  async readWhole(header: Header): Promise<readonly ChainLog[]> {
    const bloom = new Bloom(header.bloom);
    for (let server = 0; server < this.requests.servers; server++) {
      const receipts = await this.receipts(header, server);
      if (receipts !== undefined && this.isWhole(bloom, receipts)) return this.ownIn(receipts);
    }
    return await this.read(header);
  }

  /** Whether logs that came otherwise can be all of a block's. */
  isPlausible(header: Header, logs: readonly ChainLog[]): boolean {
    return this.fits(new Bloom(header.bloom), logs);
  }

  private fits(bloom: Bloom, logs: readonly ChainLog[]): boolean {
    if (logs.length === 0) return !(bloom.has(this.address) && eventTopics.some((topic) => bloom.has(topic)));
    const isIn = ({ address, topics }: ChainLog) => [address, ...topics].every((value) => bloom.has(value));
    return logs.every((log) => isIn(log) && this.isConsistent(log));
  }

  private async settle(header: Header, bloom: Bloom, first: Told): Promise<readonly ChainLog[]> {
    const servers = [first.server];
    for (let other = 0; other < this.requests.servers; other++) if (other !== first.server) servers.push(other);
    const facts = { block: header.number, host: first.host };
    let mayBeChance = true;
    for (const server of servers) {
      const receipts = await this.receipts(header, server);
      if (receipts !== undefined) {
        const own = this.ownIn(receipts);
        // A chain that leaves its filters empty: two ways of asking that agree are all there is.
        const isUnfiltered = bloom.isEmpty && own.length > 0 && isSame(own, first.logs) && own.every(this.isConsistent);
        if (isUnfiltered || this.isWhole(bloom, receipts)) {
          if (isSame(own, first.logs)) this.onEvent({ kind: "bloom matched by chance", ...facts });
          else this.onEvent({ kind: "logs contradicted", ...facts, settledBy: receipts.host });
          return own;
        }
        mayBeChance = false;
      }
      if (server === first.server) continue;
      const told = await this.ask(header, server).catch(ignoreFault);
      if (told === undefined) continue;
      if (this.fits(bloom, told.logs)) {
        this.onEvent({ kind: "logs contradicted", ...facts, settledBy: told.host });
        return told.logs;
      }
      if (mayBeChance && isEmptyTwice(first, told)) return this.byChance(header, first);
    }
    // Without receipts a filter that matches by chance looks like logs that were left out: asked twice is all one can do.
    if (mayBeChance && servers.length === 1 && isEmptyTwice(first, await this.ask(header)))
      return this.byChance(header, first);
    this.onEvent({ kind: "logs contradicted", ...facts });
    throw new AssayError(
      "chain/contradiction-fault",
      `the RPC server ${first.host} tells logs of block ${header.number} that contradict the block's own bloom filter or themselves, and ` +
        "no server settles it: the block will be read again; name another server under `rpc`",
      { number: header.number, host: first.host },
    );
  }

  /**
   * Whether receipts explain every bit of the filter and the contract's own logs are in it. Some chains have logs of their own that
   * their filters leave out.
   */
  private isWhole(bloom: Bloom, receipts: Told): boolean {
    const own = this.ownIn(receipts);
    return Bloom.of(receipts.logs).covers(bloom) && (own.length === 0 || this.fits(bloom, own));
  }

  private ownIn({ logs }: Told): readonly ChainLog[] {
    return logs.filter(({ address }) => address === this.address);
  }

  private byChance({ number }: Header, { host }: Told): readonly ChainLog[] {
    this.onEvent({ kind: "bloom matched by chance", block: number, host });
    return [];
  }

  private async ask(header: Header, only?: number): Promise<Told> {
    if (this.byHash) {
      try {
        return await this.told(header, { blockHash: header.hash }, only);
      } catch (error) {
        if (!isAssayError(error, "chain/rpc-fault")) throw error;
      }
    }
    const number = hexOf(header.number);
    const told = await this.told(header, { fromBlock: number, toBlock: number }, only);
    if (only === undefined) this.byHash = false;
    return told;
  }

  private async told(
    header: Header,
    filter: Readonly<Record<string, string>>,
    only: number | undefined,
  ): Promise<Told> {
    const { result, server, host } = await this.requests.ask(
      "eth_getLogs",
      [{ address: this.address, ...filter }],
      only,
    );
    const logs = logsFrom(result, host).sort(inOrder);
    for (const { address, blockHash, blockNumber } of logs) {
      if (address !== this.address) throw badAnswer("the contract's logs", host);
      if (blockHash !== header.hash || blockNumber !== header.number) throw reorganised(header.number);
    }
    return { logs, server, host };
  }

  /** All logs of a block, by its receipts. @returns undefined where the server has them not. */
  private async receipts(header: Header, server: number): Promise<Told | undefined> {
    const { hash, transactions } = header;
    try {
      const { result, host } = await this.requests.ask("eth_getBlockReceipts", [hash], server).catch(async (error) => {
        if (!isAssayError(error, "chain/rpc-fault") || transactions.length > mostReceipts) throw error;
        return await this.singleReceipts(header, server);
      });
      const receipts = Array.isArray(result) ? result : [];
      const logs = receipts.flatMap((receipt) => logsFrom((receipt as { logs?: unknown } | null)?.logs, host));
      const isOfBlock = receipts.length === transactions.length && logs.every(({ blockHash }) => blockHash === hash);
      return isOfBlock ? { logs: logs.sort(inOrder), server, host } : undefined;
    } catch (error) {
      return ignoreFault(error);
    }
  }

  /** For servers that give receipts one by one only. */
  private async singleReceipts({ transactions }: Header, server: number) {
    const result: unknown[] = [];
    let host = "";
    for (const hash of transactions) {
      const answer = await this.requests.ask("eth_getTransactionReceipt", [hash], server);
      result.push(answer.result);
      host = answer.host;
    }
    return { result, host };
  }
}

function ignoreFault(error: unknown): undefined {
  if (!isAssayError(error)) throw error;
  return undefined;
}

function isEmptyTwice(one: Told, other: Told): boolean {
  return one.logs.length === 0 && other.logs.length === 0;
}

export function isSame(some: readonly ChainLog[], others: readonly ChainLog[]): boolean {
  const textOf = (log: ChainLog) => `${nameOf(log)} ${log.topics.join()} ${log.data}`;
  return some.length === others.length && some.every((log, i) => textOf(log) === textOf(others[i]!));
}
