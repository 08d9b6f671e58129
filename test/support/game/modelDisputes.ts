import type { Root } from "../../../src/core/bytes.ts";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import { checkpointCount, checkpointLeaf } from "../../../src/protocol/checkpoints.ts";
import { challengerDeadline, clocksAfterSelect, solverDeadline } from "../../../src/protocol/clock.ts";
import { hashPair, hashWords, zeroRoot } from "../../../src/protocol/hash.ts";
import type { OpenTick, PostRow, Select, SelectFault, Selection } from "../../../src/protocol/moves.ts";
import { type Cursor, nodeOf } from "../../../src/protocol/node.ts";
import { splitBond } from "../../../src/protocol/parameters.ts";
import { rowBits } from "../../../src/protocol/ranges.ts";
import { contentOf, isStepParent, type Reveal, revealHash } from "../../../src/protocol/reveal.ts";
import { rootOfChild } from "../../../src/protocol/row.ts";
import { isAtStep } from "../../../src/protocol/turn.ts";
import type { Answer, ChallengeId, Position } from "../../../src/protocol/views.ts";
import type { Party } from "./calls.ts";
import { challengeableUntil, livingClaim, refute, statusNumber } from "./modelClaims.ts";
import { credit, type ModelChallenge, type ModelClaim, ModelRevert, type ModelState, require } from "./modelState.ts";
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
    status: "open",
    position,
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
  const { index, startProof, endProof } = start;
  const count = checkpointCount(log2Ticks, log2CheckpointTicks) + 1;
  require(index >= 0 && index < count, "NoSuchCheckpoint", count, index);
  // The two ends of the list are the claim's own; what the challenger says of them is not looked at.
  const proven = (at: number, root: Root, proof: readonly Root[]): Root => {
    const leaf = checkpointLeaf(at, root);
    const reached = proof.reduce((a, b) => (a < b ? hashPair(a, b) : hashPair(b, a)), leaf);
    require(reached === checkpointRoot, "CheckpointNotProven", at, root);
    return root;
  };
  const startRoot = index === 0 ? buildId : proven(index, start.startRoot, startProof);
  const endRoot = index + 1 === count ? finalRoot : proven(index + 1, start.endRoot, endProof);
  return { ...place, from: index * 2 ** log2CheckpointTicks, log2Length: log2CheckpointTicks, startRoot, endRoot };
}

/** Remembers who came first to a node from which a single step can be reached. */
function demand(state: ModelState, id: ChallengeId, cursor: Cursor): void {
  const node = nodeOf(cursor);
  if (isStepParent(cursor, state.parameters.log2Arity) && !state.demanders.has(node)) state.demanders.set(node, id);
}

/** The challenge, if it and its claim are open and it stands where the mover believes. */
function openChallenge(
  state: ModelState,
  id: ChallengeId,
  position: Position,
): { readonly claim: ModelClaim; readonly found: ModelChallenge } {
  const claim = livingClaim(state, position.cursor.claimId);
  return { claim, found: challengeAt(state, id, position) };
}

function challengeAt(state: ModelState, id: ChallengeId, position: Position): ModelChallenge {
  const found = state.challenges.get(id);
  require(found !== undefined && found.status === "open", "ChallengeNotOpen", id);
  require(samePosition(found.position, position), "PositionMismatch");
  return found;
}

