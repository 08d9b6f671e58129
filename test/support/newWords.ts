import type { AssayChain } from "./assayChain.ts";

interface Traced {
  readonly structLogs: readonly { readonly op: string; readonly stack: readonly string[] }[];
}

/** How many storage words of the contract a transaction has filled that were empty before it: what a state must keep for good. */
export async function newWords({ ethers: { provider }, address }: AssayChain, hash: string): Promise<number> {
  const { structLogs } = (await provider.send("debug_traceTransaction", [hash, { disableMemory: true }])) as Traced;
  const slots = new Set(
    structLogs.filter(({ op }) => op === "SSTORE").map(({ stack }) => `0x${digits(stack.at(-1)!)}`),
  );
  const block = (await provider.getTransactionReceipt(hash))!.blockNumber;
  let filled = 0;
  for (const slot of slots) {
    const [before, after] = [
      await provider.getStorage(address, slot, block - 1),
      await provider.getStorage(address, slot, block),
    ];
    if (BigInt(before) === 0n && BigInt(after) !== 0n) filled++;
  }
  return filled;
}

function digits(word: string): string {
  return word.replace(/^0x/, "");
}
