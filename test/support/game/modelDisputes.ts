import type { Root } from "../../../src/core/bytes.ts";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import { checkpointCount, checkpointLeaf } from "../../../src/protocol/checkpoints.ts";
import { challengerDeadline, clocksAfterSelect, solverDeadline } from "../../../src/protocol/clock.ts";
import { hashPair, zeroRoot } from "../../../src/protocol/hash.ts";
import type { OpenTick, PostRow, Select, Selection } from "../../../src/protocol/moves.ts";
import { type Cursor, nodeOf } from "../../../src/protocol/node.ts";
import { splitBond } from "../../../src/protocol/parameters.ts";
import { rowBits } from "../../../src/protocol/ranges.ts";
import { contentOf, isStepParent, type Reveal, revealHash } from "../../../src/protocol/reveal.ts";
import { rootOfChild, rowRoot } from "../../../src/protocol/row.ts";
import { isAtStep } from "../../../src/protocol/turn.ts";
import type { Answer, ChallengeId, Position } from "../../../src/protocol/views.ts";
import type { Party } from "./calls.ts";
import { challengeableUntil, livingClaim, refute } from "./modelClaims.ts";
import { credit, type ModelChallenge, type ModelClaim, type ModelState, require } from "./modelState.ts";
import { running } from "./toyMachine.ts";

/** The disputes' half of the model: challenges, their cursors, clocks and ends. */

export function challenge(state: ModelState, from: Party, claimId: Root, start: Start): ChallengeId {
  const claim = livingClaim(state, claimId);
  const until = challengeableUntil(state, claim);
  require(state.now < until, "WindowIsOver", until, state.now);
  const cursor = startCursor(claim, start);
  const { challengerBond, solverBudgetSeconds, challengerBudgetSeconds } = state.parameters;
  state.balance += challengerBond;
  claim.openChallenges++;
  const id = `${from.toLowerCase()}${(state.challenges.size + 1).toString(16).padStart(24, "0")}` as ChallengeId;
  const clocks = { movedAt: state.now, solverLeft: solverBudgetSeconds, challengerLeft: challengerBudgetSeconds };
  const position = { cursor, ...clocks, holder: zeroRoot };
  state.challenges.set(id, {
    id,
    challenger: from,
    claimId,
    bond: challengerBond,
    openedAt: state.now,
    status: "open",
    position,
    endedAt: 0,
  });
  demand(state, id, cursor);
  return id;
}

function startCursor({ id, fields }: ModelClaim, start: Start): Cursor {
  const { buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot } = fields;
  const place = { claimId: id, level: "ticks", tick: 0 } as const;
  if (start.kind === "whole") {
    return { ...place, from: 0, log2Length: log2Ticks, startRoot: buildId, endRoot: finalRoot };
  }
  const { index, startRoot, endRoot } = start;
  const last = checkpointCount(log2Ticks, log2CheckpointTicks);
  require(index >= 0 && index <= last, "NoSuchCheckpoint", last + 1, index);
  const proven = (at: number, root: Root, proof: readonly Root[]) => {
    if (at === 0) return root === buildId;
    if (at === last + 1) return root === finalRoot;
    return (
      proof.reduce((a, b) => (a < b ? hashPair(a, b) : hashPair(b, a)), checkpointLeaf(at, root)) === checkpointRoot
    );
  };
  require(proven(index, startRoot, start.startProof), "CheckpointNotProven", index, startRoot);
  require(proven(index + 1, endRoot, start.endProof), "CheckpointNotProven", index + 1, endRoot);
  return { ...place, from: index * 2 ** log2CheckpointTicks, log2Length: log2CheckpointTicks, startRoot, endRoot };
}

/** Remembers who came first to a node from which a single step can be reached. */
function demand(state: ModelState, id: ChallengeId, cursor: Cursor): void {
  const node = nodeOf(cursor);
  if (isStepParent(cursor, state.parameters.log2Arity) && !state.demanders.has(node)) state.demanders.set(node, id);
}

/** The challenge, if it is open and stands where the mover believes. */
function openChallenge(state: ModelState, id: ChallengeId, position: Position): ModelChallenge {
  const found = state.challenges.get(id);
  require(found !== undefined && found.status === "open", "ChallengeNotOpen", id);
  require(samePosition(found.position, position), "PositionMismatch");
  return found;
}

export function samePosition(a: Position, b: Position): boolean {
  return (
    nodeOf(a.cursor) === nodeOf(b.cursor) &&
    a.movedAt === b.movedAt &&
    a.solverLeft === b.solverLeft &&
    a.challengerLeft === b.challengerLeft &&
    a.holder === b.holder
  );
}