function samePosition(a: Position, b: Position): boolean {
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

/** Checks that the solver's answers share. */
function beginAnswer(state: ModelState, from: Party, id: ChallengeId, position: Position): Cursor {
  const claim = livingClaim(state, position.cursor.claimId);
  require(from === claim.solver, "NotSolver", claim.solver, from);
  const found = challengeAt(state, id, position);
  inTime(solverDeadline(found.position, state.parameters.minResponseSeconds), state.now);
  return found.position.cursor;
}

function inTime(deadline: number, now: number): void {
  require(now <= deadline, "DeadlinePassed", deadline, now);
}

function wrongRange({ level, log2Length }: Cursor): readonly [string, number, number] {
  return ["WrongRange", level === "ticks" ? 0 : 1, log2Length];
}

/** Keeps an answer, once; the solver shows that the node has none. */
function answer(state: ModelState, cursor: Cursor, firstDemander: ChallengeId, given: Answer): void {
  shownReveal(state, cursor, { content: zeroRoot, postedAt: 0, firstDemander });
  state.answers.set(nodeOf(cursor), given);
}

function rowOf(log2Length: number, roots: readonly Root[], { parameters }: ModelState): readonly Root[] {
  const expected = 2 ** rowBits(log2Length, parameters.log2Arity) - 1;
  require(roots.length === expected, "WrongRowLength", expected, roots.length);
  return [...roots];
}

export function postRow(state: ModelState, from: Party, id: ChallengeId, move: PostRow): void {
  const cursor = beginAnswer(state, from, id, move.position);
  require(cursor.log2Length > 0, ...wrongRange(cursor));
  const roots = rowOf(cursor.log2Length, move.roots, state);
  answer(state, cursor, move.firstDemander, { kind: "row", roots, postedAt: state.now });
}

export function openTick(state: ModelState, from: Party, id: ChallengeId, move: OpenTick): void {
  const cursor = beginAnswer(state, from, id, move.position);
  require(cursor.level === "ticks" && cursor.log2Length === 0, ...wrongRange(cursor));
  const { log2Steps, start, end } = move.opening;
  const { maxLog2Steps } = state.parameters;
  require(log2Steps <= maxLog2Steps, "TooManySteps", maxLog2Steps, log2Steps);
  const resumedRoot = state.machine.resume(cursor.startRoot, start);
  require(state.machine.registers(cursor.endRoot, end).status !== running, "TickEndsRunning");
  const roots = rowOf(log2Steps, move.roots, state);
  answer(state, cursor, move.firstDemander, { kind: "opening", log2Steps, resumedRoot, roots, postedAt: state.now });
}

function beginSelect(state: ModelState, from: Party, id: ChallengeId, position: Position) {
  const begun = openChallenge(state, id, position);
  require(from === begun.found.challenger, "NotChallenger", begun.found.challenger, from);
  return begun;
}

export function select(state: ModelState, from: Party, id: ChallengeId, move: Select): void {
  const { found } = beginSelect(state, from, id, move.position);
  require(move.selections.length > 0, "NothingSelected");
  const isSingle = move.selections.length === 1 && move.opening === undefined;
  require(!isSingle || found.position.cursor.log2Length > 0, ...wrongRange(found.position.cursor));
  let position = found.position;
  for (const selection of move.selections) position = selectOne(state, position, selection, move.opening);
  found.position = position;
  demand(state, id, position.cursor);
}

function selectOne(state: ModelState, position: Position, selection: Selection, opening: Select["opening"]): Position {
  const { cursor } = position;
  require(!isAtStep(cursor), ...wrongRange(cursor));
  const isTick = cursor.log2Length === 0;
  const { log2Steps, resumedRoot } = opening ?? { log2Steps: 0, resumedRoot: zeroRoot };
  const range = isTick ? ({ level: "steps", tick: cursor.from, from: 0, log2Length: log2Steps } as const) : cursor;
  const { child, postedAt, siblings, firstDemander } = selection;
  const bits = rowBits(range.log2Length, state.parameters.log2Arity);
  require(child < 2 ** bits, "NoSuchChild", 2 ** bits, child);
  const startRoot = child > 0 ? selection.startRoot : isTick ? resumedRoot : cursor.startRoot;
  const endRoot = child < 2 ** bits - 1 ? selection.endRoot : cursor.endRoot;
  const row = rootOfSelection(child, bits, startRoot, endRoot, siblings);
  inTime(challengerDeadline(position, postedAt, state.parameters.minResponseSeconds), state.now);
  require(postedAt !== 0, "NotRevealed", nodeOf(cursor));
  const content = isTick ? hashWords(log2Steps, resumedRoot, row) : row;
  shownReveal(state, cursor, { content, postedAt, firstDemander });
  const log2Length = range.log2Length - bits;
  const { claimId } = cursor;
  const { level, tick } = range;
  const from = range.from + child * 2 ** log2Length;
  const next: Cursor = { claimId, level, tick, from, log2Length, startRoot, endRoot };
  const holder = isAtStep(next) ? firstDemander : zeroRoot;
  return { cursor: next, ...clocksAfterSelect(position, postedAt, state.now), holder };
}

function rootOfSelection(child: number, bits: number, start: Root, end: Root, siblings: readonly Root[]): Root {
  if (bits === 0) {
    require(siblings.length === 0, "WrongSiblingCount", 0, siblings.length);
    return zeroRoot;
  }
  try {
    return rootOfChild(child, bits, start, end, siblings);
  } catch {
    throw new ModelRevert("WrongSiblingCount");
  }
}

export function proveFault(state: ModelState, id: ChallengeId, position: Position, witness: Uint8Array): void {
  const { claim, found } = openChallenge(state, id, position);
  refuteStep(state, claim, found, found.position, witness);
}

export function selectFault(state: ModelState, from: Party, id: ChallengeId, move: SelectFault): void {
  const { claim, found } = beginSelect(state, from, id, move.position);
  const { cursor } = found.position;
  require(cursor.log2Length > 0, ...wrongRange(cursor));
  const position = selectOne(state, found.position, move.selection, undefined);
  refuteStep(state, claim, found, position, move.witness);
}

function refuteStep(
  state: ModelState,
  claim: ModelClaim,
  found: ModelChallenge,
  { cursor, holder }: Position,
  witness: Uint8Array,
): void {
  require(isAtStep(cursor), ...wrongRange(cursor));
  require(state.machine.step(cursor.startRoot, witness) !== cursor.endRoot, "StepIsCorrect", cursor.endRoot);
  const first = state.challenges.get(holder);
  refute(state, claim, found, first?.status === "open" ? first.challenger : found.challenger);
}

export function timeoutSolver(state: ModelState, id: ChallengeId, position: Position, shown: Reveal): void {
  const { claim, found } = openChallenge(state, id, position);
  const { cursor } = found.position;
  require(!isAtStep(cursor), "NotSolversTurn");
  shownReveal(state, cursor, shown);
  const deadline = solverDeadline(found.position, state.parameters.minResponseSeconds);
  if (shown.postedAt === 0) require(state.now > deadline, "DeadlineNotPassed", deadline, state.now);
  else require(shown.postedAt > deadline, "NotSolversTurn");
  refute(state, claim, found, found.challenger);
}

export function timeoutChallenger(state: ModelState, id: ChallengeId, position: Position, shown: Reveal): void {
  const { claim, found } = openChallenge(state, id, position);
  const { cursor } = found.position;
  if (!isAtStep(cursor)) {
    shownReveal(state, cursor, shown);
    require(shown.postedAt !== 0, "NotChallengersTurn");
  }
  const postedAt = isAtStep(cursor) ? 0 : shown.postedAt;
  const deadline = challengerDeadline(found.position, postedAt, state.parameters.minResponseSeconds);
  require(state.now > deadline, "DeadlineNotPassed", deadline, state.now);
  found.status = "lost";
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
  const claim = livingClaim(state, position.cursor.claimId);
  require(from === claim.solver, "NotSolver", claim.solver, from);
  const found = challengeAt(state, id, position);
  require(!isAtStep(found.position.cursor), "NotSolversTurn");
  shownReveal(state, found.position.cursor, { content: zeroRoot, postedAt: 0, firstDemander });
  refute(state, claim, found, found.challenger);
}

export function closeChallenge(state: ModelState, id: ChallengeId, position: Position): void {
  const { claimId } = position.cursor;
  const claim = state.claims.get(claimId);
  require(claim?.status === "refuted", "ClaimNotRefuted", claimId, statusNumber(claim));
  const found = challengeAt(state, id, position);
  found.status = "closed";
  credit(state, found.challenger, found.bond);
}
