import type { Root } from "../../../src/core/bytes.ts";
import {
  type Challenge,
  challengeIdOf,
  challengeWord,
  isOneStep,
  isOneTick,
  type Range,
  stakeKeyOf,
} from "../../../src/protocol/challenge.ts";
import { checkpointCount, checkpointLeaf } from "../../../src/protocol/checkpoints.ts";
import type { ClaimReference } from "../../../src/protocol/claim.ts";
import { hashPair, zeroRoot } from "../../../src/protocol/hash.ts";
import type { Move, OpenTick, PostRow, Select, SelectFault, Selection } from "../../../src/protocol/moves.ts";
import { splitBond } from "../../../src/protocol/parameters.ts";
import { rowBits } from "../../../src/protocol/ranges.ts";
import { rootOfChild, rowRoot } from "../../../src/protocol/row.ts";
import type { ChallengeCall } from "./calls.ts";
import { challengeableUntil, claimOf, idOf, openClaim, refute, requireDetails, statusNumber } from "./modelClaims.ts";
import { type Context, coveredBy, credit, type ModelChallenge, ModelRevert, pay, require } from "./modelState.ts";
import { running } from "./toyMachine.ts";

/** The disputes' half of the model: stakes, challenges, their turns and ends. */

export function challenge(context: Context, call: ChallengeCall): void {
  const { state, parameters, from, now } = context;
  const { claim: reference, stakeNumber, value } = call;
  if (call.start.kind === "checkpoints") requireDetails(reference, call.details);
  const claim = openClaim(context, reference);
  const place = startOf(call);
  const until = challengeableUntil(context, claim);
  require(now < until, "WindowIsOver", until, now);
  const stakeKey = stakeKeyOf(from, reference.buildId, stakeNumber);
  const id = challengeIdOf(stakeKey, claim.id);
  require(state.challenges.get(id)?.status !== "open", "AlreadyChallenged", id);
  const stake = state.stakes.get(stakeKey);
  require(stake === undefined || stake.status === "live", "StakeNotLive", stakeKey, stakeStatusNumber(stake?.status));
  const price = stake === undefined ? parameters.challengerBond : 0n;
  require(value === price, "WrongBond", price, value);
  state.balance += value;
  state.stakes.set(stakeKey, { challenger: from, buildId: reference.buildId, number: stakeNumber, status: "live" });
  const { solverBudgetSeconds: solverLeft, challengerBudgetSeconds: challengerLeft } = parameters;
  const parties = { id, challenger: from, solver: claim.solver };
  const at = { ...parties, ...place, row: zeroRoot, since: now, solverLeft, challengerLeft };
  state.challenges.set(id, { claim, stakeKey, status: "open", at, roots: [] });
}

function startOf({ claim, details, start }: ChallengeCall): Pick<Challenge, "range" | "startRoot" | "endRoot"> {
  const { buildId, finalRoot, log2Ticks } = claim;
  const ticks = (from: number, log2Length: number): Range => ({ level: "ticks", tick: 0, from, log2Length });
  if (start.kind === "whole") return { range: ticks(0, log2Ticks), startRoot: buildId, endRoot: finalRoot };
  const { index } = start;
  const { log2CheckpointTicks, checkpointRoot } = details;
  const count = checkpointCount(log2Ticks, log2CheckpointTicks) + 1;
  require(index >= 0 && index < count, "NoSuchCheckpoint", count, index);
  // The two ends of the list are the claim's own; what the challenger says of them is not looked at.
  const proven = (at: number, root: Root, proof: readonly Root[]): Root => {
    const reached = proof.reduce((a, b) => (a < b ? hashPair(a, b) : hashPair(b, a)), checkpointLeaf(at, root));
    require(reached === checkpointRoot, "CheckpointNotProven", at, root);
    return root;
  };
  const startRoot = index === 0 ? buildId : proven(index, start.startRoot, start.startProof);
  const endRoot = index + 1 === count ? finalRoot : proven(index + 1, start.endRoot, start.endProof);
  return { range: ticks(index * 2 ** log2CheckpointTicks, log2CheckpointTicks), startRoot, endRoot };
}

