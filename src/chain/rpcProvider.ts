import {
  FetchRequest,
  type JsonRpcError,
  type JsonRpcPayload,
  JsonRpcProvider,
  type JsonRpcResult,
  Network,
} from "ethers";
import pRetry, { AbortError } from "p-retry";
import { AssayError } from "../core/errors.ts";
import type { ChainErrorCode } from "./errors.ts";

/** How patient a provider is. */
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

export const defaultRpcLimits: RpcLimits = {
  timeoutMilliseconds: 20_000,
  retries: 4,
  retryMilliseconds: 500,
  pollMilliseconds: 4_000,
};

type Answer = JsonRpcResult | JsonRpcError;

/**
 * A JSON-RPC provider that never hangs: each request has a time limit and a bounded number of attempts. Answers, also
 * those that are errors, are not tried again. Works in browsers.
 */
export class RpcProvider extends JsonRpcProvider {
  readonly #url: string;
  readonly limits: RpcLimits;

  constructor(url: string, chainId: bigint, limits: RpcLimits = defaultRpcLimits) {
    super(new FetchRequest(url), Network.from(chainId), {
      staticNetwork: true,
      batchMaxCount: 1,
      cacheTimeout: -1,
      pollingInterval: limits.pollMilliseconds,
    });
    this.#url = url;
    this.limits = limits;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    // The base class declares results only, but handles errors too.
    return (await requestJson(this.#url, payload, this.limits)) as JsonRpcResult[];
  }
}

/**
 * Asks a server before there is a provider for it: which chain is it?
 * @throws AssayError `chain/unreachable-fault`, `chain/stalled-fault`, `chain/bad-answer-fault`
 */
export async function readChainId(url: string, limits: RpcLimits = defaultRpcLimits): Promise<bigint> {
  const [answer] = await requestJson(url, { id: 1, jsonrpc: "2.0", method: "eth_chainId", params: [] }, limits);
  const given = (answer as JsonRpcResult | undefined)?.result;
  if (typeof given !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(given)) throw badAnswer(url, "eth_chainId", answer);
  return BigInt(given);
}

async function requestJson(
  url: string,
  payload: JsonRpcPayload | JsonRpcPayload[],
  limits: RpcLimits,
): Promise<Answer[]> {
  const method = Array.isArray(payload) ? payload.map((one) => one.method).join(", ") : payload.method;
  return await pRetry(async () => await attempt(url, payload, method, limits), {
    retries: limits.retries,
    minTimeout: limits.retryMilliseconds,
    factor: 2,
    randomize: true,
  });
}

async function attempt(
  url: string,
  payload: JsonRpcPayload | JsonRpcPayload[],
  method: string,
  limits: RpcLimits,
): Promise<Answer[]> {
  let text: string;
  let status: number;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(limits.timeoutMilliseconds),
    });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    throw requestError(cause, url, method, limits);
  }
  if (status === 429 || status >= 500) {
    try {
      return answersOf(url, method, text);
    } catch {
      throw new AssayError<ChainErrorCode>("chain/unreachable-fault", `${hostOf(url)} answers with HTTP ${status}`, {
        host: hostOf(url),
        status,
        method,
      });
    }
  }
  try {
    return answersOf(url, method, text);
  } catch (error) {
    throw new AbortError(error as Error);
  }
}

function answersOf(url: string, method: string, text: string): Answer[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badAnswer(url, method, text);
  }
  const answers = Array.isArray(parsed) ? parsed : [parsed];
  for (const answer of answers) {
    if (typeof answer !== "object" || answer === null || !("result" in answer || "error" in answer)) {
      throw badAnswer(url, method, text);
    }
  }
  return answers as Answer[];
}

function requestError(cause: unknown, url: string, method: string, limits: RpcLimits): AssayError<ChainErrorCode> {
  const host = hostOf(url);
  if (cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError")) {
    return new AssayError<ChainErrorCode>(
      "chain/stalled-fault",
      `${host} did not answer ${method} within ${limits.timeoutMilliseconds} ms`,
      { host, method },
      { cause },
    );
  }
  const inner = (cause as { cause?: { code?: string } }).cause?.code;
  return new AssayError<ChainErrorCode>(
    "chain/unreachable-fault",
    `cannot reach the RPC server ${host}${inner === undefined ? "" : ` (${inner})`}: is it running, is the address right?`,
    { host, method },
    { cause },
  );
}

function badAnswer(url: string, method: string, answer: unknown): AssayError<ChainErrorCode> {
  const host = hostOf(url);
  return new AssayError<ChainErrorCode>(
    "chain/bad-answer-fault",
    `${host} does not answer ${method} as an Ethereum JSON-RPC server does`,
    { host, method, answer: String(typeof answer === "string" ? answer : JSON.stringify(answer)).slice(0, 200) },
  );
}

/** An RPC address without user name, path and query: those often hold an access key and are never shown or logged. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "the RPC address";
  }
}
