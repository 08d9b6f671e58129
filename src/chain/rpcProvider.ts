import { FetchRequest, type JsonRpcPayload, JsonRpcProvider, type JsonRpcResult, Network } from "ethers";
import { AssayError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import type { ChainRequests, ServerAnswer } from "./chainRequests.ts";
import { type Answered, defaultRpcLimits, RpcEndpoints, type RpcLimits } from "./rpcEndpoints.ts";

export { chainIdOf, defaultRpcLimits, hostOf, type RpcLimits } from "./rpcEndpoints.ts";

/** Addresses of one chain's RPC servers: one, or several in the order of preference. */
export type RpcUrls = string | readonly string[];

const listOf = (urls: RpcUrls): readonly string[] => (typeof urls === "string" ? [urls] : urls);

/**
 * A JSON-RPC provider that never hangs: each request has a time limit and a bounded number of attempts, over all servers that
 * there are, and none of another chain is believed. Answers, also errors that are about the request, are not asked for again.
 * Works in browsers.
 */
export class RpcProvider extends JsonRpcProvider implements ChainRequests {
  private readonly endpoints: RpcEndpoints;
  private readonly cancelled = new AbortController();
  private asked = 0;
  readonly limits: RpcLimits;

  constructor(urls: RpcUrls, chainId: bigint, limits: RpcLimits = defaultRpcLimits) {
    super(new FetchRequest(listOf(urls)[0]!), Network.from(chainId), {
      staticNetwork: true,
      batchMaxCount: 1,
      cacheTimeout: -1,
      pollingInterval: limits.pollMilliseconds,
    });
    this.endpoints = new RpcEndpoints(listOf(urls), chainId, limits);
    this.limits = limits;
  }

  /** Host of the server that has answered last, for messages. */
  get host(): string {
    return this.endpoints.host;
  }

  /** Attempts that failed so far, by host. */
  get failures(): ReadonlyMap<string, number> {
    return this.endpoints.failures;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    // The base class declares results only, but handles errors too.
    return [...(await this.request(payload)).answers] as JsonRpcResult[];
  }

  /** From now on nothing is waited for: what is under way, and all that is asked, fails with `chain/cancelled-fault`. */
  cancel(): void {
    this.cancelled.abort();
  }

  get servers(): number {
    return this.endpoints.size;
  }

  hostOf(server: number): string {
    return this.endpoints.hostOf(server);
  }

  async ask(method: string, params: readonly unknown[], only?: number): Promise<ServerAnswer> {
    const payload = { id: ++this.asked, jsonrpc: "2.0", method, params: [...params] } as const;
    const { answers, server } = await this.request(payload, only);
    const host = this.endpoints.hostOf(server);
    const answer = answers[0]!;
    if ("result" in answer) return { result: answer.result, server, host };
    const said = printable(String((answer.error as { message?: unknown }).message), 200);
    throw new AssayError("chain/rpc-fault", `the RPC server ${host} refuses ${method}: ${said}`, {
      host,
      method,
      server,
    });
  }

  private async request(payload: JsonRpcPayload | JsonRpcPayload[], only?: number): Promise<Answered> {
    const { signal } = this.cancelled;
    return await new Promise((resolve, reject) => {
      const stop = () => reject(new AssayError("chain/cancelled-fault", "requests to the chain have been ended", {}));
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop);
      this.endpoints
        .request(payload, only)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", stop));
    });
  }
}