export function move(context: Context, made: Move): void {
  switch (made.kind) {
    case "postRow":
      return postRow(context, made);
    case "openTick":
      return openTick(context, made);
    case "select":
      return select(context, made);
    case "selectFault":
      return selectFault(context, made);
    case "proveFault": {
      const { at } = found(context, made.shown);
      require(at.row === zeroRoot, "WrongRange", ...placeOf(at.range));
      return refuteStep(context, at, made);
    }
    case "concede":
      requireSolversTurn(context, made.shown);
      require(context.from === made.claim.solver, "NotSolver", made.claim.solver, context.from);
      return refuteBy(context, made);
    case "timeoutSolver":
      requireOver(context, solverDeadline(context, requireSolversTurn(context, made.shown)));
      return refuteBy(context, made);
    case "timeoutChallenger":
      return timeoutChallenger(context, made);
    case "closeChallenge":
      return closeChallenge(context, made);
  }
}

/** The challenge, if it is open and stands where the mover believes. */
function found({ state }: Context, shown: Challenge): ModelChallenge {
  const challenge = state.challenges.get(shown.id);
  require(challenge?.status === "open", "ChallengeNotOpen", shown.id);
  const [stored, given] = [challengeWord(challenge.at), challengeWord(shown)];
  require(stored === given, "ChallengeMismatch", stored, given);
  return challenge;
}

/** A range longer than one step without a row waits for its solver, everything else for its challenger. */
function isSolversTurn({ row, range }: Challenge): boolean {
  return row === zeroRoot && !isOneStep(range);
}

function requireSolversTurn(context: Context, shown: Challenge): Challenge {
  const { at } = found(context, shown);
  require(isSolversTurn(at), "NotSolversTurn");
  return at;
}

function solverDeadline({ parameters }: Context, { since, solverLeft }: Challenge): number {
  return since + Math.max(solverLeft, parameters.minResponseSeconds);
}

function challengerDeadline({ parameters }: Context, { since, challengerLeft }: Challenge): number {
  return since + Math.max(challengerLeft, parameters.minResponseSeconds);
}

function requireInTime({ now }: Context, deadline: number): void {
  require(now <= deadline, "DeadlinePassed", deadline, now);
}

function requireOver({ now }: Context, deadline: number): void {
  require(now > deadline, "DeadlineNotPassed", deadline, now);
}

function requireAnswerable(context: Context, shown: Challenge): Challenge {
  // An answer does not show the row, which is 0 before it.
  const at = requireSolversTurn(context, { ...shown, row: zeroRoot });
  require(context.from === at.solver, "NotSolver", at.solver, context.from);
  requireInTime(context, solverDeadline(context, at));
  return at;
}

/** The row over a range, after which it is the challenger's turn. */
function answer(context: Context, at: Challenge, roots: readonly Root[]): void {
  const expected = 2 ** rowBits(at.range.log2Length, context.parameters.log2Arity) - 1;
  require(roots.length === expected, "WrongRowLength", expected, roots.length);
  const challenge = context.state.challenges.get(at.id)!;
  const solverLeft = Math.max(0, at.solverLeft - (context.now - at.since));
  const row = expected === 0 ? zeroRoot : rowRoot(at.startRoot, roots);
  challenge.at = { ...at, solverLeft, since: context.now, row };
  challenge.roots = roots;
}

function postRow(context: Context, { shown, roots }: PostRow): void {
  const at = requireAnswerable(context, shown);
  require(at.range.log2Length > 0, "WrongRange", ...placeOf(at.range));
  answer(context, at, roots);
}

function openTick(context: Context, { shown, opening, roots }: OpenTick): void {
  const at = requireAnswerable(context, shown);
  require(isOneTick(at.range), "WrongRange", ...placeOf(at.range));
  const { log2Steps, start, end } = opening;
  const { maxLog2Steps } = context.parameters;
  require(log2Steps <= maxLog2Steps, "TooManySteps", maxLog2Steps, log2Steps);
  require(context.machine.registers(at.endRoot, end).status !== running, "TickEndsRunning");
  const startRoot = context.machine.resume(at.startRoot, start);
  const range: Range = { level: "steps", tick: at.range.from, from: 0, log2Length: log2Steps };
  answer(context, { ...at, range, startRoot }, roots);
}

function select(context: Context, { shown, selection }: Select): void {
  const next = selected(context, shown, selection);
  const challenge = context.state.challenges.get(shown.id)!;
  challenge.at = next;
  challenge.roots = [];
}