/** What is kept for the cursor's node, if it is what the mover shows. */
function shownReveal(state: ModelState, cursor: Cursor, shown: Reveal): void {
  const node = nodeOf(cursor);
  require(revealHash(shown) === revealHash(revealOf(state, cursor)), "RevealMismatch", node);
}

function revealOf(state: ModelState, cursor: Cursor): Reveal {
  const node = nodeOf(cursor);
  const answer = state.answers.get(node);
  const content = answer === undefined ? zeroRoot : contentOf(cursor, answer);
  return { content, postedAt: answer?.postedAt ?? 0, firstDemander: state.demanders.get(node) ?? zeroRoot };
}

/** Checks that all moves of the solver share. */
function solversAnswer(state: ModelState, from: Party, found: ModelChallenge, firstDemander: ChallengeId): ModelClaim {
  const claim = livingClaim(state, found.claimId);
  require(from === claim.solver, "NotSolver", claim.solver, from);
  const { cursor } = found.position;
  require(!isAtStep(cursor), "WrongRange", 1, 0);
  const node = nodeOf(cursor);
  require(!state.answers.has(node), "AlreadyRevealed", node);
  require((state.demanders.get(node) ?? zeroRoot) === firstDemander, "RevealMismatch", node);
  return claim;
}

function inTime(deadline: number, now: number): void {
  require(now <= deadline, "DeadlinePassed", deadline, now);
}

export function postRow(state: ModelState, from: Party, id: ChallengeId, move: PostRow): void {
  const found = openChallenge(state, id, move.position);
  solversAnswer(state, from, found, move.firstDemander);
  const { cursor } = found.position;
  require(cursor.log2Length > 0, "WrongRange", cursor.level === "ticks" ? 0 : 1, cursor.log2Length);
  inTime(solverDeadline(found.position, state.parameters.minResponseSeconds), state.now);
  const expected = 2 ** rowBits(cursor.log2Length, state.parameters.log2Arity) - 1;
  require(move.roots.length === expected, "WrongRowLength", expected, move.roots.length);
  state.answers.set(nodeOf(cursor), { kind: "row", roots: [...move.roots], postedAt: state.now });
}

export function openTick(state: ModelState, from: Party, id: ChallengeId, move: OpenTick): void {
  const found = openChallenge(state, id, move.position);
  solversAnswer(state, from, found, move.firstDemander);
  const { cursor } = found.position;
  const atTick = cursor.level === "ticks" && cursor.log2Length === 0;
  require(atTick, "WrongRange", cursor.level === "ticks" ? 0 : 1, cursor.log2Length);
  const { minResponseSeconds, maxLog2Steps, log2Arity } = state.parameters;
  inTime(solverDeadline(found.position, minResponseSeconds), state.now);
  const { log2Steps, start, end } = move.opening;
  require(log2Steps <= maxLog2Steps, "TooManySteps", maxLog2Steps, log2Steps);
  const expected = 2 ** rowBits(log2Steps, log2Arity) - 1;
  require(move.roots.length === expected, "WrongRowLength", expected, move.roots.length);
  const resumedRoot = state.machine.resume(cursor.startRoot, start);
  require(state.machine.registers(cursor.endRoot, end).status !== running, "TickEndsRunning");
  const answer: Answer = { kind: "opening", log2Steps, resumedRoot, roots: [...move.roots], postedAt: state.now };
  state.answers.set(nodeOf(cursor), answer);
}

export function select(state: ModelState, from: Party, id: ChallengeId, move: Select): void {
  const found = openChallenge(state, id, move.position);
  livingClaim(state, found.claimId);
  require(from === found.challenger, "NotChallenger", found.challenger, from);
  require(move.selections.length > 0, "NothingSelected");
  let position = found.position;
  for (const selection of move.selections) position = selectOne(state, position, selection);
  found.position = position;
  demand(state, id, position.cursor);
}

