import type { Root } from "../../../src/core/bytes.ts";
import { claimIdOf } from "../../../src/protocol/claim.ts";
import { hashWords } from "../../../src/protocol/hash.ts";
import { claimWindowSeconds, disputeSeconds, maxLog2Ticks, splitBond } from "../../../src/protocol/parameters.ts";
import type { Party, Reveal } from "./calls.ts";
import {
  buildOf,
  commitmentKey,
  credit,
  type ModelBuild,
  type ModelChallenge,
  type ModelClaim,
  type ModelState,
  openRoots,
  require,
} from "./modelState.ts";
import { halted, trapped, yielded } from "./toyMachine.ts";

/** The claims' half of the model: commitments, rounds, finality, rewards. */

export function commit(state: ModelState, from: Party, claimId: Root): void {
  const key = commitmentKey(from, claimId);
  require(!state.commitments.has(key), "AlreadyCommitted", claimId);
  const bond = state.parameters.solverBond;
  state.balance += bond;
  state.commitments.set(key, { number: ++state.commits, committedAt: state.now, bond });
}

export function reveal(state: ModelState, from: Party, { fields, salt, startProof, endProof }: Reveal): Root {
  const { parameters, machine, now } = state;
  const claimId = claimIdOf(state.chainId, state.address, from, salt, fields);
  const commitment = state.commitments.get(commitmentKey(from, claimId));
  require(commitment !== undefined && commitment.bond > 0n, "NotCommitted", claimId, from);
  const from_ = commitment.committedAt + parameters.minCommitAgeSeconds;
  const until = commitment.committedAt + parameters.maxCommitAgeSeconds;
  require(now >= from_, "CommitTooYoung", from_, now);
  require(now <= until, "CommitTooOld", until, now);
  const { log2Ticks, log2CheckpointTicks, buildId, finalRoot } = fields;
  const { log2Arity } = parameters;
  require(log2Ticks <= maxLog2Ticks, "TooManyTicks", maxLog2Ticks, log2Ticks);
  require(log2CheckpointTicks <= log2Ticks &&
    log2CheckpointTicks % log2Arity === 0, "CheckpointsMisaligned", log2CheckpointTicks, log2Ticks, log2Arity);
  const window = claimWindowSeconds(parameters, log2Ticks);
  require(window <= parameters.maxWindowSeconds, "WindowTooLong", parameters.maxWindowSeconds, window);
  const build = buildOf(state, buildId);
  require(build.finalizedAt === 0, "BuildIsFinal", buildId);
  const opens = openRoots(build) === 0;
  require(opens || now < build.joinDeadline, "RoundIsClosed", build.joinDeadline, now);
  const start = machine.registers(buildId, startProof);
  require(start.machineVersion ===
    machine.machineVersion, "WrongMachineVersion", machine.machineVersion, start.machineVersion);
  require(start.status === yielded && start.scratchIsZero, "BuildNotReady", start.status, start.scratchIsZero);
  const end = machine.result(finalRoot, endProof);
  require(end.status === halted || end.status === trapped, "FinalStateNotFinal", end.status);
  if (opens) {
    build.joinDeadline = now + Math.max(window, parameters.maxCommitAgeSeconds);
    build.calmSince = 0;
  }
  build.living.set(finalRoot, (build.living.get(finalRoot) ?? 0) + 1);
  const { number, bond } = commitment;
  commitment.bond = 0n;
  state.claims.set(claimId, {
    id: claimId,
    solver: from,
    fields,
    number,
    bond,
    windowEnd: now + window,
    status: "open",
    openChallenges: 0,
  });
  return claimId;
}

export function expireCommit(state: ModelState, solver: Party, claimId: Root): void {
  const key = commitmentKey(solver, claimId);
  const commitment = state.commitments.get(key);
  require(commitment !== undefined && commitment.bond > 0n, "NotCommitted", claimId, solver);
  const until = commitment.committedAt + state.parameters.maxCommitAgeSeconds;
  require(state.now > until, "CommitNotExpired", until, state.now);
  const { paid, burned } = splitBond(commitment.bond, state.parameters.burnPermille);
  commitment.bond = 0n;
  state.burned += burned;
  credit(state, solver, paid);
}

export function livingClaim(state: ModelState, claimId: Root): ModelClaim {
  const claim = state.claims.get(claimId);
  require(claim !== undefined && claim.status === "open", "ClaimNotOpen", claimId, statusNumber(claim));
  return claim;
}

/** Solidity's number of a claim's status. */
export function statusNumber(claim: ModelClaim | undefined): number {
  return claim === undefined ? 0 : { open: 1, refuted: 2, final: 3 }[claim.status];
}

