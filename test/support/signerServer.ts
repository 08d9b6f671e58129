import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Transaction, type Wallet } from "ethers";

/** A transaction as it stands in the parameters of `eth_signTransaction`. */
export type SigningRequest = Readonly<Record<string, string>>;

export interface SignerServer {
  readonly url: string;
  /** What it was asked. */
  readonly requests: { readonly method: string; readonly request: SigningRequest }[];
  close(): Promise<void>;
}

/** The transaction that a request asks for. */
export function askedFor({ gas, from: _, ...fields }: SigningRequest): Transaction {
  const { type, nonce, chainId, ...rest } = fields;
  return Transaction.from({ ...rest, type: Number(type), nonce: Number(nonce), chainId: chainId!, gasLimit: gas! });
}

/** Signs what it is asked to, as a signer does. */
export async function signedBy(wallet: Wallet, request: SigningRequest): Promise<string> {
  return await wallet.signTransaction(askedFor(request));
}

/**
 * A signer by JSON-RPC over HTTP on a free port.
 * @param sign the result for one transaction; what it throws is the error of the answer. One that never ends is no answer.
 */
export async function startSigner(sign: (request: SigningRequest) => Promise<unknown>): Promise<SignerServer> {
  const requests: SignerServer["requests"] = [];
  const server = createServer(async (incoming, response) => {
    const { id, method, params } = (await json(incoming)) as { id: number; method: string; params: [SigningRequest] };
    requests.push({ method, request: params[0] });
    let answer: object;
    try {
      answer = { result: await sign(params[0]) };
    } catch (error) {
      answer = { error: { code: -32000, message: (error as Error).message } };
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
