import { Interface, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import type { ConfirmedBlock, DatedLog } from "../../src/chain/blocks.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import type { FakeEvent } from "./fakeChain.ts";

const abi = new Interface(IAssay__factory.abi);

/** Events of a fake chain as a server tells them. What the fake chain leaves out is zero. @param fork tells the blocks of branches apart. */
export function encodedLogs(events: readonly FakeEvent[], fork = 0): DatedLog[] {
  let last = -1;
  let index = 0;
  return events.map(({ event: { name, args }, log: { blockNumber, transactionHash }, timestamp }) => {
    index = blockNumber === last ? index + 1 : 0;
    last = blockNumber;
    const { inputs } = abi.getEvent(name)!;
    const values = inputs.map((input) => args[input.name] ?? blank(input.type));
    const { topics, data } = abi.encodeEventLog(name, values);
    const block = blockOf(blockNumber, timestamp, fork);
    const place = { blockHash: block.hash, blockNumber, index, transactionHash: toBeHex(transactionHash, 32) };
    return { ...place, address: "", topics, data, timestamp };
  });
}

/** The block of a number, on a branch. */
export function blockOf(number: number, timestamp: number, fork = 0): ConfirmedBlock {
  const hash = (one: number) => toBeHex(BigInt(fork) * 2n ** 64n + BigInt(one + 1), 32);
  return { number, hash: hash(number), parentHash: hash(number - 1), timestamp, hasLogs: true };
}

/** The blocks in which logs stand. */
export function blocksOf(logs: readonly DatedLog[], fork = 0): ConfirmedBlock[] {
  return [...new Map(logs.map(({ blockNumber, timestamp }) => [blockNumber, timestamp]))].map(([number, timestamp]) =>
    blockOf(number, timestamp, fork),
  );
}

function blank(type: string): unknown {
  if (type === "address") return ZeroAddress;
  if (type === "bytes32") return ZeroHash;
  return type === "string" ? "" : type === "bool" ? false : 0n;
}
