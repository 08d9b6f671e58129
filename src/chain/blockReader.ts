import { AssayError, isAssayError } from "../core/errors.ts";
import { badAnswer, type Header, headerFrom, unknownTo } from "./blocks.ts";
import { type ChainRequests, hexOf, type ServerAnswer } from "./chainRequests.ts";
import type { ChainErrorCode } from "./errors.ts";

/** Which block is believed: a number of blocks below the newest, or the block that the chain's own consensus calls so. */
export type Confirmations = number | "safe" | "finalized";

/** Requests at once when many blocks are read. */
const parallel = 8;

/** Reads block headers. A block that one server does not know is asked of the others before it counts as missing. */
export class BlockReader {
  constructor(readonly requests: ChainRequests) {}

  /**
   * @param tag `latest`, or what the configuration calls confirmed.
   * @throws AssayError `chain/no-block-tag` for a server that has no such block; `chain/...-fault`
   */
  async tagged(tag: "latest" | "safe" | "finalized"): Promise<Header> {
    try {
      const { result, host } = await this.requests.ask("eth_getBlockByNumber", [tag, false]);
      const header = headerFrom(result, host);
      if (header !== undefined) return header;
      if (tag === "latest") throw badAnswer("its newest block", host);
      throw noTag(tag, host);
    } catch (error) {
      if (tag === "latest" || !isAssayError(error, "chain/rpc-fault", "chain/behind-fault")) throw error;
      const isAbout = error.code === "chain/rpc-fault" || /safe|final/.test(error.message);
      throw isAbout ? noTag(tag, String(error.details.host)) : error;
    }
  }

  /** @throws AssayError `chain/behind-fault` when no server knows it; `chain/...-fault` */
  async byHash(hash: string): Promise<Header> {
    return await this.find("eth_getBlockByHash", hash, `the block ${hash}`, (header) => header.hash === hash);
  }

  /** @throws AssayError `chain/behind-fault` when no server knows it; `chain/...-fault` */
  async byNumber(number: number): Promise<Header> {
    const isIt = (header: Header) => header.number === number;
    return await this.find("eth_getBlockByNumber", hexOf(number), `block ${number}`, isIt);
  }

  /** @returns in the order of the numbers. */
  async byNumbers(numbers: readonly number[]): Promise<Header[]> {
    const headers: Header[] = [];
    for (let i = 0; i < numbers.length; i += parallel) {
      headers.push(...(await Promise.all(numbers.slice(i, i + parallel).map((number) => this.byNumber(number)))));
    }
    return headers;
  }

  private async find(method: string, id: string, what: string, isIt: (header: Header) => boolean): Promise<Header> {
    const read = ({ result, host }: ServerAnswer) => {
      const header = headerFrom(result, host);
      if (header !== undefined && !isIt(header)) throw badAnswer(what, host);
      return header;
    };
    const first = await this.requests.ask(method, [id, false]);
    const header = read(first);
    if (header !== undefined) return header;
    for (let other = 0; other < this.requests.servers; other++) {
      if (other === first.server) continue;
      try {
        const found = read(await this.requests.ask(method, [id, false], other));
        if (found !== undefined) return found;
      } catch (error) {
        if (!isAssayError(error)) throw error;
      }
    }
    throw unknownTo(first.host, what);
  }
}

function noTag(tag: string, host: string): AssayError<ChainErrorCode> {
  return new AssayError(
    "chain/no-block-tag",
    `the RPC server ${host} has no block that it calls ${tag}: set \`confirmations\` to a number of blocks`,
    { tag, host },
  );
}
