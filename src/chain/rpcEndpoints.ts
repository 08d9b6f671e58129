import type { JsonRpcPayload } from "ethers";
import { AssayError } from "../core/errors.ts";
import { pause } from "../core/pause.ts";
import type { RpcFaultCode } from "./errors.ts";
import { type Answer, classify, type Verdict } from "./rpcAnswer.ts";

/** How patient a connection is. */
export interface RpcLimits {
  /** One request; a server that has not answered by then has stalled. */
  readonly timeoutMilliseconds: number;
  /** Further attempts after the first one failed to get an answer. */
  readonly retries: number;
  /** Waiting time before the first further attempt; it doubles each time. */
  readonly retryMilliseconds: number;
  /** How often a server is asked for news while one waits. */
  readonly pollMilliseconds: number;
}

/** Time limits and attempts where nothing else is said. */
export const defaultRpcLimits: RpcLimits = {
  timeoutMilliseconds: 20_000,
  retries: 4,
  retryMilliseconds: 500,
  pollMilliseconds: 4_000,
};

/** One server, and how it has answered of late. */
interface Endpoint {
  readonly url: string;
  /** Failures since its last answer. */
  failures: number;
  /** It is left alone until then, as long as another can be asked. Milliseconds. */
  restsUntil: number;
  /** Since when it refuses: the key is wrong, it is another chain, it speaks no JSON-RPC. Milliseconds. */
  refusedSince?: number;
  /** When it was last seen to be of the right chain. Milliseconds. */
  checkedAt?: number;
}

/** A server that refuses is asked once more after this time, and one that does not is asked again which chain it is of. */
const checkMilliseconds = 60_000;

const askChainId: JsonRpcPayload = { id: 1, jsonrpc: "2.0", method: "eth_chainId", params: [] };
const noChainId = "does not answer eth_chainId as an Ethereum JSON-RPC server does";

export type Payload = JsonRpcPayload | JsonRpcPayload[];

/** What a server has answered, and which one it was. */
export interface Answered {
  readonly answers: readonly Answer[];
  /** Its number in the list. */
  readonly server: number;
}

/**
 * One or several servers of the same chain, in the order in which the operator prefers them. A request goes to the best that is
 * healthy; what fails is tried again, elsewhere first, a bounded number of times.
 */
export class RpcEndpoints {
  /** Attempts that failed, by host. */
  readonly failures = new Map<string, number>();
  private readonly endpoints: readonly Endpoint[];
  /** Of the server that has answered last. */
  private answeredBy: string;

  constructor(
    urls: readonly string[],
    /** Which chain they must be of; undefined as long as nobody knows. */
    private readonly chainId: bigint | undefined,
    readonly limits: RpcLimits,
  ) {
    this.endpoints = urls.map((url) => ({ url, failures: 0, restsUntil: 0 }));
    this.answeredBy = hostOf(urls[0] ?? "");
  }

  /** Host of the server that has answered last, for messages. */
  get host(): string {
    return this.answeredBy;
  }

  /** Number of servers. */
  get size(): number {
    return this.endpoints.length;
  }

  hostOf(server: number): string {
    return hostOf(this.endpoints[server]!.url);
  }

  /**
   * Not `p-retry`: the next attempt may go to another server, and how long to wait is for the server's answer to say.
   * @param only number of the one server that is to answer; by default the best. With others beside it it is asked once: they can be
   * asked instead.
   * @throws AssayError `chain/unreachable-fault`, `chain/stalled-fault`, `chain/rate-limited-fault`, `chain/behind-fault`,
   * `chain/refused-fault`, `chain/bad-answer-fault`, `chain/wrong-chain`: of the last attempt
   */
  async request(payload: Payload, only?: number): Promise<Answered> {
    const method = Array.isArray(payload) ? payload.map((one) => one.method).join(", ") : payload.method;
    let failure: AssayError | undefined;
    const retries = only !== undefined && this.size > 1 ? 0 : this.limits.retries;
    for (let attempt = 0; attempt <= retries; attempt++) {
      const endpoint = this.best(only);
      if (endpoint === undefined) break;
      if (attempt > 0) await pause(this.pauseBefore(endpoint, attempt));
      const verdict = (await this.checkChain(endpoint)) ?? (await this.ask(endpoint, payload, method));
      if (verdict.kind === "answered") {
        endpoint.failures = 0;
        endpoint.restsUntil = 0;
        this.answeredBy = hostOf(endpoint.url);
        return { answers: verdict.answers, server: this.endpoints.indexOf(endpoint) };
      }
      failure = this.note(endpoint, verdict, method);
    }
    throw failure ?? faultOf(this.endpoints[only ?? 0]!.url, method, "chain/unreachable-fault", "is not asked for now");
  }

