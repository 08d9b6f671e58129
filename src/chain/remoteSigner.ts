import {
  AbstractSigner,
  getAddress,
  isHexString,
  type Provider,
  Transaction,
  type TransactionLike,
  type TransactionRequest,
} from "ethers";
import { AssayError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import type { ChainErrorCode } from "./errors.ts";
import { hostOf } from "./rpcProvider.ts";

/** A process that holds a key and signs with it. */
export interface RemoteSignerOptions {
  /** http or https. */
  readonly url: string;
  /** The account that it signs for. */
  readonly address: string;
  /** `eth_signTransaction` as web3signer and Ethereum clients offer it, `account_signTransaction` as clef does. */
  readonly method: "eth_signTransaction" | "account_signTransaction";
  /** A request without an answer by then has failed; where a person confirms, it has to be long. */
  readonly timeoutSeconds: number;
}

const mostAnswerBytes = 1_048_576;

/**
 * Signs transactions by JSON-RPC. The answer is not trusted: it must be exactly the transaction that was asked for, signed by the
 * account that was named.
 */
export class RemoteSigner extends AbstractSigner {
  private readonly address: string;
  private readonly host: string;
  private id = 0;

  constructor(
    private readonly options: RemoteSignerOptions,
    provider: Provider | null = null,
  ) {
    super(provider);
    this.address = getAddress(options.address);
    this.host = hostOf(options.url);
  }

  override connect(provider: Provider | null): RemoteSigner {
    return new RemoteSigner(this.options, provider);
  }

  override async getAddress(): Promise<string> {
    return this.address;
  }

  /**
   * @throws AssayError `chain/signer-fault` when it cannot be reached or refuses, `chain/bad-signature` when it signs something
   * else, or with another key.
   */
  override async signTransaction(request: TransactionRequest): Promise<string> {
    const { from: _, ...fields } = request;
    const asked = Transaction.from(fields as TransactionLike<string>);
    const raw = rawIn(await this.ask(this.options.method, [paramsOf(asked, this.address)]));
    const signed = raw === undefined ? undefined : parse(raw);
    if (raw === undefined || signed === undefined) throw this.bad("answers with something that is not a transaction");
    const other = differingField(asked, signed);
    if (other !== undefined) throw this.bad(`signs another transaction than it was asked for: ${other} differs`);
    if (signed.from === null) throw this.bad("answers with a transaction that is not signed");
    if (signed.from !== this.address) throw this.bad(`signs for ${signed.from}, not for ${this.address}`);
    // Not the given bytes: the same transaction could be encoded in another way.
    return signed.serialized;
  }

  override async signMessage(): Promise<string> {
    throw this.refused("is asked for transactions only, not for messages");
  }

  override async signTypedData(): Promise<string> {
    throw this.refused("is asked for transactions only, not for typed data");
  }

  private async ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const { url, timeoutSeconds } = this.options;
    let text: string;
    let status: number;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: ++this.id, method, params }),
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
        redirect: "error",
      });
      status = response.status;
      text = await boundedText(response);
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } };
      if (name === "TimeoutError") throw this.refused(`did not answer within ${timeoutSeconds} s`);
      throw this.refused(`cannot be reached${cause?.code === undefined ? "" : ` (${cause.code})`}: is it running?`);
    }
    let answer: { result?: unknown; error?: { message?: unknown } } | null;
    try {
      answer = JSON.parse(text);
    } catch {
      throw this.refused(`does not speak JSON-RPC (HTTP status ${status})`);
    }
    if (typeof answer !== "object" || answer === null) throw this.refused("does not speak JSON-RPC");
    if (answer.error) throw this.refused(`refuses: ${printable(String(answer.error.message ?? "no reason given"))}`);
    return answer.result;
  }

  private refused(what: string): AssayError<ChainErrorCode> {
    return new AssayError("chain/signer-fault", `the remote signer ${this.host} ${what}`, { host: this.host });
  }

  private bad(what: string): AssayError<ChainErrorCode> {
    return new AssayError(
      "chain/bad-signature",
      `the remote signer ${this.host} ${what}: nothing of it has been sent; look at the signer and at key.remote`,
      { host: this.host },
    );
  }
}

function paramsOf(transaction: Transaction, from: string) {
  const { to, data, chainId, nonce, gasLimit, value, maxFeePerGas, maxPriorityFeePerGas, type } = transaction;
  const hex = (number: bigint | number) => `0x${number.toString(16)}`;
  return {
    from,
    to,
    data,
    type: hex(type ?? 2),
    chainId: hex(chainId),
    nonce: hex(nonce),
    gas: hex(gasLimit),
    value: hex(value),
    maxFeePerGas: hex(maxFeePerGas ?? 0n),
    maxPriorityFeePerGas: hex(maxPriorityFeePerGas ?? 0n),
  };
}

/** The signed bytes alone, or beside a description of the transaction. */
function rawIn(result: unknown): string | undefined {
  const raw = typeof result === "object" && result !== null ? (result as { raw?: unknown }).raw : result;
  return isHexString(raw) ? raw.toLowerCase() : undefined;
}

function parse(raw: string): Transaction | undefined {
  try {
    return Transaction.from(raw);
  } catch {
    return undefined;
  }
}

const fields = [
  "type",
  "chainId",
  "nonce",
  "to",
  "value",
  "data",
  "gasLimit",
  "maxFeePerGas",
  "maxPriorityFeePerGas",
] as const;

function differingField(asked: Transaction, signed: Transaction): string | undefined {
  if (asked.unsignedSerialized === signed.unsignedSerialized) return undefined;
  return fields.find((field) => asked[field] !== signed[field]) ?? "a field that was not asked for";
}

/** @throws what cannot be read, or is too long */
async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  for (let size = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > mostAnswerBytes) {
      await reader.cancel();
      break;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text;
}
