import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { challengerMove } from "../../src/protocol/challengerMove.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import type { Move } from "../../src/protocol/moves.ts";
import { claimWindowSeconds } from "../../src/protocol/parameters.ts";
import { revealAt } from "../../src/protocol/reveal.ts";
import { solverMove } from "../../src/protocol/solverMove.ts";
import type { Trace } from "../../src/protocol/trace.ts";
import { isAtStep } from "../../src/protocol/turn.ts";
import type { ChallengeId } from "../../src/protocol/views.ts";
import type { Outcome, Party } from "../support/game/calls.ts";
import { gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { midTickSeller } from "../support/game/solverStrategies.ts";
import { withoutFault } from "../support/game/strategies.ts";
import type { TwinChain } from "../support/game/twinChain.ts";
import { useTwinGames } from "../support/game/twinGames.ts";
import { fieldsOf, type GameTrace } from "../support/game/world.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8 };
const { party, chain } = useTwinGames(parameters, 5);
const world = machineWorld(5, 4);
const { truth } = world;
const lie = world.liar({ tick: 3, step: 20 });
const solver = (): Party => party(0);
const challenger = (): Party => party(1);
const salt = hashWords(1);

/** A dispute that the test leads move by move. */
class Table {
  private constructor(
    readonly game: TwinChain,
    readonly claimId: Root,
    readonly id: ChallengeId,
  ) {}

  static async open(trace: GameTrace, log2Ticks = 3): Promise<Table> {
    const game = chain();
    const fields = await fieldsOf(trace, log2Ticks, 2);
    const claimId = await game.claimIdOf(solver(), salt, fields);
    await game.send(solver(), { kind: "commit", claimId }, game.now() + 1);
    const proofs = { startProof: trace.startProof(), endProof: trace.endProof() };
    const at = game.now() + parameters.minCommitAgeSeconds;
    expect(await game.send(solver(), { kind: "reveal", fields, salt, ...proofs }, at)).toMatchObject({ ok: true });
    const call = { kind: "challenge", claimId, start: { kind: "whole" } } as const;
    const outcome = await game.send(challenger(), call, game.now() + 10);
    return new Table(game, claimId, (outcome as { id: Root }).id);
  }

  view(at = this.game.now() + 1) {
    return this.game.dispute(this.id, at);
  }

  async send(from: Party, move: Move, at = this.game.now() + 1): Promise<Outcome> {
    return this.game.send(from, { kind: "move", id: this.id, move }, at);
  }

  /** Both sides move by the book until `until` holds. */
  async lead(claimed: Trace, believed: Trace, until: (table: Table) => Promise<boolean>): Promise<void> {
    while (!(await until(this))) {
      const view = await this.view();
      const answer = await solverMove(view, claimed);
      const move = answer.kind === "wait" ? await challengerMove(view, believed) : answer;
      if (move.kind === "wait" || move.kind === "done" || move.kind === "hopeless") throw new Error(move.kind);
      const from = answer.kind === "wait" ? challenger() : solver();
      expect(await this.send(from, withoutFault(move))).toEqual({ ok: true });
    }
  }
}

const atStep = async (table: Table) => isAtStep((await table.view()).challenge.position.cursor);
const atTick = async (table: Table) => {
  const { cursor } = (await table.view()).challenge.position;
  return cursor.level === "ticks" && cursor.log2Length === 0;
};

describe("a move", () => {
  it("7: of any kind is refused once the claim has been refuted", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const view = await table.view();
    const { position } = view.challenge;
    const proof = await challengerMove(view, truth);
    if (proof.kind !== "proveFault") throw new Error(proof.kind);
    expect(await table.send(challenger(), proof)).toEqual({ ok: true });
    const shown = revealAt(view, position.cursor);
    const { firstDemander } = shown;
    const moves: Move[] = [
      proof,
      { kind: "postRow", position, firstDemander, roots: [] },
      { kind: "select", position, selections: [], opening: { log2Steps: 0, resumedRoot: hashWords(0) } },
      { kind: "timeoutSolver", position, shown },
      { kind: "timeoutChallenger", position, shown },
      { kind: "concede", position, firstDemander },
    ];
    for (const move of moves) {
      for (const from of [solver(), challenger()]) {
        expect(await table.send(from, move)).toMatchObject({ ok: false, error: "ClaimNotOpen" });
      }
    }
    const close: Move = { kind: "closeChallenge", position };
    expect(await table.send(challenger(), close)).toMatchObject({ error: "ChallengeNotOpen" });
  });

  it("9: proves nothing about roots and places of the mover's own choice", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const proof = await challengerMove(await table.view(), truth);
    if (proof.kind !== "proveFault") throw new Error(proof.kind);
    const { position } = proof;
    const { cursor } = position;
    const others = [
      { ...cursor, startRoot: cursor.endRoot },
      { ...cursor, endRoot: hashWords(1) },
      { ...cursor, from: cursor.from + 1 },
      { ...cursor, tick: cursor.tick + 1 },
    ];
    for (const other of others) {
      const move = { ...proof, position: { ...position, cursor: other } };
      expect(await table.send(challenger(), move)).toMatchObject({ error: "PositionMismatch" });
    }
  });

  it("10: made for another history of the same challenge reverts", async () => {
    const table = await Table.open(lie);
    const { position } = (await table.view()).challenge;
    await table.lead(lie, truth, atTick);
    const shown = { content: hashWords(0), postedAt: 0, firstDemander: hashWords(0) };
    const stale: Move[] = [
      { kind: "postRow", position, firstDemander: hashWords(0), roots: [hashWords(2)] },
      { kind: "timeoutSolver", position, shown },
    ];
    for (const move of stale) {
      expect(await table.send(solver(), move)).toMatchObject({ error: "PositionMismatch" });
    }
  });

  it("13: that somebody else has made already is seen by its maker, who goes on", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const proof = await challengerMove(await table.view(), truth);
    if (proof.kind !== "proveFault") throw new Error(proof.kind);
    expect(await table.send(party(4), proof)).toEqual({ ok: true });
    expect(await table.send(challenger(), proof)).toMatchObject({ error: "ClaimNotOpen" });
    expect(await challengerMove(await table.view(), truth)).toEqual({ kind: "done" });
    expect(await solverMove(await table.view(), lie)).toEqual({ kind: "done" });
  });

  it("38: that opens a tick in the middle of which the claimed end lies is refused", async () => {
    const sold = midTickSeller(lie);
    const table = await Table.open({ ...bound(lie), ...sold });
    await table.lead(sold, truth, atTick);
    const move = await solverMove(await table.view(), sold);
    expect(move.kind).toBe("openTick");
    expect(await table.send(solver(), move as Move)).toMatchObject({ error: "TickEndsRunning" });
  });

  it("50: at a cursor of one step is the challenger's, on chain as well", async () => {
    const table = await Table.open(truth);
    await table.lead(truth, lie, atStep);
    const view = await table.view();
    const { position } = view.challenge;
    const shown = revealAt(view, position.cursor);
    const tooLate = position.movedAt + parameters.solverBudgetSeconds + 1_000;
    const solverOut: Move = { kind: "timeoutSolver", position, shown };
    const challengerOut: Move = { kind: "timeoutChallenger", position, shown };
    expect(await table.send(challenger(), solverOut, tooLate)).toMatchObject({ error: "NotSolversTurn" });
    const concession: Move = { kind: "concede", position, firstDemander: shown.firstDemander };
    expect(await table.send(solver(), concession)).toMatchObject({ error: "NotSolversTurn" });
    expect(await table.send(party(4), challengerOut)).toEqual({ ok: true });
  });

  it("6: is valid in the second of its deadline, and the time-out in the next", async () => {
    const table = await Table.open(truth);
    const view = await table.view();
    const { position } = view.challenge;
    const deadline = position.movedAt + parameters.solverBudgetSeconds;
    const out: Move = { kind: "timeoutSolver", position, shown: revealAt(view, position.cursor) };
    expect(await table.send(challenger(), out, deadline - 1)).toMatchObject({ error: "DeadlineNotPassed" });
    const row = await solverMove(view, truth);
    expect(await table.send(solver(), row as Move, deadline)).toEqual({ ok: true });
    expect(await table.send(challenger(), out, deadline + 1)).toMatchObject({ error: "RevealMismatch" });
  });

  it("is proven as a fault also after the challenger's deadline, until its time-out is called", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const late = table.game.now() + 10_000;
    const proof = await challengerMove(await table.view(late), truth);
    expect(await table.send(challenger(), proof as Move, late)).toEqual({ ok: true });
  });
});

