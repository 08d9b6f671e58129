/**
 * The contracts on a chain: connect, follow what happens, send calls. Runs in Node and in browsers.
 */
export {
  type AssayChain,
  chainTime,
  confirmedBlock,
  connect,
  createAssaySender,
  type Deployment,
} from "../chain/assay.ts";
export { assayCalls, requestIn, saltOf } from "../chain/claims.ts";
export { type ChainErrorCode, decodeRevert, type Revert, revertOf } from "../chain/errors.ts";
export { History, type HistoryEvent } from "../chain/history.ts";
export { Ledger, type LedgerOptions, type News } from "../chain/ledger.ts";
export type { LedgerEvent } from "../chain/ledgerEvents.ts";
export { type LedgerStore, MemoryLedgerStore } from "../chain/ledgerStore.ts";
export { callOfMove } from "../chain/moves.ts";
export { type Call, defaultFeePolicy, type FeePolicy } from "../chain/outbox/call.ts";
export { type ProvenStep, provenStep } from "../chain/provenStep.ts";
export type {
  BuildRecord,
  ChallengeRecord,
  ClaimRecord,
  Refutation,
  RequestRecord,
  StakeRecord,
} from "../chain/records.ts";
export { RemoteSigner, type RemoteSignerOptions } from "../chain/remoteSigner.ts";
export { chainIdOf, defaultRpcLimits, type RpcLimits, RpcProvider, type RpcUrls } from "../chain/rpcProvider.ts";
export type { Sender, SenderOptions } from "../chain/sender.ts";
