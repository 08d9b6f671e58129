import type { EIP1193Provider, RequestArguments } from "@nomicfoundation/ignition-core";
import { Transaction, type TransactionLike, toBigInt, type Wallet } from "ethers";
import { rpcErrorCode } from "../chain/errors.ts";
import type { RpcProvider } from "../chain/rpcProvider.ts";
import { AssayError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";

/** A transaction as it is sent. */
export interface SignedTransaction {
  readonly nonce: number;
  readonly hash: string;
  /** Signed, in hexadecimal. */
  readonly raw: string;
}

export interface SigningOptions {
  readonly chainId: bigint;
  /** No transaction pays more per gas, in wei. */
  readonly maxFeePerGas: bigint;
  /** Called before a transaction leaves, and not returning until it is safe. */
  readonly onSigned: (signed: SignedTransaction, creationCode: string) => void;
}

/** An error that a server answers, in the form in which Ignition looks for a revert's data. */
class RpcAnswerError extends AssayError<"chain/insufficient-funds" | "chain/rpc-fault"> {
  constructor(
    method: string,
    message: string,
    readonly data: unknown,
  ) {
    super(rpcErrorCode(message), `the chain refuses ${method}: ${printable(message)}`, { method });
  }
}

/**
 * What Ignition asks for a chain and for signatures. It signs here, so that any JSON-RPC server will do, and asks through an
 * `RpcProvider`, with its time limits and further attempts.
 */
export class SigningProvider implements EIP1193Provider {
  private id = 0;

  constructor(
    private readonly chain: RpcProvider,
    private readonly wallet: Wallet,
    private readonly options: SigningOptions,
  ) {}

  async request({ method, params = [] }: RequestArguments): Promise<unknown> {
    const list = params as unknown[];
    if (method === "eth_accounts") return [this.wallet.address];
    if (method === "eth_sendTransaction") return await this.send(list[0] as CallFields);
    return await this.ask(method, list);
  }

  private async ask(method: string, params: unknown[]): Promise<unknown> {
    const [answer] = await this.chain._send({ id: ++this.id, jsonrpc: "2.0", method, params });
    if (answer !== undefined && "result" in answer) return answer.result;
    const { message, data } = (answer as unknown as { error: { message?: unknown; data?: unknown } }).error;
    throw new RpcAnswerError(method, String(message), data);
  }

  private async send(fields: CallFields): Promise<string> {
    const { address } = this.wallet;
    if (fields.from.toLowerCase() !== address.toLowerCase()) {
      throw new AssayError(
        "deployment/other-account",
        `account ${fields.from} began this deployment and has a transaction under way: continue with its key, not that of ${address}`,
        { expected: fields.from, given: address },
      );
    }
    const raw = await this.wallet.signTransaction(this.complete(fields));
    const hash = Transaction.from(raw).hash!;
    this.options.onSigned({ nonce: Number(fields.nonce), hash, raw }, fields.data);
    try {
      await this.ask("eth_sendRawTransaction", [raw]);
    } catch (error) {
      // A repeated request, or a server that mines at once and reports the revert: the transaction may be there all the same.
      if ((await this.ask("eth_getTransactionByHash", [hash])) === null) throw error;
    }
    return hash;
  }

  private complete({
    to,
    value,
    data,
    nonce,
    gas,
    gasPrice,
    maxFeePerGas,
    maxPriorityFeePerGas,
  }: CallFields): TransactionLike {
    const most = toBigInt(maxFeePerGas ?? gasPrice ?? 0n);
    if (most > this.options.maxFeePerGas) {
      throw new AssayError(
        "chain/fee-cap",
        `cannot deploy: ${most} wei per gas are above the cap of ${this.options.maxFeePerGas}; raise the cap or wait`,
        { given: most, cap: this.options.maxFeePerGas },
      );
    }
    const limit = toBigInt(gas);
    return {
      chainId: this.options.chainId,
      to: to ?? null,
      value,
      data,
      nonce: Number(nonce),
      // What rollups add for their data changes from block to block.
      gasLimit: limit + limit / 8n,
      ...(gasPrice === undefined ? { type: 2, maxFeePerGas, maxPriorityFeePerGas } : { type: 0, gasPrice }),
    } as TransactionLike;
  }
}

/** The parameter of `eth_sendTransaction`, quantities in hexadecimal. */
interface CallFields {
  readonly from: string;
  readonly to?: string;
  readonly value: string;
  readonly data: string;
  readonly nonce: string;
  readonly gas: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
}
