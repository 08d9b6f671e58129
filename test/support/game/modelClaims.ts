import type { Root } from "../../../src/core/bytes.ts";
import {
  type ClaimDetails,
  type ClaimReference,
  claimIdOf,
  detailsHash,
  detailsOf,
  maxLocatorBytes,
  type RequestFields,
  referenceOf,
  requestIdOf,
} from "../../../src/protocol/claim.ts";
import { claimWindowSeconds, maxLog2Ticks, rewardDelaySeconds, splitBond } from "../../../src/protocol/parameters.ts";
import type { Call, Party, Reveal } from "./calls.ts";
import {
  buildOf,
  type ClaimStatus,
  type Context,
  claimsOf,
  credit,
  livingRoots,
  type ModelBuild,
  type ModelClaim,
  type ModelState,
  openChallenges,
  pay,
  require,
} from "./modelState.ts";
import { halted, trapped, yielded } from "./toyMachine.ts";

/** The claims' half of the model: commitments, rounds, finality, rewards. */

export function commit({ state, parameters, from, now }: Context, claimId: Root, value: bigint): void {
  require(value === parameters.solverBond, "WrongBond", parameters.solverBond, value);
  require(!state.claims.has(keyOf(from, claimId)), "AlreadyCommitted", claimId);
  state.balance += value;
  const claim = { id: claimId, solver: from, committedAt: now, status: "committed", windowEnd: 0, shown: undefined };
  state.claims.set(keyOf(from, claimId), claim as ModelClaim);
}

export function reveal(context: Context, { fields, salt, startProof, endProof }: Reveal): void {
  const { state, parameters, machine, from, now } = context;
  const { buildId, finalRoot, log2Ticks, log2CheckpointTicks, locator } = fields;
  const outcome = machine.result(finalRoot, endProof);
  require([halted, trapped].includes(outcome.endStatus), "FinalStateNotFinal", outcome.endStatus);
  const bytes = Buffer.byteLength(locator);
  require(bytes <= maxLocatorBytes, "LocatorTooLong", maxLocatorBytes, bytes);
  const reference = referenceOf(from, salt, { ...fields, outcome });
  const claim = commitment(context, from, claimIdOf(context.chainId, context.address, reference));
  const [first, last] = [parameters.minCommitAgeSeconds, parameters.maxCommitAgeSeconds];
  require(now >= claim.committedAt + first, "CommitTooYoung", claim.committedAt + first, now);
  require(now <= claim.committedAt + last, "CommitTooOld", claim.committedAt + last, now);
  const start = machine.registers(buildId, startProof);
  const own = machine.machineVersion;
  require(start.machineVersion === own, "WrongMachineVersion", own, start.machineVersion);
  require(start.status === yielded && start.scratchIsZero, "BuildNotReady", start.status, start.scratchIsZero);
  const build = buildOf(state, buildId);
  const opens = livingRoots(state, buildId).length === 0;
  require(build.final === undefined, "BuildIsFinal", buildId);
  require(opens || now < build.joinDeadline, "RoundIsClosed", build.joinDeadline, now);
  require(log2Ticks <= maxLog2Ticks, "TooManyTicks", maxLog2Ticks, log2Ticks);
  const aligned = log2CheckpointTicks <= log2Ticks && log2CheckpointTicks % parameters.log2Arity === 0;
  require(aligned, "CheckpointsMisaligned", log2CheckpointTicks, log2Ticks, parameters.log2Arity);
  const window = claimWindowSeconds(parameters, log2Ticks);
  require(window <= parameters.maxWindowSeconds, "WindowTooLong", parameters.maxWindowSeconds, window);
  if (opens) {
    build.joinDeadline = now + parameters.baseWindowSeconds;
    build.contradictionEndedAt = 0;
    build.firstRoot = finalRoot;
  }
  claim.status = "open";
  claim.windowEnd = now + window;
  claim.shown = { reference, details: detailsOf({ ...fields, outcome }, salt) };
}

export function expireCommit(context: Context, solver: Party, claimId: Root): void {
  const { state, parameters, now } = context;
  const claim = commitment(context, solver, claimId);
  const until = claim.committedAt + parameters.maxCommitAgeSeconds;
  require(now > until, "CommitNotExpired", until, now);
  claim.status = "returned";
  const { paid, burned } = splitBond(parameters.solverBond, parameters.burnPermille);
  state.burned += burned;
  pay(context, solver, paid);
}

/** A commitment that could not be revealed in time returns in full. */
export function returnCommit(context: Context, reference: ClaimReference): void {
  const { state, parameters } = context;
  const claim = commitment(context, reference.solver, idOf(context, reference));
  const earliest = claim.committedAt + parameters.minCommitAgeSeconds;
  const build = buildOf(state, reference.buildId);
  const closed = livingRoots(state, reference.buildId).length > 0 && build.joinDeadline <= earliest;
  require(closed, "CommitRevealable", earliest, build.joinDeadline);
  claim.status = "returned";
  pay(context, reference.solver, parameters.solverBond);
}

export function finalize(context: Context, reference: ClaimReference, details: ClaimDetails): void {
  const { state, parameters, now } = context;
  requireDetails(reference, details);
  const claim = openClaim(context, reference);
  const build = buildOf(state, reference.buildId);
  const roots = new Set(livingRoots(state, reference.buildId)).size;
  require(roots === 1, "ClaimsContradict", reference.buildId, roots);
  const from = calmEnd(context, claim, build);
  require(now >= from, "NotYetFinalizable", from, now);
  const open = openChallenges(state, claim);
  require(open === 0, "ChallengesStillOpen", claim.id, open);
  claim.status = "final";
  claim.endedAt = now;
  build.final ??= { at: now, outcome: details.outcome };
  pay(context, claim.solver, parameters.solverBond);
}

