import type { JsonRpcProvider } from "ethers";
import { remark } from "../../../src/demo/screen.ts";

/** Replaces the newest blocks of anvil's chain, again and again. Its clock goes on: the time of the newest block never goes back. */
export class Reorganiser {
  private reorganisations = 0;

  /** @param kept blocks up to this one stay. */
  constructor(
    private readonly provider: JsonRpcProvider,
    private kept: number,
    private readonly say: (text: string) => void = remark,
  ) {}

  get count(): number {
    return this.reorganisations;
  }

  /** Lets all blocks that are there stay: a chain makes far more of them in an hour than a reorganisation replaces. */
  async keep(): Promise<void> {
    this.kept = Number((await this.newest()).number);
  }

  /**
   * @param again whether the transactions of the replaced blocks come back, in the first of the new ones, or are dropped.
   * @returns how many transactions those are.
   */
  async reorganise(depth: number, again: boolean, phase: string): Promise<number> {
    const { provider } = this;
    const before = await this.newest();
    const head = Number(before.number);
    const blocks = Math.min(depth, head - this.kept);
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
    // Anvil's clock has gone back to that of the last block that stays, as no clock of a real chain does.
    const lost = Number(before.timestamp) - Number((await this.newest()).timestamp);
    if (lost > 0) {
      await provider.send("evm_increaseTime", [lost]);
      await provider.send("evm_mine", []);
    }
    this.reorganisations++;
    const fate = transactions === 0 ? "" : `, ${transactions} transactions ${again ? "come back" : "are dropped"}`;
    this.say(`the chain is reorganised ${phase}: ${blocks} blocks replaced${fate}`);
    return transactions;
  }

  private async newest(): Promise<{ readonly number: string; readonly timestamp: string }> {
    return await this.provider.send("eth_getBlockByNumber", ["latest", false]);
  }
}
