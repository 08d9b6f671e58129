import { getBytes, Interface, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import type { AssayChain } from "../../src/chain/assay.ts";
import type { Confirmations } from "../../src/chain/blockReader.ts";
import type { ChainRequests, ServerAnswer } from "../../src/chain/chainRequests.ts";
import type { Root } from "../../src/core/bytes.ts";
import { AssayError } from "../../src/core/errors.ts";
import { requestIdOf } from "../../src/protocol/claim.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";

const abi = new Interface(IAssay__factory.abi);
export const contractAddress = `0x${"a5".repeat(20)}`;

export interface FakeLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface FakeBlock {
  readonly number: number;
  readonly hash: string;
  readonly parent: FakeBlock | undefined;
  readonly timestamp: number;
  readonly logs: readonly FakeLog[];
}

/** A log of a request for a build with this number. */
export function requestLog(build: number, address = contractAddress, locator = `place ${build}`): FakeLog {
  const buildId = toBeHex(build, 32) as Root;
  const request = { requester: `0x${"11".repeat(20)}`, buildId, expiry: 4_000_000_000, number: 0n } as const;
  const values = [requestIdOf(request), buildId, request.requester, 1n, request.expiry, request.number, locator];
  return { address, ...abi.encodeEventLog("BuildRequested", values) };
}

type Answer = (method: string, params: readonly unknown[], only: number | undefined) => unknown;

/** Stands in for RPC servers in unit tests: a tree of blocks, one branch of which is the chain. */
export class FakeChainServer implements ChainRequests {
  private readonly blocks = new Map<string, FakeBlock>();
  head: FakeBlock;
  servers = 1;
  /** Requests that were made, by method. */
  readonly asked: string[] = [];
  /** Answers instead of the server; undefined leaves the answer to it. */
  instead: Answer = () => undefined;
  readonly host = "fake";

  constructor(private readonly name = "genesis") {
    this.head = this.add(undefined, []);
  }

  mine(logs: readonly FakeLog[] = [], on: FakeBlock = this.head): FakeBlock {
    this.head = this.add(on, logs);
    return this.head;
  }

  /** Blocks of the chain, ascending. */
  chain(): FakeBlock[] {
    const blocks: FakeBlock[] = [];
    for (let block: FakeBlock | undefined = this.head; block !== undefined; block = block.parent) blocks.push(block);
    return blocks.reverse();
  }

  hostOf(server: number): string {
    return `${this.host}${server}`;
  }

  async ask(method: string, params: readonly unknown[], only?: number): Promise<ServerAnswer> {
    this.asked.push(method);
    const result = this.instead(method, params, only) ?? this.answer(method, params);
    const server = only ?? 0;
    return { result: result === null ? null : structuredClone(result), server, host: this.hostOf(server) };
  }

  answer(method: string, params: readonly unknown[]): unknown {
    switch (method) {
      case "eth_getBlockByNumber":
        return headerOf(this.at(String(params[0])));
      case "eth_getBlockByHash":
        return headerOf(this.blocks.get(String(params[0])));
      case "eth_getLogs":
        return this.logs(params[0] as Record<string, string>);
      case "eth_getBlockReceipts": {
        const block = this.blocks.get(String(params[0]));
        return block === undefined ? null : block.logs.map((_, i) => ({ logs: [logOf(block, i)] }));
      }
      default:
        throw refused(method);
    }
  }

  /** As a ledger sees it. */
  asChain(confirmations: Confirmations = 0, logRange = 1000, agreement = 1): AssayChain {
    const deployment = {
      rpc: "",
      chainId: 31337n,
      assay: contractAddress,
      deploymentBlock: 0,
      confirmations,
      logRange,
      agreement,
    };
    return { deployment, provider: this } as unknown as AssayChain;
  }

  private at(number: string): FakeBlock | undefined {
    return /^0x/.test(number) ? this.chain()[Number(number)] : this.head;
  }

  private logs({ address, fromBlock, toBlock, blockHash }: Record<string, string>): unknown[] {
    const blocks = blockHash === undefined ? this.chain() : [this.blocks.get(blockHash)!];
    const isAsked = ({ number }: FakeBlock) => number >= Number(fromBlock ?? 0) && number <= Number(toBlock ?? 2 ** 52);
    return blocks
      .filter((block) => blockHash !== undefined || isAsked(block))
      .flatMap((block) => block.logs.map((_, i) => logOf(block, i)))
      .filter((log) => log.address === address);
  }

  private add(parent: FakeBlock | undefined, logs: readonly FakeLog[]): FakeBlock {
    const hash = keccak256(toUtf8Bytes(`${this.name} ${this.blocks.size}`));
    const number = parent === undefined ? 0 : parent.number + 1;
    const block = { number, hash, parent, timestamp: 1000 + number * 12, logs };
    this.blocks.set(hash, block);
    return block;
  }
}

export function refused(method: string): AssayError {
  return new AssayError("chain/rpc-fault", `the method ${method} does not exist`, { method });
}

export function logOf({ hash, number, logs }: FakeBlock, index: number) {
  const { address, topics, data } = logs[index]!;
  const transactionHash = keccak256(toUtf8Bytes(`${hash} ${index}`));
  const place = { blockHash: hash, blockNumber: `0x${number.toString(16)}`, logIndex: `0x${index.toString(16)}` };
  return { address, topics, data, transactionHash, ...place };
}

function headerOf(block: FakeBlock | undefined): unknown {
  if (block === undefined) return null;
  const { number, hash, parent, timestamp, logs } = block;
  return {
    number: `0x${number.toString(16)}`,
    hash,
    parentHash: parent?.hash ?? `0x${"00".repeat(32)}`,
    timestamp: `0x${timestamp.toString(16)}`,
    logsBloom: bloomOf(logs),
    transactions: logs.map((_, i) => logOf(block, i).transactionHash),
  };
}

/** As the Yellow Paper, 4.4.1, says: three bits for each address and topic. */
function bloomOf(logs: readonly FakeLog[]): string {
  let bloom = 0n;
  for (const value of logs.flatMap(({ address, topics }) => [address, ...topics])) {
    const hash = getBytes(keccak256(value));
    for (const at of [0, 2, 4]) bloom |= 1n << BigInt((hash[at]! * 256 + hash[at + 1]!) & 2047);
  }
  return toBeHex(bloom, 256);
}
