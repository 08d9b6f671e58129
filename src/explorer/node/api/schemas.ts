import { z } from "zod";
import type { Hex, Root } from "../../../core/bytes.ts";
import type { Address } from "../../../protocol/claim.ts";
import {
  type BuildDetail,
  type BuildSummary,
  buildStates,
  type ChainKey,
  type ClaimDetail,
  type ClaimSummary,
  type DisputeDetail,
  type DisputeSummary,
  type IndexedChain,
  type OperatorSummary,
  type SearchHit,
  type Watch,
} from "../../records.ts";

/** The records as JSON Schema has them: what the server answers is documented by these, and tests hold it to them. */
const matching = <T extends string>(pattern: RegExp) => z.string().regex(pattern) as unknown as z.ZodType<T, T>;
export const rootSchema = matching<Root>(/^0x[0-9a-f]{64}$/);
export const addressSchema = matching<Address>(/^0x[0-9a-f]{40}$/);
export const chainSchema = matching<ChainKey>(/^[1-9]\d{0,15}-0x[0-9a-f]{40}$/);
export const stateSchema = z.enum(buildStates);
const hex = matching<Hex>(/^0x[0-9a-f]*$/);
const amount = z.string().regex(/^\d{1,78}$/);
const seconds = z.int().nonnegative();
const count = z.int().nonnegative();
const content = z.strictObject({ id: z.string(), size: count });

const outcome = z.strictObject({
  end: z.enum(["halted", "trapped"]),
  code: z.int(),
  exitCode: z.int().optional(),
  artifactSize: amount,
  artifactSha256: hex,
});

const about = z.strictObject({
  environment: z.strictObject({ name: z.string(), id: rootSchema }).optional(),
  source: z.string().optional(),
  repository: z.string().optional(),
  commit: z.string().optional(),
  builders: z.array(z.string()).optional(),
  input: content.optional(),
  dependencies: content.optional(),
});

const buildFields = {
  chain: chainSchema,
  buildId: rootSchema,
  state: stateSchema,
  claims: count,
  refuted: count,
  disputes: count,
  since: seconds,
  changed: seconds,
  finalizedAt: seconds.optional(),
  outcome: outcome.optional(),
  about,
};

const claimFields = {
  chain: chainSchema,
  claimId: rootSchema,
  buildId: rootSchema,
  solver: addressSchema,
  status: z.enum(["open", "refuted", "final"]),
  outcome,
  finalRoot: rootSchema,
  locator: z.string(),
  block: count,
  revealedAt: seconds,
  windowEnd: seconds,
  finalizableFrom: seconds,
  bond: amount,
  refutation: z
    .strictObject({
      cause: z.enum(["fault", "timeout", "concession"]),
      challengeId: rootSchema,
      rewarded: addressSchema,
      paid: amount,
      burned: amount,
      transaction: hex,
    })
    .optional(),
};

const disputeFields = {
  chain: chainSchema,
  challengeId: rootSchema,
  claimId: rootSchema,
  buildId: rootSchema,
  solver: addressSchema,
  challenger: addressSchema,
  status: z.enum(["open", "lost", "closed"]),
  won: z.boolean(),
  openedAt: seconds,
  changed: seconds,
  moves: count,
};

const buildSummary: z.ZodType<BuildSummary> = z.strictObject(buildFields);
const claimSummary: z.ZodType<ClaimSummary> = z.strictObject(claimFields);
const disputeSummary: z.ZodType<DisputeSummary> = z.strictObject(disputeFields);

const request = z.strictObject({
  requestId: rootSchema,
  requester: addressSchema,
  amount,
  locator: z.string(),
  refunded: z.boolean(),
});

const event = z.strictObject({
  name: z.string(),
  block: count,
  timestamp: seconds,
  transaction: hex,
  args: z.record(z.string(), z.unknown()),
});

const buildDetail: z.ZodType<BuildDetail> = z.strictObject({
  ...buildFields,
  requests: z.array(request),
  claimList: z.array(claimSummary),
  disputeList: z.array(disputeSummary),
  events: z.array(event).max(1000),
  joinDeadline: seconds,
  finalClaim: rootSchema.optional(),
  rewardPaid: z.boolean(),
});

const claimDetail: z.ZodType<ClaimDetail> = z.strictObject({
  ...claimFields,
  log2Ticks: count,
  log2CheckpointTicks: count,
  checkpointRoot: rootSchema,
  disputes: z.array(disputeSummary),
});

const move = z.strictObject({
  by: z.enum(["solver", "challenger", "anyone"]),
  name: z.string(),
  block: count,
  timestamp: seconds,
  transaction: hex,
  range: z
    .strictObject({ level: z.enum(["checkpoints", "ticks", "steps"]), tick: count, from: count, log2Length: count })
    .optional(),
  startRoot: rootSchema.optional(),
  endRoot: rootSchema.optional(),
  roots: z.array(rootSchema).optional(),
  solverLeft: seconds.optional(),
  challengerLeft: seconds.optional(),
});

const disputeDetail: z.ZodType<DisputeDetail> = z.strictObject({
  ...disputeFields,
  moveList: z.array(move),
  claim: claimSummary,
  log2Ticks: count,
  log2Arity: count,
  turn: z.strictObject({ side: z.enum(["solver", "challenger"]), deadline: seconds }).optional(),
  stakeNumber: amount,
});

const operatorSummary: z.ZodType<OperatorSummary> = z.strictObject({
  chain: chainSchema,
  address: addressSchema,
  claims: count,
  final: count,
  refuted: count,
  challenges: count,
  won: count,
  lost: count,
  duties: count,
  medianResponseSeconds: seconds.optional(),
  lastSeen: seconds,
});

const indexedChain: z.ZodType<IndexedChain> = z.strictObject({
  key: chainSchema,
  name: z.string(),
  chainId: count,
  assay: addressSchema,
  block: z.int().min(-1),
  head: z.strictObject({ number: count, timestamp: seconds }).optional(),
  builds: count,
  events: count,
  fault: z.string().optional(),
});

const searchHit: z.ZodType<SearchHit> = z.strictObject({
  kind: z.enum(["build", "claim", "dispute", "operator"]),
  chain: chainSchema,
  id: z.string(),
  text: z.string(),
  state: stateSchema.optional(),
});

const watch: z.ZodType<Watch> = z.strictObject({
  contradicted: z.array(buildSummary),
  unwatched: z.array(claimSummary),
  disputes: z.array(disputeSummary),
});

/** What `status` answers. */
const status = z.strictObject({
  version: z.string(),
  healthy: z.boolean(),
  /** Publications and boards that are still to be read. */
  waiting: count,
  chains: z.array(indexedChain),
});
export type ExplorerStatus = z.infer<typeof status>;

const error = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });

const page = <T>(items: z.ZodType<T>) => z.strictObject({ items: z.array(items), next: z.string().optional() });

/** By the names that the document has for them. */
export const answerSchemas = {
  Outcome: outcome,
  BuildAbout: about,
  BuildSummary: buildSummary,
  BuildDetail: buildDetail,
  ClaimSummary: claimSummary,
  ClaimDetail: claimDetail,
  DisputeSummary: disputeSummary,
  DisputeDetail: disputeDetail,
  OperatorSummary: operatorSummary,
  IndexedChain: indexedChain,
  SearchHit: searchHit,
  Watch: watch,
  Status: status,
  Error: error,
  Chains: page(indexedChain),
  Builds: page(buildSummary),
  Operators: page(operatorSummary),
  SearchHits: page(searchHit),
} as const;
export type AnswerName = keyof typeof answerSchemas;
