import type { JsonRpcError, JsonRpcResult } from "ethers";
import { printable } from "../core/printable.ts";
import type { RpcFaultCode } from "./errors.ts";

/** One answer of a JSON-RPC server: a result, or an error that is about the request. */
export type Answer = JsonRpcResult | JsonRpcError;

/** What an HTTP response to a JSON-RPC request comes to. */
export type Verdict =
  | { readonly kind: "answered"; readonly answers: readonly Answer[] }
  | ({
      readonly kind: "failed";
      /** A sentence about the server, without its name: "answers with HTTP 503". */
      readonly why: string;
      /** Whether the same server may answer when it is asked again. */
      readonly again: boolean;
      /** How long the server itself asks to be left alone. */
      readonly afterMilliseconds?: number;
    } & (
      | { readonly code: RpcFaultCode }
      | { readonly code: "chain/wrong-chain"; readonly expected: bigint; readonly given: bigint }
    ));

/** What of an HTTP response decides. */
export interface RpcResponse {
  readonly status: number;
  /** The header Retry-After: seconds, or a date. */
  readonly retryAfter: string | null;
  readonly body: string;
  /** What was asked. */
  readonly method: string;
}

/** The longest that a server is left alone because it says so. */
const longestPause = 60_000;

/**
 * The one place that knows how providers say that they cannot answer now: by HTTP status or by a JSON error, with an error's
 * code or in words. What is left is an answer: a result, or an error about the request itself (a revert, a range that is
 * too large, a nonce that is used), which the next attempt would get again.
 */
export function classify({ status, retryAfter, body, method }: RpcResponse, now = Date.now()): Verdict {
  const answers = parse(body);
  const failed = (code: RpcFaultCode, why: string, again = true): Verdict => {
    const after = pauseIn(retryAfter, now);
    return { kind: "failed", code, why, again, ...(after !== undefined && { afterMilliseconds: after }) };
  };
  const faults = (answers ?? []).flatMap((answer) => ("error" in answer ? [answer.error as RpcFault] : []));
  if (status === 429 || faults.some((fault) => isRateLimit(fault, method))) {
    const said = faults.length > 0 ? ` (${printable(String(faults[0]!.message), 120)})` : "";
    return failed("chain/rate-limited-fault", `allows no more requests for now${said}`);
  }
  if (faults.some(isBehind)) {
    return failed("chain/behind-fault", `lags behind: ${printable(String(faults[0]!.message), 120)}`);
  }
  if (faults.some(isBusy) || (status >= 500 && faults.every(({ code }) => code === -32603))) {
    const said = faults.length > 0 ? `: ${printable(String(faults[0]!.message), 120)}` : "";
    return failed("chain/unreachable-fault", `answers with HTTP ${status}${said}`);
  }
  if (status === 401 || status === 403) {
    return failed("chain/refused-fault", `refuses the request (HTTP ${status}): check the access key`, false);
  }
  if (answers !== undefined) return { kind: "answered", answers };
  // A body that is cut off, or empty, may be whole the next time; a page for people will not.
  const isPage = /^\s*[^\s[{]/.test(body);
  return failed("chain/bad-answer-fault", "does not answer as an Ethereum JSON-RPC server does", !isPage);
}

function parse(body: string): readonly Answer[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const answers = Array.isArray(parsed) ? parsed : [parsed];
  const isAnswer = (answer: unknown) =>
    typeof answer === "object" && answer !== null && ("result" in answer || "error" in answer);
  return answers.length > 0 && answers.every(isAnswer) ? (answers as Answer[]) : undefined;
}

/** What a server says is wrong. It says what it likes: neither field need be what it should be. */
interface RpcFault {
  readonly code: number;
  readonly message?: unknown;
}

/** Words of range limits, which come with the codes of rate limits too: a smaller range helps, waiting does not. */
const rangeWords =
  /block range|range (is )?(too|exceed)|exceeds? .*range|limited to a? ?\d|more than \d+ (results|logs)|too many (results|logs|blocks)|response size/i;

function isRangeLimit({ message }: RpcFault): boolean {
  return rangeWords.test(String(message));
}

function isRateLimit(fault: RpcFault, method: string): boolean {
  if (isRangeLimit(fault)) return false;
  const words =
    /rate.?limit|too many requests|request (count|limit)|requests? per|compute units|capacity|throttl|quota/i;
  if (words.test(String(fault.message))) return true;
  // "Limit exceeded" (EIP-1474) without words of its own: of logs a smaller range may be within it.
  return fault.code === 429 || fault.code === -32029 || (fault.code === -32005 && method !== "eth_getLogs");
}

function isBehind({ message }: RpcFault): boolean {
  return /header not found|(unknown|missing|no such) (block|header)|block .*not (found|available)|missing trie node|state .*(not available|unavailable)|is not synced|still syncing/i.test(
    String(message),
  );
}

function isBusy({ code, message }: RpcFault): boolean {
  return (
    code === -32002 ||
    /timed? ?out|temporarily unavailable|overloaded|try again|upstream|bad gateway/i.test(String(message))
  );
}

function pauseIn(retryAfter: string | null, now: number): number | undefined {
  if (retryAfter === null) return undefined;
  const milliseconds = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isFinite(milliseconds) ? Math.min(longestPause, Math.max(0, milliseconds)) : undefined;
}
