import { isAssayError } from "../core/errors.ts";
import { badAnswer, type ChainLog, inOrder, logsFrom, reorganised } from "./blocks.ts";
import { type ChainRequests, hexOf } from "./chainRequests.ts";

export interface LogFilter {
  readonly address: string;
  /** Blocks per request at most; halved while the server refuses. */
  readonly maxRange: number;
  /** Only logs with these, as `eth_getLogs` takes them; all of them if not given. */
  readonly topics?: readonly (null | string | readonly string[])[];
}

/**
 * All logs of a contract in a range of blocks, in order, however little of it the server gives at once.
 * @param only number of the one server that is to answer.
 * @throws AssayError `chain/...-fault`
 */
export async function readLogs(
  requests: ChainRequests,
  { address, maxRange, topics }: LogFilter,
  from: number,
  to: number,
  only?: number,
): Promise<ChainLog[]> {
  const logs: ChainLog[] = [];
  let range = maxRange;
  for (let start = from; start <= to; ) {
    const end = Math.min(to, start + range - 1);
    const filter = { address, fromBlock: hexOf(start), toBlock: hexOf(end), ...(topics && { topics }) };
    try {
      const { result, host } = await requests.ask("eth_getLogs", [filter], only);
      for (const log of logsFrom(result, host)) {
        if (log.blockNumber < start || log.blockNumber > end) throw reorganised(log.blockNumber);
        if (log.address !== address.toLowerCase()) throw badAnswer("the contract's logs", host);
        logs.push(log);
      }
    } catch (error) {
      // Servers limit ranges and result sizes, each with its own words: anything that is an answer is worth a smaller try.
      if (!isAssayError(error, "chain/rpc-fault") || end === start) throw error;
      range = Math.max(1, Math.floor((end - start + 1) / 2));
      continue;
    }
    start = end + 1;
  }
  return logs.sort(inOrder);
}
