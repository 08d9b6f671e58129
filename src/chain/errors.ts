import { type Interface, isError } from "ethers";
import type { Hex, Root } from "../core/bytes.ts";
import { AssayError, type ErrorCodeOf, isAssayError, type NoDetails } from "../core/errors.ts";
import { printable } from "../core/printable.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "chain/unreachable-fault": RpcPlace;
    "chain/stalled-fault": RpcPlace;
    "chain/rate-limited-fault": RpcPlace;
    "chain/behind-fault": { host?: string; method?: string };
    "chain/refused-fault": RpcPlace;
    "chain/cancelled-fault": NoDetails;
    "chain/reorganised-fault": { number: number };
    /** A server's error about the request itself. */
    "chain/rpc-fault": { host?: string; method?: string; server?: number; action?: string };
    /** A server's logs of a block contradict the block. */
    "chain/contradiction-fault": { number: number; host: string };
    "chain/no-agreement-fault": { number: number; agreed: number; wanted: number; hosts: readonly string[] };
    "chain/no-block-tag": { tag: string; host: string };
    /** Chain ids, or the hashes of one block. */
    "chain/wrong-chain": {
      expected: bigint | string | undefined;
      given: bigint | string;
      host?: string;
      method?: string;
    };
    "chain/no-contract": { address: string };
    "chain/other-contract": { address: string; expected?: string; given?: string };
    /** Code hashes with `address`, otherwise versions of the machine. */
    "chain/other-machine": { expected: string; given: string; address: string } | { expected: number; given: number };
    /** A contract's error: `name` is empty when it has said nothing. */
    "chain/reverted": Revert & { data: string; action: string };
    "chain/insufficient-funds":
      | { action: string }
      | { method: string }
      | { address: string; balance: bigint; needed: bigint };
    /** What the chain asks for and the cap, in wei per gas. */
    "chain/fee-cap": { given?: bigint; cap?: bigint; action?: string };
    "chain/replaced": { action?: string; nonce?: number };
    "chain/stuck-fault": { action: string };
    "chain/bad-key": { file?: string };
    "chain/key-permissions": { file: string; mode: string };
    "chain/signer-fault": { host: string };
    "chain/bad-signature": { host: string };
    "chain/bad-answer-fault": { host: string; method?: string } | { number: number } | { buildId: Root };
  }
}

/** What a server does instead of answering. */
export type RpcFaultCode =
  | "chain/unreachable-fault"
  | "chain/stalled-fault"
  | "chain/rate-limited-fault"
  | "chain/behind-fault"
  | "chain/refused-fault"
  | "chain/bad-answer-fault";

/** Which server was asked for what. */
interface RpcPlace {
  readonly host: string;
  readonly method: string;
}

/**
 * What can go wrong between us and a chain. `chain/reverted` is a fact about a call: `details.name` and `details.args` hold
 * the contract's error. Codes that end in `-fault` are about the way there and say nothing about the protocol.
 */
export type ChainErrorCode = ErrorCodeOf<"chain">;

/** A contract's custom error, decoded. */
export interface Revert {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The revert behind an error, if it is one. */
export function revertOf(error: unknown): Revert | undefined {
  if (!isAssayError(error, "chain/reverted")) return undefined;
  const { name, args } = error.details;
  return { name, args };
}

/**
 * The one place where what ethers or an RPC server threw becomes an `AssayError`.
 * @param abis interfaces whose custom errors may occur.
 * @param action what was tried, for the message: "read the claim", "post a row".
 */
export function chainError(error: unknown, abis: readonly Interface[], action: string): AssayError {
  if (isAssayError(error)) return error;
  const data = revertData(error);
  if (data !== undefined && data !== "0x") {
    const { name, args } = decodeRevert(data, abis);
    const facts = args.map((value) => String(value)).join(", ");
    return new AssayError(
      "chain/reverted",
      `cannot ${action}: the contract says ${name}(${facts})`,
      { name, args, data, action },
      { cause: error },
    );
  }
  const make = (code: "chain/insufficient-funds" | "chain/replaced" | "chain/rpc-fault", message: string) =>
    new AssayError(code, message, { action }, { cause: error });
  if (isError(error, "INSUFFICIENT_FUNDS")) {
    return make("chain/insufficient-funds", `cannot ${action}: the account cannot pay value and gas; send it ether`);
  }
  if (isError(error, "NONCE_EXPIRED") || isError(error, "REPLACEMENT_UNDERPRICED")) {
    return make("chain/replaced", `cannot ${action}: another transaction has its nonce`);
  }
  if (isError(error, "CALL_EXCEPTION")) {
    return new AssayError(
      "chain/reverted",
      `cannot ${action}: the call failed without a reason`,
      { name: "", args: [], data: "0x", action },
      { cause: error },
    );
  }
  const why = rpcMessage(error);
  if (rpcErrorCode(why) === "chain/insufficient-funds") {
    return make("chain/insufficient-funds", `cannot ${action}: the account cannot pay value and gas; send it ether`);
  }
  return make("chain/rpc-fault", `cannot ${action}: ${printable(why)}`);
}

/** What a server's error about a request is, by its words. */
export function rpcErrorCode(message: string): "chain/insufficient-funds" | "chain/rpc-fault" {
  const isPoor = /insufficient funds|doesn't have enough funds/i.test(message);
  return isPoor ? "chain/insufficient-funds" : "chain/rpc-fault";
}

/** Decodes revert data with the first interface that knows the error; otherwise names it by its first four bytes. */
export function decodeRevert(data: string, abis: readonly Interface[]): Revert {
  for (const abi of abis) {
    try {
      const parsed = abi.parseError(data);
      if (parsed !== null) return { name: parsed.name, args: [...parsed.args] };
    } catch {
      // Not an error of this interface, or its arguments are cut off: the next may know it.
    }
  }
  return { name: `unknown error ${data.slice(0, 10)}`, args: [] };
}

/** Digs raw revert data out of what ethers, a JSON-RPC server or a simulated network threw. */
function revertData(error: unknown): Hex | undefined {
  let inner = error;
  for (let depth = 0; depth < 8 && typeof inner === "object" && inner !== null; depth++) {
    const { data, info, error: nested, cause } = inner as Record<string, unknown>;
    if (typeof data === "string" && /^0x([0-9a-f]{2})*$/i.test(data)) return data as Hex;
    if (typeof data === "object" && data !== null && typeof (data as { data?: unknown }).data === "string") {
      return (data as { data: Hex }).data;
    }
    inner = (info as { error?: unknown } | undefined)?.error ?? nested ?? cause;
  }
  return undefined;
}

function rpcMessage(error: unknown): string {
  const {
    info,
    error: nested,
    shortMessage,
    message,
  } = error as {
    info?: { error?: { message?: string } };
    error?: { message?: string };
    shortMessage?: string;
    message?: string;
  };
  return info?.error?.message ?? nested?.message ?? shortMessage ?? message ?? String(error);
}
