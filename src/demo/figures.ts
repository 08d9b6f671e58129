import { dataLength, Interface } from "ethers";
import type { AssayChain } from "../chain/assay.ts";
import { provenStep } from "../chain/provenStep.ts";
import type { Root } from "../core/bytes.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";

import type { BuildFacts } from "./checks.ts";
import { check, number, printTable, remark } from "./screen.ts";
import type { Watch } from "./watch.ts";

/** What one kind of move has cost, read from the chain itself. */
export interface MoveFigures {
  readonly name: string;
  transactions: number;
  gas: bigint;
  most: bigint;
  /** Of calldata. */
  bytes: number;
}

/** All transactions to the contract, by the function they call. */
export async function movesOnChain({ provider, deployment }: AssayChain): Promise<MoveFigures[]> {
  const abi = new Interface(IAssay__factory.abi);
  const kinds = new Map<string, MoveFigures>();
  const head = await provider.getBlockNumber();
  for (let number = deployment.deploymentBlock; number <= head; number++) {
    const block = await provider.getBlock(number, true);
    for (const transaction of block?.prefetchedTransactions ?? []) {
      if (transaction.to?.toLowerCase() !== deployment.assay.toLowerCase()) continue;
      const name = abi.getFunction(transaction.data.slice(0, 10))?.name ?? "?";
      const { gasUsed } = (await provider.getTransactionReceipt(transaction.hash))!;
      const kind = kinds.get(name) ?? { name, transactions: 0, gas: 0n, most: 0n, bytes: 0 };
      kind.transactions++;
      kind.gas += gasUsed;
      if (gasUsed > kind.most) kind.most = gasUsed;
      kind.bytes += dataLength(transaction.data);
      kinds.set(name, kind);
    }
  }
  return [...kinds.values()];
}

/** The kinds of moves that a dispute consists of, from the challenge to the refutation. */
export const disputeMoves = new Set([
  "challenge",
  "challengeCheckpoints",
  "postRow",
  "openTick",
  "select",
  "proveFault",
  "selectFault",
]);

/** The closing table. */
export async function showFigures(watch: Watch, built: BuildFacts, refutedId: Root): Promise<void> {
  const kinds = await movesOnChain(watch.chain);
  const row = ({ name, transactions, gas, most, bytes }: MoveFigures) => [
    name,
    number(transactions),
    number(gas / BigInt(transactions)),
    number(most),
    number(gas),
    number(bytes),
  ];
  printTable(["move", "transactions", "gas on average", "gas at most", "gas in all", "calldata bytes"], kinds.map(row));
  const dispute = kinds.filter(({ name }) => disputeMoves.has(name));
  const sum = dispute.reduce((all, { gas }) => all + gas, 0n);
  const transactions = dispute.reduce((all, kind) => all + kind.transactions, 0);
  const { challengeId } = watch.ledger.history.claims.get(refutedId)!.refutation!;
  const { block } = watch.ledger.history.challenges.get(challengeId)!;
  const { block: end, transaction } = watch.ledger.history.claims.get(refutedId)!.refutation!;
  const seconds = await secondsBetween(watch.chain, block, end);
  remark("");
  remark(
    `dispute: ${transactions} transactions, ${number(sum)} gas of both sides, ${seconds} s from challenge to refutation`,
  );
  remark(
    `build: ${number(built.ticks)} ticks, ${built.seconds.toFixed(1)} s here; source ${number(built.source.driveSize)} bytes`,
  );
  const proven = await provenStep(watch.chain.provider, transaction);
  if (proven !== undefined) remark(`decided by step ${number(proven.step)} of tick ${number(proven.tick)}`);
  check("the dispute took at most 24 transactions", transactions <= 24, String(transactions));
}

async function secondsBetween({ provider }: AssayChain, from: number, to: number): Promise<number> {
  return (await provider.getBlock(to))!.timestamp - (await provider.getBlock(from))!.timestamp;
}
