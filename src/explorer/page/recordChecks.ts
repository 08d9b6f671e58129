import type { Hex, Root } from "../../core/bytes.ts";
import type { Address } from "../../protocol/claim.ts";
import {
  type BuildAbout,
  type BuildDetail,
  type BuildSummary,
  buildStates,
  type ChainKey,
  type ClaimDetail,
  type ClaimSummary,
  type DisputeDetail,
  type DisputeMove,
  type DisputeSummary,
  type EventRecord,
  type IndexedChain,
  type OperatorSummary,
  type Outcome,
  type Page,
  type RequestDetail,
  type SearchHit,
  type TraceRange,
  type Watch,
} from "../records.ts";
import { anything, boolean, type Check, fields, list, matching, number, oneOf, optional, text } from "./check.ts";

const root = matching<Root>(/^0x[0-9a-f]{64}$/, "a root");
const address = matching<Address>(/^0x[0-9a-fA-F]{40}$/, "an address");
const hex = matching<Hex>(/^0x[0-9a-f]*$/, "hexadecimal");
const wei = matching<string>(/^\d{1,78}$/, "an amount");
const chain = matching<ChainKey>(/^\d{1,16}-0x[0-9a-f]{40}$/, "a chain's key");
const content = optional(fields({ id: text, size: number }));

const outcome = fields<Outcome>({
  end: oneOf("halted", "trapped"),
  code: number,
  exitCode: optional(number),
  artifactSize: wei,
  artifactSha256: hex,
});

const about = fields<BuildAbout>({
  environment: optional(fields({ name: text, id: root })),
  source: optional(text),
  repository: optional(text),
  commit: optional(text),
  builders: optional(list(text)),
  input: content,
  dependencies: content,
});

const buildSummaryFields = {
  chain,
  buildId: root,
  state: oneOf(...buildStates),
  claims: number,
  refuted: number,
  disputes: number,
  since: number,
  changed: number,
  finalizedAt: optional(number),
  outcome: optional(outcome),
  about,
};
export const buildSummary: Check<BuildSummary> = fields(buildSummaryFields);

const claimSummaryFields = {
  chain,
  claimId: root,
  buildId: root,
  solver: address,
  status: oneOf("open", "refuted", "final"),
  outcome,
  finalRoot: root,
  locator: text,
  block: number,
  revealedAt: number,
  windowEnd: number,
  finalizableFrom: number,
  bond: wei,
  refutation: optional(
    fields({
      cause: oneOf("fault", "timeout", "concession"),
      challengeId: root,
      rewarded: text,
      paid: wei,
      burned: wei,
      transaction: text,
    }),
  ),
};
const claimSummary: Check<ClaimSummary> = fields(claimSummaryFields);

const disputeSummaryFields = {
  chain,
  challengeId: root,
  claimId: root,
  buildId: root,
  solver: address,
  challenger: address,
  status: oneOf("open", "lost", "closed"),
  won: boolean,
  openedAt: number,
  changed: number,
  moves: number,
};
const disputeSummary: Check<DisputeSummary> = fields(disputeSummaryFields);

const request = fields<RequestDetail>({
  requestId: root,
  requester: address,
  amount: wei,
  locator: text,
  refunded: boolean,
});

const event = fields<EventRecord>({ name: text, block: number, timestamp: number, transaction: text, args: anything });

export const buildDetail: Check<BuildDetail> = fields<BuildDetail>({
  ...buildSummaryFields,
  requests: list(request),
  claimList: list(claimSummary),
  disputeList: list(disputeSummary),
  events: list(event),
  joinDeadline: number,
  finalClaim: optional(root),
  rewardPaid: boolean,
});

export const claimDetail: Check<ClaimDetail> = fields<ClaimDetail>({
  ...claimSummaryFields,
  log2Ticks: number,
  log2CheckpointTicks: number,
  checkpointRoot: root,
  disputes: list(disputeSummary),
});

const range = fields<TraceRange>({
  level: oneOf("checkpoints", "ticks", "steps"),
  tick: number,
  from: number,
  log2Length: number,
});

const move = fields<DisputeMove>({
  by: oneOf("solver", "challenger", "anyone"),
  name: text,
  block: number,
  timestamp: number,
  transaction: text,
  range: optional(range),
  startRoot: optional(root),
  endRoot: optional(root),
  roots: optional(list(root)),
  solverLeft: optional(number),
  challengerLeft: optional(number),
});

export const disputeDetail: Check<DisputeDetail> = fields<DisputeDetail>({
  ...disputeSummaryFields,
  moveList: list(move),
  claim: claimSummary,
  log2Ticks: number,
  log2Arity: number,
  turn: optional(fields({ side: oneOf("solver", "challenger"), deadline: number })),
  stakeNumber: wei,
});

export const operatorSummary: Check<OperatorSummary> = fields<OperatorSummary>({
  chain,
  address,
  claims: number,
  final: number,
  refuted: number,
  challenges: number,
  won: number,
  lost: number,
  duties: number,
  medianResponseSeconds: optional(number),
  lastSeen: number,
});

export const indexedChain: Check<IndexedChain> = fields<IndexedChain>({
  key: chain,
  name: text,
  chainId: number,
  assay: address,
  block: number,
  head: optional(fields({ number, timestamp: number })),
  builds: number,
  events: number,
  fault: optional(text),
});

export const searchHit: Check<SearchHit> = fields<SearchHit>({
  kind: oneOf("build", "claim", "dispute", "operator"),
  chain,
  id: text,
  text,
  state: optional(oneOf(...buildStates)),
});

export const watch: Check<Watch> = fields<Watch>({
  contradicted: list(buildSummary),
  unwatched: list(claimSummary),
  disputes: list(disputeSummary),
});

export function pageOf<T>(each: Check<T>): Check<Page<T>> {
  return fields<Page<T>>({ items: list(each), next: optional(text) });
}
