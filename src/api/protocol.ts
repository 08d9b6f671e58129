/**
 * The rules of claims and challenges, without a chain and without a machine: ids, moves, clocks, parameters. Runs in Node and in
 * browsers.
 */
export type { Hex, Root } from "../core/bytes.ts";
export {
  type AssessedClaim,
  type Assessment,
  assessClaim,
  isRightClaim,
  type Start,
  startOfChallenge,
} from "../protocol/assessClaim.ts";
export {
  type Challenge,
  challengeIdOf,
  isOneStep,
  isOneTick,
  type Level,
  type PackedChallenge,
  packChallenge,
  type Range,
  unpackChallenge,
} from "../protocol/challenge.ts";
export { challengerMove } from "../protocol/challengerMove.ts";
export {
  type CheckpointList,
  CheckpointTree,
  checkpointCount,
  decodeCheckpoints,
  encodeCheckpoints,
} from "../protocol/checkpoints.ts";
export {
  type Address,
  type ClaimDetails,
  type ClaimFields,
  type ClaimReference,
  claimIdOf,
  detailsHash,
  detailsOf,
  type Outcome,
  type RequestFields,
  referenceOf,
  requestIdOf,
} from "../protocol/claim.ts";
export { type Clocks, challengerDeadline, isOver, solverDeadline } from "../protocol/clock.ts";
export type { ChallengerMove, Move, SolverMove } from "../protocol/moves.ts";
export {
  claimWindowSeconds,
  disputeSeconds,
  finalityBoundSeconds,
  maxRounds,
  type Parameters,
  rewardBoundSeconds,
  splitBond,
  validateParameters,
} from "../protocol/parameters.ts";
export { solverMove } from "../protocol/solverMove.ts";
export { type RegistersProof, rangeRoots, type TickOpening, type Trace } from "../protocol/trace.ts";
export { type Turn, turnOf } from "../protocol/turn.ts";
export type { ChallengeView, ClaimView, DisputeView } from "../protocol/views.ts";
