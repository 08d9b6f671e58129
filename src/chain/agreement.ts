import { AssayError, isAssayError } from "../core/errors.ts";
import { isSame } from "./blockLogs.ts";
import { type ChainLog, type Header, headerFrom } from "./blocks.ts";
import { type ChainRequests, hexOf } from "./chainRequests.ts";
import type { LedgerEvent } from "./ledgerEvents.ts";
import { type LogFilter, readLogs } from "./scan.ts";

/** Has what is taken in confirmed by as many servers as the operator wants: one alone may be wrong or dishonest. */
export class Agreement {
  /** Block about which it was said last that servers do not agree. */
  private said = -1;

  /** @param wanted how many servers must say the same; with 1 none is asked again. */
  constructor(
    private readonly requests: ChainRequests,
    private readonly wanted: number,
    private readonly onEvent: (event: LedgerEvent) => void,
  ) {}

  /** @throws AssayError `chain/no-agreement-fault` unless enough servers have this block, with this time and bloom filter. */
  async onBlock(header: Header): Promise<void> {
    const expected = textOf(header);
    await this.agree(header.number, async (server) => {
      const params = [hexOf(header.number), false];
      const { result, host } = await this.requests.ask("eth_getBlockByNumber", params, server);
      const given = headerFrom(result, host);
      return given !== undefined && textOf(given) === expected;
    });
  }

  /** @throws AssayError `chain/no-agreement-fault` unless enough servers have these logs of these blocks, and no others. */
  async onLogs(filter: LogFilter, from: number, to: number, logs: readonly ChainLog[]): Promise<void> {
    await this.agree(to, async (server) => isSame(await readLogs(this.requests, filter, from, to, server), logs));
  }

  private async agree(block: number, isSaidBy: (server: number) => Promise<boolean>): Promise<void> {
    if (this.wanted <= 1) return;
    const others: string[] = [];
    let agreed = 0;
    for (let server = 0; server < this.requests.servers && agreed < this.wanted; server++) {
      try {
        if (await isSaidBy(server)) agreed++;
        else others.push(this.requests.hostOf(server));
      } catch (error) {
        if (!isAssayError(error)) throw error;
        others.push(this.requests.hostOf(server));
      }
    }
    if (agreed >= this.wanted) return;
    if (this.said !== block) this.onEvent({ kind: "no agreement", block, hosts: others });
    this.said = block;
    throw new AssayError(
      "chain/no-agreement-fault",
      `${agreed} RPC servers say the same of block ${block}, ${this.wanted} must (rpcAgreement); others or no answer: ` +
        `${others.join(", ")}; the block will be read again`,
      { number: block, agreed, wanted: this.wanted, hosts: others },
    );
  }
}

function textOf({ hash, parentHash, timestamp, bloom }: Header): string {
  return `${hash} ${parentHash} ${timestamp} ${bloom}`;
}