  /** The first that rests least; undefined when none will ever answer. */
  private best(only?: number): Endpoint | undefined {
    const now = Date.now();
    const asked = only === undefined ? this.endpoints : [this.endpoints[only]!];
    const willing = asked.filter(
      ({ refusedSince }) => refusedSince === undefined || now - refusedSince > checkMilliseconds,
    );
    const awake = willing.find(({ restsUntil }) => restsUntil <= now);
    return awake ?? [...willing].sort((a, b) => a.restsUntil - b.restsUntil)[0];
  }

  /** Asks a server from time to time which chain it is of: addresses are given to others. @returns why it is not to be used. */
  private async checkChain(endpoint: Endpoint): Promise<Extract<Verdict, { kind: "failed" }> | undefined> {
    if (this.chainId === undefined) return undefined;
    if (endpoint.checkedAt !== undefined && Date.now() - endpoint.checkedAt < checkMilliseconds) return undefined;
    const verdict = await this.ask(endpoint, askChainId, "eth_chainId");
    if (verdict.kind === "failed") return verdict;
    const given = chainIdIn(verdict.answers);
    if (given === undefined) {
      return { kind: "failed", code: "chain/bad-answer-fault", why: noChainId, again: false };
    }
    if (given !== this.chainId) {
      const expected = this.chainId;
      const why = `serves chain ${given}, not ${expected}`;
      return { kind: "failed", code: "chain/wrong-chain", why, again: false, expected, given };
    }
    endpoint.checkedAt = Date.now();
    return undefined;
  }

  private async ask({ url }: Endpoint, payload: Payload, method: string): Promise<Verdict> {
    return await ask(url, payload, method, this.limits.timeoutMilliseconds);
  }

  private note(endpoint: Endpoint, verdict: Extract<Verdict, { kind: "failed" }>, method: string): AssayError {
    const { why, again, afterMilliseconds } = verdict;
    endpoint.failures++;
    const host = hostOf(endpoint.url);
    this.failures.set(host, (this.failures.get(host) ?? 0) + 1);
    endpoint.restsUntil = Date.now() + (afterMilliseconds ?? this.limits.retryMilliseconds * 2 ** endpoint.failures);
    delete endpoint.checkedAt;
    if (!again) endpoint.refusedSince = Date.now();
    else delete endpoint.refusedSince;
    if (verdict.code !== "chain/wrong-chain") return faultOf(endpoint.url, method, verdict.code, why);
    const { expected, given } = verdict;
    return new AssayError("chain/wrong-chain", `the RPC server ${host} ${why}`, { host, method, expected, given });
  }

  /** Before the same server is asked again, longer each time; another one is asked at once. */
  private pauseBefore(endpoint: Endpoint, attempt: number): number {
    const rests = Math.max(0, endpoint.restsUntil - Date.now());
    if (endpoint.failures === 0) return 0;
    const { retryMilliseconds } = this.limits;
    const most = Math.max(rests, retryMilliseconds * 2 ** (attempt - 1));
    return most * (1 + Math.random() / 4);
  }
}

/**
 * The id of the chain that the first server that answers is of.
 * @throws AssayError `chain/...-fault`
 */
export async function chainIdOf(urls: readonly string[], limits: RpcLimits = defaultRpcLimits): Promise<bigint> {
  const endpoints = new RpcEndpoints(urls, undefined, limits);
  const given = chainIdIn((await endpoints.request(askChainId)).answers);
  if (given !== undefined) return given;
  throw faultOf(urls[0]!, "eth_chainId", "chain/bad-answer-fault", noChainId);
}

function chainIdIn([answer]: readonly Answer[]): bigint | undefined {
  const given = answer !== undefined && "result" in answer ? answer.result : undefined;
  return typeof given === "string" && /^0x[0-9a-f]{1,16}$/i.test(given) ? BigInt(given) : undefined;
}

async function ask(url: string, payload: Payload, method: string, timeoutMilliseconds: number): Promise<Verdict> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const body = await response.text();
    return classify({ status: response.status, retryAfter: response.headers.get("retry-after"), body, method });
  } catch (cause) {
    if (cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError")) {
      const why = `did not answer ${method} within ${timeoutMilliseconds} ms`;
      return { kind: "failed", code: "chain/stalled-fault", why, again: true };
    }
    const reason = (cause as { cause?: { code?: string } }).cause?.code;
    const why = `cannot be reached${reason === undefined ? "" : ` (${reason})`}: is it running, is the address right?`;
    return { kind: "failed", code: "chain/unreachable-fault", why, again: true };
  }
}

function faultOf(url: string, method: string, code: RpcFaultCode, why: string): AssayError<RpcFaultCode> {
  const host = hostOf(url);
  return new AssayError(code, `the RPC server ${host} ${why}`, { host, method });
}

/** An RPC address without user name, path and query: those often hold an access key and are never shown or logged. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "the RPC address";
  }
}
