import type { HistoryEvent } from "../chain/history.ts";
import type { ChallengeRecord, ClaimRecord, RequestRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import { printable } from "../core/printable.ts";
import { kindOf, type PackedChallenge, unpackChallenge } from "../protocol/challenge.ts";
import type { Address } from "../protocol/claim.ts";
import { challengerDeadline, solverDeadline } from "../protocol/clock.ts";
import type { ChainKey, DisputeMove, EventRecord, Outcome, RequestDetail, TraceRange } from "./records.ts";

/** The most characters of a text that a stranger has written. */
export const mostTextCharacters = 1000;

/** The address of a chain and contract in the page and the index. */
export function chainKeyOf(chainId: number | bigint, assay: string): ChainKey {
  return `${Number(chainId)}-${addressOf(assay)}`;
}

/** Addresses are in lower case in all records. */
export function addressOf(address: string): Address {
  return address.toLowerCase() as Address;
}

export function outcomeOf({ fields: { outcome } }: ClaimRecord): Outcome {
  const hasHalted = outcome.endStatus === 2;
  return {
    end: hasHalted ? "halted" : "trapped",
    code: outcome.code,
    ...(hasHalted && { exitCode: outcome.code }),
    artifactSize: outcome.artifactSize.toString(),
    artifactSha256: outcome.artifactSha256,
  };
}

export function requestDetailOf({ requestId, requester, amount, locator, refunded }: RequestRecord): RequestDetail {
  return {
    requestId,
    requester: addressOf(requester),
    amount: amount.toString(),
    locator: printable(locator, mostTextCharacters),
    refunded,
  };
}

/** An event for people and as JSON. */
export function eventRecordOf({ name, args, block, timestamp, transaction }: HistoryEvent): EventRecord {
  return { name, block, timestamp, transaction, args: plain(args) as Record<string, unknown> };
}

/** What an event did to a challenge; undefined for one that says nothing of it. */
export function disputeMoveOf({ name, args, block, timestamp, transaction }: HistoryEvent): DisputeMove | undefined {
  const by = moversOf(name, args);
  if (by === undefined) return undefined;
  const move = { by, name, block, timestamp, transaction };
  if (args.challenge === undefined) return move;
  const { range, startRoot, endRoot, solverLeft, challengerLeft } = unpackChallenge(args.challenge as PackedChallenge);
  const traceRange: TraceRange = range;
  const roots = args.interiorRoots as readonly Root[] | undefined;
  return {
    ...move,
    ...{ range: traceRange, startRoot, endRoot, solverLeft, challengerLeft },
    ...(roots !== undefined && { roots: [...roots] }),
  };
}

/** Whose turn it is in an open challenge, and the last second of it. */
export function turnOf(
  { at }: ChallengeRecord,
  minResponseSeconds: number,
): { readonly side: "solver" | "challenger"; readonly deadline: number } {
  return kindOf(at) === "answer"
    ? { side: "solver", deadline: solverDeadline(at, minResponseSeconds) }
    : { side: "challenger", deadline: challengerDeadline(at, minResponseSeconds) };
}

function moversOf(name: string, args: HistoryEvent["args"]): DisputeMove["by"] | undefined {
  switch (name) {
    case "ChallengeOpened":
    case "Selected":
      return "challenger";
    case "Answered":
      return "solver";
    case "ChallengeLost":
    case "ChallengeClosed":
      return "anyone";
    case "ClaimRefuted":
      // In the order of the contract's `Refutation`: a fault is proven, a time-out called, a concession made.
      return (["challenger", "anyone", "solver"] as const)[Number(args.cause)];
    default:
      return undefined;
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return printable(value, mostTextCharacters);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
