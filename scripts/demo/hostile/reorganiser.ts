import type { JsonRpcProvider } from "ethers";
import { remark } from "../../../src/demo/screen.ts";

/** Replaces the newest blocks of anvil's chain, again and again. */
export class Reorganiser {
  #count = 0;

  /** @param firstBlock blocks up to this one stay. */
  constructor(
    private readonly provider: JsonRpcProvider,
    private readonly firstBlock: number,
    private readonly say: (text: string) => void = remark,
  ) {}

  get count(): number {
    return this.#count;
  }

  /**
   * @param again whether the transactions of the replaced blocks come back, in the first of the new ones, or are dropped.
   * @returns how many transactions those are.
   */
  async reorganise(depth: number, again: boolean, phase: string): Promise<number> {
    const { provider } = this;
    const head = await provider.getBlockNumber();
    const blocks = Math.min(depth, head - this.firstBlock);
    if (blocks <= 0) return 0;
    const pairs: [string, number][] = [];
    let transactions = 0;
    for (let number = head - blocks + 1; number <= head; number++) {
      const block = (await provider.send("eth_getBlockByNumber", [`0x${number.toString(16)}`, false])) as {
        transactions: string[];
      };
      transactions += block.transactions.length;
      if (!again) continue;
      for (const hash of block.transactions) {
        pairs.push([await provider.send("eth_getRawTransactionByHash", [hash]), 0]);
      }
    }
    await provider.send("anvil_reorg", [blocks, pairs]);
    this.#count++;
    const fate = transactions === 0 ? "" : `, ${transactions} transactions ${again ? "come back" : "are dropped"}`;
    this.say(`the chain is reorganised ${phase}: ${blocks} blocks replaced${fate}`);
    return transactions;
  }
}
