import type { Log, Provider, TopicFilter } from "ethers";
import { AssayError } from "../core/errors.ts";
import { type ChainErrorCode, chainError } from "./errors.ts";

/** A block that one has acted on: if the chain later has another hash at this height, everything since is void. */
export interface BlockId {
  readonly number: number;
  readonly hash: string;
}

/** What a scan found. */
export interface Scan {
  readonly logs: readonly Log[];
  /** The last block looked at; hand it to the next scan. */
  readonly upTo: BlockId;
  /** The chain was reorganised below `since`: `logs` begin at the first block again, and everything older is void. */
  readonly restarted: boolean;
}

export interface ScanOptions {
  readonly address: string;
  /** Block of the deployment: where the first scan begins. */
  readonly firstBlock: number;
  /** Blocks on top of a block before it is looked at; 0: the newest block counts. */
  readonly confirmations: number;
  /** Blocks per request at most; halved while the server refuses. */
  readonly maxRange: number;
}

/**
 * Reads all logs of one contract after `since` (or from the first block) up to the newest confirmed block, in order.
 * @returns undefined when there is no new confirmed block.
 * @throws AssayError `chain/...-fault`; nothing is lost, the next scan begins where this one did.
 */
export async function scan(
  provider: Provider,
  options: ScanOptions,
  since: BlockId | undefined,
): Promise<Scan | undefined> {
  try {
    const head = await provider.getBlockNumber();
    const target = head - options.confirmations;
    // A server that is behind what it said before is slow, not reorganised: it will catch up, or another one is asked.
    if (target < options.firstBlock || (since !== undefined && head < since.number)) return undefined;
    const same = since !== undefined && (await hasBlock(provider, since));
    if (same && since.number >= target) return undefined;
    const from = same ? since.number + 1 : options.firstBlock;
    const before = await blockId(provider, target);
    const logs = await readLogs(provider, options, from, target);
    const after = await blockId(provider, target);
    if (before.hash !== after.hash) throw reorganised(target);
    return { logs, upTo: after, restarted: since !== undefined && !same };
  } catch (error) {
    throw chainError(error, [], "read the contract's events");
  }
}

async function hasBlock(provider: Provider, id: BlockId): Promise<boolean> {
  return (await provider.getBlock(id.number))?.hash === id.hash;
}

async function blockId(provider: Provider, number: number): Promise<BlockId> {
  const hash = (await provider.getBlock(number))?.hash;
  if (hash === undefined || hash === null) throw reorganised(number);
  return { number, hash };
}

function reorganised(number: number): AssayError<ChainErrorCode> {
  return new AssayError<ChainErrorCode>(
    "chain/reorganised-fault",
    `the chain changed below block ${number} while it was read; it will be read again`,
    { number },
  );
}

/**
 * All logs of a contract in a range of blocks, in order, however little of it the server gives at once.
 * @param topics only logs with these; all of them if not given.
 * @throws AssayError `chain/...-fault`
 */
export async function readLogs(
  provider: Provider,
  { address, maxRange, topics }: Pick<ScanOptions, "address" | "maxRange"> & { readonly topics?: TopicFilter },
  from: number,
  to: number,
): Promise<Log[]> {
  const logs: Log[] = [];
  let range = maxRange;
  for (let start = from; start <= to; ) {
    const end = Math.min(to, start + range - 1);
    let found: Log[];
    try {
      found = await provider.getLogs({ address, fromBlock: start, toBlock: end, ...(topics && { topics }) });
    } catch (error) {
      // Servers limit ranges and result sizes, each with its own words: anything that is an answer is worth a smaller try.
      const typed = chainError(error, [], "read the contract's events");
      if (typed.code !== "chain/rpc-fault" || end === start) throw typed;
      range = Math.max(1, Math.floor((end - start + 1) / 2));
      continue;
    }
    for (const log of found) {
      if (log.removed || log.blockNumber < start || log.blockNumber > end) throw reorganised(log.blockNumber);
      logs.push(log);
    }
    start = end + 1;
  }
  return logs.sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
}