describe("a claim", () => {
  it("12: that somebody has copied from a reveal cannot be revealed without an own commitment", async () => {
    const game = chain();
    const fields = await fieldsOf(truth, 3, 2);
    const proofs = { startProof: truth.startProof(), endProof: truth.endProof() };
    const claimId = await game.claimIdOf(solver(), salt, fields);
    await game.send(solver(), { kind: "commit", claimId }, game.now() + 1);
    await game.send(party(2), { kind: "commit", claimId }, game.now() + 1);
    const at = game.now() + parameters.minCommitAgeSeconds;
    const reveal = { kind: "reveal", fields, salt, ...proofs } as const;
    expect(await game.send(party(2), reveal, at)).toMatchObject({ error: "NotCommitted" });
    expect(await game.send(solver(), reveal, at + 1)).toMatchObject({ ok: true });
  });

  it("42: of more ticks has a longer window", async () => {
    const game = chain();
    for (const log2Ticks of [3, 10]) {
      const fields = await fieldsOf(truth, log2Ticks, 2);
      const own = hashWords(log2Ticks);
      const claimId = await game.claimIdOf(party(log2Ticks % 4), own, fields);
      await game.send(party(log2Ticks % 4), { kind: "commit", claimId }, game.now() + 1);
      const at = game.now() + parameters.minCommitAgeSeconds;
      const proofs = { startProof: truth.startProof(), endProof: truth.endProof() };
      await game.send(party(log2Ticks % 4), { kind: "reveal", fields, salt: own, ...proofs }, at);
      const { windowEnd } = (await game.claim(claimId))!;
      expect(windowEnd - at).toBe(claimWindowSeconds(parameters, log2Ticks));
    }
  });

  it("53: that needs a longer window than there can be is refused, not cut short", async () => {
    const game = chain();
    const fields = await fieldsOf(truth, 20, 2).then((fields) => ({ ...fields, checkpointRoot: hashWords(0) }));
    const claimId = await game.claimIdOf(solver(), salt, fields);
    await game.send(solver(), { kind: "commit", claimId }, game.now() + 1);
    const proofs = { startProof: truth.startProof(), endProof: truth.endProof() };
    const at = game.now() + parameters.minCommitAgeSeconds;
    const outcome = await game.send(solver(), { kind: "reveal", fields, salt, ...proofs }, at);
    const needed = BigInt(claimWindowSeconds(parameters, 20));
    expect(outcome).toMatchObject({ error: "WindowTooLong", args: [BigInt(parameters.maxWindowSeconds), needed] });
  });

  it("19: that ends in the middle of the run is refused", async () => {
    const game = chain();
    const [buildId, finalRoot] = await truth.tickRoots([0, 4]);
    const fields = { ...(await fieldsOf(truth, 2, 2)), buildId: buildId!, finalRoot: finalRoot! };
    const claimId = await game.claimIdOf(solver(), salt, fields);
    await game.send(solver(), { kind: "commit", claimId }, game.now() + 1);
    const endProof = world.liar({ tick: 0, step: 10_000 }).endProof();
    const at = game.now() + parameters.minCommitAgeSeconds;
    const reveal = { kind: "reveal", fields, salt, startProof: truth.startProof(), endProof } as const;
    expect(await game.send(solver(), reveal, at)).toMatchObject({ error: "RootMismatch" });
  });
});

/** The methods of a trace as an object of its own, to be overridden one by one. */
function bound(trace: GameTrace): GameTrace {
  return {
    ticks: trace.ticks,
    steps: (tick) => trace.steps(tick),
    stepProof: (tick, step) => trace.stepProof(tick, step),
    startProof: () => trace.startProof(),
    endProof: () => trace.endProof(),
    tickRoots: (ticks) => trace.tickRoots(ticks),
    openTick: (tick) => trace.openTick(tick),
    stepRoots: (tick, steps) => trace.stepRoots(tick, steps),
    stepWitness: (tick, step) => trace.stepWitness(tick, step),
  };
}