/** Brings a claim down for good and pays the challenger who did it. */
export function refute(context: Context, claim: ModelClaim, challenger: Party): void {
  const { state, parameters, now } = context;
  const { buildId } = claim.shown!.reference;
  const build = buildOf(state, buildId);
  const roots = () => new Set(livingRoots(state, buildId)).size;
  const before = roots();
  claim.status = "refuted";
  claim.endedAt = now;
  if (before > 1 && roots() === 1) build.contradictionEndedAt = now;
  const { paid, burned } = splitBond(parameters.solverBond, parameters.burnPermille);
  state.burned += burned;
  credit(context, challenger, paid);
}

export function request(context: Context, { buildId, expiry, number, value }: Call & { kind: "request" }): void {
  const { state, from, now } = context;
  require(value > 0n, "EmptyRequest");
  require(expiry > now, "ExpiryInThePast", expiry, now);
  const build = buildOf(state, buildId);
  require(build.final === undefined, "BuildIsFinal", buildId);
  const id = requestIdOf({ requester: from, buildId, expiry, number });
  require((state.requests.get(id) ?? 0n) === 0n, "AlreadyRequested", id);
  state.balance += value;
  build.reward += value;
  state.requests.set(id, value);
}

export function refundRequest(context: Context, made: RequestFields): void {
  const { state, now } = context;
  const id = requestIdOf(made);
  const amount = state.requests.get(id) ?? 0n;
  require(amount > 0n, "NoSuchRequest", id);
  require(now >= made.expiry, "RequestNotExpired", made.expiry, now);
  const status = buildStatus(state, made.buildId);
  require(status === "unknown", "BuildNotRefundable", made.buildId, buildStatuses.indexOf(status));
  buildOf(state, made.buildId).reward -= amount;
  state.requests.set(id, 0n);
  pay(context, made.requester, amount);
}

export function payReward(context: Context, buildId: Root): void {
  const { state, parameters, now } = context;
  const build = buildOf(state, buildId);
  const status = buildStatuses.indexOf(buildStatus(state, buildId));
  require(build.final !== undefined, "BuildNotFinal", buildId, status);
  const open = claimsOf(state, buildId, "open").length;
  const late = lateRewardFrom(parameters, build);
  require(open === 0 || now >= late, "RewardNotDue", late, open, now);
  require(build.reward > 0n, "NoReward", buildId);
  const amount = build.reward;
  build.reward = 0n;
  build.paidTo = seniorOf(state, buildId)!.solver;
  pay(context, build.paidTo, amount);
}

/** The settled claim that was committed to first; of several in one second the one with the lowest id. */
export function seniorOf(state: ModelState, buildId: Root): ModelClaim | undefined {
  const isBefore = (a: ModelClaim, b: ModelClaim) => a.committedAt - b.committedAt || (a.id < b.id ? -1 : 1);
  return claimsOf(state, buildId, "final").sort(isBefore)[0];
}

/** When the reward is due although claims are still open. */
export function lateRewardFrom(parameters: Context["parameters"], { joinDeadline, final }: ModelBuild): number {
  return Math.max(final!.at, joinDeadline + parameters.maxWindowSeconds) + rewardDelaySeconds(parameters);
}

const buildStatuses = ["unknown", "open", "contradicted", "final"] as const;

export function buildStatus(state: ModelState, buildId: Root): (typeof buildStatuses)[number] {
  if (buildOf(state, buildId).final !== undefined) return "final";
  return buildStatuses[Math.min(2, new Set(livingRoots(state, buildId)).size)]!;
}

/** Until when the claim can be challenged, exclusive; infinite while the round contradicts itself. */
export function challengeableUntil(context: Context, claim: ModelClaim): number {
  const { buildId } = claim.shown!.reference;
  if (buildStatus(context.state, buildId) === "contradicted") return Number.POSITIVE_INFINITY;
  return calmEnd(context, claim, buildOf(context.state, buildId));
}

/** The later of the window's end and the end of the reaction time. */
function calmEnd(
  { parameters }: Context,
  { windowEnd }: ModelClaim,
  { contradictionEndedAt, final }: ModelBuild,
): number {
  if (contradictionEndedAt === 0 || final !== undefined) return windowEnd;
  return Math.max(windowEnd, contradictionEndedAt + parameters.reactionSeconds);
}

/** The claim that a reference names, if it is open. */
export function openClaim(context: Context, reference: ClaimReference): ModelClaim {
  const id = idOf(context, reference);
  const claim = context.state.claims.get(keyOf(reference.solver, id));
  require(claim?.status === "open", "ClaimNotOpen", id, statusNumber(claim));
  return claim;
}

export function claimOf(context: Context, reference: ClaimReference): ModelClaim | undefined {
  return context.state.claims.get(keyOf(reference.solver, idOf(context, reference)));
}

export function idOf({ chainId, address }: Context, reference: ClaimReference): Root {
  return claimIdOf(chainId, address, reference);
}

export function requireDetails(reference: ClaimReference, details: ClaimDetails): void {
  const given = detailsHash(details);
  require(given === reference.details, "DetailsMismatch", reference.details, given);
}

/** Solidity's number of a claim's status. */
export function statusNumber(claim: ModelClaim | undefined): number {
  const order: readonly ClaimStatus[] = ["committed", "open", "refuted", "final", "returned"];
  return claim === undefined ? 0 : order.indexOf(claim.status) + 1;
}

function commitment({ state }: Context, solver: Party, id: Root): ModelClaim {
  const claim = state.claims.get(keyOf(solver, id));
  require(claim?.status === "committed", "NotCommitted", id, solver, statusNumber(claim));
  return claim;
}

function keyOf(solver: Party, claimId: Root): string {
  return `${solver}/${claimId}`;
}
