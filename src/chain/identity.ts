import { AssayError, isAssayError } from "../core/errors.ts";
import type { BlockReader } from "./blockReader.ts";
import type { BlockId, Header } from "./blocks.ts";

const checkMilliseconds = 60_000;
/** A block with fewer on top may still be replaced by a reorganisation. */
const settledBlocks = 64;

/** Knows the chain by the hash of the deployment's block, and looks each minute whether the server is still of that chain. */
export class ChainIdentity {
  private hash: string | undefined;
  /** Of block 0, where the server has it: tells the chain while a server has not come to the deployment. */
  private genesis: string | undefined;
  private checkedAt = 0;

  constructor(
    private readonly reader: BlockReader,
    private readonly deploymentBlock: number,
  ) {}

  /** @returns hash of the deployment's block; undefined on a chain that has not come to it. */
  async learn(head: Header): Promise<string | undefined> {
    if (this.hash === undefined && head.number >= this.deploymentBlock) {
      this.genesis = await this.genesisHash();
      this.hash = (await this.reader.byNumber(this.deploymentBlock)).hash;
      this.checkedAt = performance.now();
    }
    return this.hash;
  }

  /**
   * @param upTo the last block that has been taken in.
   * @param atOnce for when something gives cause to doubt: otherwise each minute is enough.
   * @throws AssayError `chain/wrong-chain`, again each time until the server is back on the chain
   */
  async check(head: Header, upTo: BlockId | undefined, atOnce = false): Promise<void> {
    if (this.hash === undefined) return;
    if (!atOnce && performance.now() - this.checkedAt < checkMilliseconds) return;
    const hasBlock = head.number >= this.deploymentBlock;
    const expected = hasBlock ? this.hash : this.genesis;
    const number = hasBlock ? this.deploymentBlock : 0;
    const given = hasBlock ? (await this.reader.byNumber(number)).hash : await this.genesisHash();
    const isSettled = number === 0 || (upTo?.number ?? 0) - number > settledBlocks;
    if (given === expected || given === undefined || !isSettled) {
      if (hasBlock) this.hash = given;
      this.checkedAt = performance.now();
      return;
    }
    this.checkedAt = Number.NEGATIVE_INFINITY;
    throw new AssayError(
      "chain/wrong-chain",
      `the RPC server serves another chain than before: block ${number} was ${expected}, now it is ` +
        `${given}; nothing is done until it is back, or the configuration names the right server`,
      { expected, given },
    );
  }

  private async genesisHash(): Promise<string | undefined> {
    if (this.deploymentBlock === 0) return this.hash;
    try {
      return (await this.reader.byNumber(0)).hash;
    } catch (error) {
      if (!isAssayError(error)) throw error;
      return undefined;
    }
  }
}