/** Where a selection leads. */
function selected(context: Context, shown: Challenge, selection: Selection): Challenge {
  const { parameters, from, now } = context;
  const { at } = found(context, shown);
  require(at.row !== zeroRoot, "NotAnswered", at.id);
  require(from === at.challenger, "NotChallenger", at.challenger, from);
  requireInTime(context, challengerDeadline(context, at));
  const bits = rowBits(at.range.log2Length, parameters.log2Arity);
  const { child, siblings } = selection;
  require(child < 2 ** bits, "NoSuchChild", 2 ** bits, child);
  const startRoot = child === 0 ? at.startRoot : selection.startRoot;
  const endRoot = child === 2 ** bits - 1 ? at.endRoot : selection.endRoot;
  const row = rootOfSelection(child, bits, startRoot, endRoot, siblings);
  require(row === at.row, "RowMismatch", at.row, row);
  const log2Length = at.range.log2Length - bits;
  const range = { ...at.range, from: at.range.from + child * 2 ** log2Length, log2Length };
  const challengerLeft = Math.max(0, at.challengerLeft - (now - at.since));
  return { ...at, range, startRoot, endRoot, row: zeroRoot, since: now, challengerLeft };
}

function rootOfSelection(child: number, bits: number, start: Root, end: Root, siblings: readonly Root[]): Root {
  try {
    return rootOfChild(child, bits, start, end, siblings);
  } catch {
    throw new ModelRevert("WrongSiblingCount");
  }
}

function selectFault(context: Context, made: SelectFault): void {
  refuteStep(context, selected(context, made.shown, made.selection), made);
}

interface Ending {
  readonly shown: Challenge;
  readonly claim: ClaimReference;
  readonly stakeNumber: bigint;
}

/** The claim falls if the challenge's one step does not end where the solver says. */
function refuteStep(context: Context, at: Challenge, made: Ending & { readonly witness: Uint8Array }): void {
  require(isOneStep(at.range), "WrongRange", ...placeOf(at.range));
  const reached = context.machine.step(at.startRoot, made.witness);
  require(reached !== at.endRoot, "StepIsCorrect", reached);
  refuteBy(context, made);
}

function refuteBy(context: Context, made: Ending): void {
  const claim = openClaim(context, made.claim);
  const challenge = requireSame(context, made);
  challenge.status = "closed";
  refute(context, claim, challenge.at.challenger);
}

/** A challenge is lost, and with it its stake, if that was live. */
function timeoutChallenger(context: Context, made: Ending): void {
  const { state, parameters } = context;
  const { at } = found(context, made.shown);
  require(!isSolversTurn(at), "NotChallengersTurn");
  requireOver(context, challengerDeadline(context, at));
  const claim = openClaim(context, made.claim);
  const challenge = requireSame(context, made);
  challenge.status = "lost";
  challenge.lostAt = context.now;
  const stake = state.stakes.get(challenge.stakeKey)!;
  if (stake.status !== "live") return;
  stake.status = "lost";
  const several = coveredBy(state, challenge.stakeKey).length > 1;
  const { challengerBond, burnPermille } = parameters;
  const { paid } = several ? { paid: 0n } : splitBond(challengerBond, burnPermille);
  state.burned += challengerBond - paid;
  if (paid > 0n) credit(context, claim.solver, paid);
}

function closeChallenge(context: Context, made: Ending): void {
  found(context, made.shown);
  const claim = claimOf(context, made.claim);
  require(claim?.status === "refuted", "ClaimNotRefuted", idOf(context, made.claim), statusNumber(claim));
  requireSame(context, made).status = "closed";
}

/** The challenge, if claim and stake are the ones it is about. */
function requireSame(context: Context, { shown, claim, stakeNumber }: Ending): ModelChallenge {
  const given = challengeIdOf(stakeKeyOf(shown.challenger, claim.buildId, stakeNumber), idOf(context, claim));
  require(given === shown.id, "OtherChallenge", shown.id, given);
  return context.state.challenges.get(shown.id)!;
}

export function returnStake(context: Context, buildId: Root, stakeNumber: bigint): void {
  const { state, parameters, from } = context;
  const key = stakeKeyOf(from, buildId, stakeNumber);
  const stake = state.stakes.get(key);
  require(stake?.status === "live", "StakeNotLive", key, stakeStatusNumber(stake?.status));
  const open = coveredBy(state, key).filter(({ status }) => status === "open").length;
  require(open === 0, "StakeInUse", key, open);
  stake.status = "returned";
  pay(context, from, parameters.challengerBond);
}

function stakeStatusNumber(status: "live" | "lost" | "returned" | undefined): number {
  return status === undefined ? 0 : ["live", "lost", "returned"].indexOf(status) + 1;
}

function placeOf({ level, log2Length }: Range): readonly [number, number] {
  return [level === "ticks" ? 0 : 1, log2Length];
}