function selectOne(state: ModelState, position: Position, selection: Selection): Position {
  const { cursor } = position;
  require(!isAtStep(cursor), "WrongRange", 1, 0);
  const node = nodeOf(cursor);
  const answer = state.answers.get(node);
  require(answer !== undefined, "NotRevealed", node);
  const firstDemander = state.demanders.get(node) ?? zeroRoot;
  const { postedAt, child, startRoot, siblings } = selection;
  require(postedAt === answer.postedAt && selection.firstDemander === firstDemander, "RevealMismatch", node);
  const { minResponseSeconds, log2Arity } = state.parameters;
  inTime(challengerDeadline(position, answer.postedAt, minResponseSeconds), state.now);
  const opened = answer.kind === "opening";
  const range = opened
    ? ({ level: "steps", tick: cursor.from, from: 0, log2Length: answer.log2Steps } as const)
    : cursor;
  const bits = rowBits(range.log2Length, log2Arity);
  require(child < 2 ** bits, "NoSuchChild", 2 ** bits, child);
  const endRoot = child === 2 ** bits - 1 ? cursor.endRoot : selection.endRoot;
  const rangeStart = opened ? answer.resumedRoot : cursor.startRoot;
  const inRow =
    bits === 0
      ? startRoot === rangeStart
      : childIsInRow(rowRoot(rangeStart, answer.roots), child, bits, startRoot, endRoot, siblings);
  require(inRow, "RevealMismatch", node);
  const log2Length = range.log2Length - bits;
  const { claimId } = cursor;
  const next: Cursor = {
    claimId,
    level: range.level,
    tick: range.tick,
    from: range.from + child * 2 ** log2Length,
    log2Length,
    startRoot,
    endRoot,
  };
  const holder = isAtStep(next) ? firstDemander : zeroRoot;
  return { cursor: next, ...clocksAfterSelect(position, answer.postedAt, state.now), holder };
}

function childIsInRow(
  root: Root,
  child: number,
  bits: number,
  startRoot: Root,
  endRoot: Root,
  siblings: readonly Root[],
): boolean {
  try {
    return rootOfChild(child, bits, startRoot, endRoot, siblings) === root;
  } catch {
    return false;
  }
}

export function proveFault(state: ModelState, id: ChallengeId, position: Position, witness: Uint8Array): void {
  const found = openChallenge(state, id, position);
  const claim = livingClaim(state, found.claimId);
  const { cursor, holder } = found.position;
  require(isAtStep(cursor), "WrongRange", cursor.level === "ticks" ? 0 : 1, cursor.log2Length);
  require(state.machine.step(cursor.startRoot, witness) !== cursor.endRoot, "StepIsCorrect", cursor.endRoot);
  const first = state.challenges.get(holder);
  refute(state, claim, first?.status === "open" ? first.challenger : found.challenger);
}

export function timeoutSolver(state: ModelState, id: ChallengeId, position: Position, shown: Reveal): void {
  const found = openChallenge(state, id, position);
  const claim = livingClaim(state, found.claimId);
  const { cursor } = found.position;
  require(!isAtStep(cursor), "NotSolversTurn");
  shownReveal(state, cursor, shown);
  const deadline = solverDeadline(found.position, state.parameters.minResponseSeconds);
  const answeredAt = shown.postedAt === 0 ? state.now : shown.postedAt;
  require(answeredAt > deadline, "DeadlineNotPassed", deadline, answeredAt);
  refute(state, claim, found.challenger);
}

export function timeoutChallenger(state: ModelState, id: ChallengeId, position: Position, shown: Reveal): void {
  const found = openChallenge(state, id, position);
  const claim = livingClaim(state, found.claimId);
  const { cursor } = found.position;
  if (!isAtStep(cursor)) {
    shownReveal(state, cursor, shown);
    require(shown.postedAt !== 0, "NotChallengersTurn");
  }
  const postedAt = isAtStep(cursor) ? 0 : shown.postedAt;
  const deadline = challengerDeadline(found.position, postedAt, state.parameters.minResponseSeconds);
  require(state.now > deadline, "DeadlineNotPassed", deadline, state.now);
  found.status = "lost";
  found.endedAt = state.now;
  claim.openChallenges--;
  const { paid, burned } = splitBond(found.bond, state.parameters.burnPermille);
  state.burned += burned;
  credit(state, claim.solver, paid);
}

export function concede(
  state: ModelState,
  from: Party,
  id: ChallengeId,
  position: Position,
  firstDemander: ChallengeId,
): void {
  const found = openChallenge(state, id, position);
  const claim = solversAnswer(state, from, found, firstDemander);
  refute(state, claim, found.challenger);
}

export function closeChallenge(state: ModelState, id: ChallengeId, position: Position): void {
  const found = openChallenge(state, id, position);
  const claim = state.claims.get(found.claimId)!;
  require(claim.status === "refuted", "ClaimNotRefuted", claim.id, claim.status === "open" ? 1 : 3);
  found.status = "closed";
  found.endedAt = state.now;
  credit(state, found.challenger, found.bond);
}
