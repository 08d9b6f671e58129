import { toBeHex } from "ethers";
import type { ConfirmedBlock, DatedLog } from "../../src/chain/blocks.ts";
import type { LedgerSource } from "../../src/chain/ledgerStore.ts";

/** @param contract tells contracts apart. */
export function source(contract = 1): LedgerSource {
  return { chainId: 31337n, deploymentHash: toBeHex(1, 32), address: toBeHex(contract, 20) };
}

export function blockOf(number: number): ConfirmedBlock {
  const [hash, parentHash] = [toBeHex(1000 + number, 32), toBeHex(999 + number, 32)];
  return { number, hash, parentHash, timestamp: 12 * number, hasLogs: true };
}

/** Three logs of a block, of some size. */
export function logsOf(number: number, contract = 1): DatedLog[] {
  return [0, 1, 5].map((index) => ({
    address: toBeHex(contract, 20),
    blockHash: toBeHex(1000 + number, 32),
    blockNumber: number,
    index,
    timestamp: 12 * number,
    transactionHash: toBeHex(number, 32),
    topics: [toBeHex(index, 32), toBeHex(number, 32)],
    data: `0x${"ab".repeat(2000)}`,
  }));
}