/** Until when the claim can be challenged, exclusive; infinite while the round contradicts itself. */
export function challengeableUntil(state: ModelState, claim: ModelClaim): number {
  const build = buildOf(state, claim.fields.buildId);
  if (openRoots(build) > 1) return Number.POSITIVE_INFINITY;
  return Math.max(claim.windowEnd, reactionEnd(state, build));
}

export function finalizableFrom(state: ModelState, claim: ModelClaim): number {
  const build = buildOf(state, claim.fields.buildId);
  return Math.max(build.joinDeadline, claim.windowEnd, reactionEnd(state, build));
}

function reactionEnd(state: ModelState, build: ModelBuild): number {
  return build.calmSince === 0 ? 0 : build.calmSince + state.parameters.reactionSeconds;
}

export function finalize(state: ModelState, claimId: Root): void {
  const claim = livingClaim(state, claimId);
  const build = buildOf(state, claim.fields.buildId);
  require(openRoots(build) === 1, "ClaimsContradict", claim.fields.buildId, openRoots(build));
  const from = finalizableFrom(state, claim);
  require(state.now >= from, "NotYetFinalizable", from, state.now);
  require(claim.openChallenges === 0, "ChallengesStillOpen", claimId, claim.openChallenges);
  claim.status = "final";
  credit(state, claim.solver, claim.bond);
  if (build.senior === undefined || claim.number < build.senior.number) {
    build.senior = { number: claim.number, solver: claim.solver };
  }
  if (build.finalizedAt === 0) {
    build.finalizedAt = state.now;
    build.finalClaim = claimId;
  }
}

/**
 * Brings a claim down, pays `rewarded`, and ends the challenge that did it. Only this lowers the round's counters, once.
 */
export function refute(state: ModelState, claim: ModelClaim, by: ModelChallenge, rewarded: Party): void {
  const build = buildOf(state, claim.fields.buildId);
  const before = openRoots(build);
  const { finalRoot } = claim.fields;
  claim.status = "refuted";
  build.living.set(finalRoot, build.living.get(finalRoot)! - 1);
  if (before > 1 && openRoots(build) === 1) build.calmSince = state.now;
  const { paid, burned } = splitBond(claim.bond, state.parameters.burnPermille);
  state.burned += burned;
  credit(state, rewarded, paid);
  by.status = "closed";
  credit(state, by.challenger, by.bond);
}

export function request(state: ModelState, from: Party, buildId: Root, expiry: number, amount: bigint): Root {
  require(amount > 0n, "EmptyRequest");
  require(expiry > state.now, "ExpiryInThePast", expiry, state.now);
  const build = buildOf(state, buildId);
  require(build.finalizedAt === 0, "BuildIsFinal", buildId);
  state.balance += amount;
  build.reward += amount;
  const id = hashWords(state.chainId, BigInt(state.address), BigInt(from), buildId, state.requests.size + 1);
  state.requests.set(id, { id, requester: from, buildId, expiry, amount });
  return id;
}

export function refundRequest(state: ModelState, requestId: Root): void {
  const asked = state.requests.get(requestId);
  require(asked !== undefined && asked.amount > 0n, "NoSuchRequest", requestId);
  require(state.now >= asked.expiry, "RequestNotExpired", asked.expiry, state.now);
  const build = buildOf(state, asked.buildId);
  const status = buildStatus(build);
  require(status === "unknown", "BuildNotRefundable", asked.buildId, buildStatusNumber(build));
  build.reward -= asked.amount;
  credit(state, asked.requester, asked.amount);
  asked.amount = 0n;
}

export function payReward(state: ModelState, buildId: Root): void {
  const build = buildOf(state, buildId);
  require(build.finalizedAt !== 0, "BuildNotFinal", buildId, buildStatusNumber(build));
  const due = rewardDueFrom(state, build);
  require(state.now >= due, "RewardNotDue", due, state.now);
  require(build.reward > 0n, "NoReward", buildId);
  credit(state, build.senior!.solver, build.reward);
  build.reward = 0n;
}

export function rewardDueFrom({ parameters }: ModelState, build: ModelBuild): number {
  if (build.finalizedAt === 0) return 0;
  const settled = Math.max(build.finalizedAt, build.joinDeadline + parameters.maxWindowSeconds);
  return settled + disputeSeconds(parameters) + parameters.minResponseSeconds;
}

export function buildStatus(build: ModelBuild): "unknown" | "open" | "contradicted" | "final" {
  if (build.finalizedAt !== 0) return "final";
  const roots = openRoots(build);
  return roots === 0 ? "unknown" : roots === 1 ? "open" : "contradicted";
}

function buildStatusNumber(build: ModelBuild): number {
  return ["unknown", "open", "contradicted", "final"].indexOf(buildStatus(build));
}
