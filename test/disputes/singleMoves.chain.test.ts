import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { Status } from "../../src/machine/registers.ts";
import { challengeIdOf, isOneTick, kindOf, stakeKeyOf } from "../../src/protocol/challenge.ts";
import { challengerMove } from "../../src/protocol/challengerMove.ts";
import { claimIdOf, detailsOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashWords, zeroRoot } from "../../src/protocol/hash.ts";
import type { Move } from "../../src/protocol/moves.ts";
import { claimWindowSeconds } from "../../src/protocol/parameters.ts";
import { solverMove } from "../../src/protocol/solverMove.ts";
import type { Trace } from "../../src/protocol/trace.ts";
import type { DisputeView } from "../../src/protocol/views.ts";
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
const lie = world.faulty({ tick: 3, step: 20 });
const solver = (): Party => party(0);
const challenger = (): Party => party(1);
const salt = hashWords(1);
const done = { ok: true };

/** A claim that the solver has committed to, and everything that calls show of it. */
async function committed(game: TwinChain, trace: GameTrace, log2Ticks: number, by = solver(), own = salt) {
  const fields = await fieldsOf(trace, log2Ticks, 2);
  const reference = referenceOf(by, own, fields);
  const claimId = claimIdOf(game.chainId, game.address, reference);
  await game.send(by, { kind: "commit", claimId, value: parameters.solverBond }, game.now() + 1);
  const proofs = { startProof: trace.startProof(), endProof: trace.endProof() };
  const reveal = { kind: "reveal", fields, salt: own, ...proofs } as const;
  return {
    claimId,
    reference,
    details: detailsOf(fields, own),
    reveal,
    at: game.now() + parameters.minCommitAgeSeconds,
  };
}

/** A dispute that the test leads move by move. */
class Table {
  private constructor(
    readonly game: TwinChain,
    readonly id: Root,
  ) {}

  static async open(trace: GameTrace, log2Ticks = 3): Promise<Table> {
    const game = chain();
    const { claimId, reference: claim, details, reveal, at } = await committed(game, trace, log2Ticks);
    expect(await game.send(solver(), reveal, at)).toMatchObject(done);
    const value = parameters.challengerBond;
    const call = { kind: "challenge", claim, details, start: { kind: "whole" }, stakeNumber: 0n, value } as const;
    await game.send(challenger(), call, game.now() + 10);
    return new Table(game, challengeIdOf(stakeKeyOf(challenger(), claim.buildId, 0n), claimId));
  }

  view(at = this.game.now() + 1): Promise<DisputeView> {
    return this.game.dispute(this.id, at);
  }

  async send(from: Party, move: Move, at = this.game.now() + 1): Promise<Outcome> {
    return this.game.send(from, { kind: "move", move }, at);
  }

  /** Both sides move by the book until `until` holds. */
  async lead(claimed: Trace, believed: Trace, until: (view: DisputeView) => boolean): Promise<void> {
    for (let view = await this.view(); !until(view); view = await this.view()) {
      const answer = await solverMove(view, claimed);
      const move = answer.kind === "wait" ? await challengerMove(view, believed) : answer;
      if (move.kind === "wait" || move.kind === "done" || move.kind === "none") throw new Error(move.kind);
      const from = answer.kind === "wait" ? challenger() : solver();
      expect(await this.send(from, withoutFault(move))).toMatchObject(done);
    }
  }
}

const atStep = ({ challenge: { at } }: DisputeView) => kindOf(at) === "prove";
const atTick = ({ challenge: { at } }: DisputeView) => isOneTick(at.range);

/** The proof that a view asks for. */
async function proofIn(view: DisputeView): Promise<Move & { kind: "proveFault" }> {
  const proof = await challengerMove(view, truth);
  if (proof.kind !== "proveFault") throw new Error(proof.kind);
  return proof;
}

describe("a move", () => {
  it("7: of any kind is refused in a challenge that has ended with its claim", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const proof = await proofIn(await table.view());
    expect(await table.send(challenger(), proof)).toMatchObject(done);
    const { shown, claim, stakeNumber } = proof;
    const selection = { child: 0, startRoot: zeroRoot, endRoot: zeroRoot, siblings: [] };
    const moves: Move[] = [
      proof,
      { kind: "postRow", shown, roots: [] },
      { kind: "select", shown, selection },
      ...(["timeoutSolver", "timeoutChallenger", "concede", "closeChallenge"] as const).map((kind) => ({
        kind,
        shown,
        claim,
        stakeNumber,
      })),
    ];
    for (const move of moves) {
      for (const from of [solver(), challenger()]) {
        expect(await table.send(from, move)).toMatchObject({ ok: false, error: "ChallengeNotOpen" });
      }
    }
  });

  it("9: proves nothing about roots and places of the mover's own choice", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const proof = await proofIn(await table.view());
    const { shown } = proof;
    const { range } = shown;
    const others = [
      { startRoot: shown.endRoot },
      { endRoot: hashWords(1) },
      { range: { ...range, from: range.from + 1 } },
      { range: { ...range, tick: range.tick + 1 } },
    ];
    for (const other of others) {
      const move = { ...proof, shown: { ...shown, ...other } };
      expect(await table.send(challenger(), move)).toMatchObject({ error: "ChallengeMismatch" });
    }
  });

  it("10: made for another history of the same challenge reverts", async () => {
    const table = await Table.open(lie);
    const { claim, challenge } = await table.view();
    const { at: shown, stakeNumber } = challenge;
    await table.lead(lie, truth, atTick);
    const stale: Move[] = [
      { kind: "postRow", shown, roots: [hashWords(2)] },
      { kind: "timeoutSolver", shown, claim, stakeNumber },
      { kind: "concede", shown, claim, stakeNumber },
    ];
    for (const move of stale) {
      expect(await table.send(solver(), move)).toMatchObject({ error: "ChallengeMismatch" });
    }
  });

  it("13: that somebody else has made already is seen by its maker, who goes on", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const proof = await proofIn(await table.view());
    expect(await table.send(party(4), proof)).toMatchObject(done);
    expect(await table.send(challenger(), proof)).toMatchObject({ error: "ChallengeNotOpen" });
    expect(await challengerMove(await table.view(), truth)).toEqual({ kind: "done" });
    expect(await solverMove(await table.view(), lie)).toEqual({ kind: "done" });
  });

  it("17: about another claim or stake than its challenge's is refused", async () => {
    const table = await Table.open(lie);
    const second = await committed(table.game, lie, 3, party(2));
    expect(await table.game.send(party(2), second.reveal, second.at)).toMatchObject(done);
    await table.lead(lie, truth, atStep);
    const proof = await proofIn(await table.view());
    const other = { ...proof, claim: second.reference };
    expect(await table.send(challenger(), other)).toMatchObject({ error: "OtherChallenge" });
    expect(await table.send(challenger(), { ...proof, stakeNumber: 1n })).toMatchObject({ error: "OtherChallenge" });
    const unknown = { ...proof, claim: { ...proof.claim, log2Ticks: 4 } };
    expect(await table.send(challenger(), unknown)).toMatchObject({ error: "ClaimNotOpen" });
    // Nobody gives up a claim with another one's concession.
    const { shown, stakeNumber } = proof;
    const concession: Move = { kind: "concede", shown, claim: second.reference, stakeNumber };
    expect(await table.send(party(2), concession)).toMatchObject({ error: "NotSolversTurn" });
    expect(await table.send(challenger(), proof)).toMatchObject(done);
  });

  it("38: that opens a tick in the middle of which the claimed end lies is refused", async () => {
    const sold = midTickSeller(lie);
    const table = await Table.open({ ...bound(lie), ...sold });
    await table.lead(sold, truth, atTick);
    const move = await solverMove(await table.view(), sold);
    expect(move.kind).toBe("openTick");
    expect(await table.send(solver(), move as Move)).toMatchObject({ error: "TickEndsRunning" });
  });

  it("50: at a range of one step is the challenger's, on chain as well", async () => {
    const table = await Table.open(truth);
    await table.lead(truth, lie, atStep);
    const { claim, challenge } = await table.view();
    const { at: shown, stakeNumber } = challenge;
    const tooLate = shown.since + parameters.solverBudgetSeconds + 1_000;
    const ending = { shown, claim, stakeNumber };
    const solverOut: Move = { kind: "timeoutSolver", ...ending };
    expect(await table.send(challenger(), solverOut, tooLate)).toMatchObject({ error: "NotSolversTurn" });
    expect(await table.send(solver(), { kind: "concede", ...ending })).toMatchObject({ error: "NotSolversTurn" });
    expect(await table.send(solver(), { kind: "postRow", shown, roots: [] })).toMatchObject({
      error: "NotSolversTurn",
    });
    expect(await table.send(party(4), { kind: "timeoutChallenger", ...ending })).toMatchObject(done);
  });

  it("6: is valid in the second of its deadline, and the time-out in the next", async () => {
    const table = await Table.open(truth);
    const view = await table.view();
    const { at: shown, stakeNumber } = view.challenge;
    const deadline = shown.since + parameters.solverBudgetSeconds;
    const out: Move = { kind: "timeoutSolver", shown, claim: view.claim, stakeNumber };
    expect(await table.send(challenger(), out, deadline - 1)).toMatchObject({ error: "DeadlineNotPassed" });
    expect(await table.send(solver(), (await solverMove(view, truth)) as Move, deadline)).toMatchObject(done);
    expect(await table.send(challenger(), out, deadline + 1)).toMatchObject({ error: "ChallengeMismatch" });
    const late = (await table.view()).challenge.at;
    expect(late.solverLeft).toBe(0);
    const { challengerBudgetSeconds: budget } = parameters;
    const selection = { child: 0, startRoot: zeroRoot, endRoot: zeroRoot, siblings: [] };
    const tooLate: Move = { kind: "select", shown: late, selection };
    expect(await table.send(challenger(), tooLate, deadline + budget + 1)).toMatchObject({ error: "DeadlinePassed" });
  });

  it("is proven as a fault also after the challenger's deadline, until its time-out is called", async () => {
    const table = await Table.open(lie);
    await table.lead(lie, truth, atStep);
    const late = table.game.now() + 10_000;
    expect(await table.send(challenger(), await proofIn(await table.view(late)), late)).toMatchObject(done);
  });
});

describe("a claim", () => {
  it("12: that somebody has copied from a reveal cannot be revealed without an own commitment", async () => {
    const game = chain();
    const { claimId, reveal, at } = await committed(game, truth, 3);
    await game.send(party(2), { kind: "commit", claimId, value: parameters.solverBond }, game.now() + 1);
    expect(await game.send(party(2), reveal, at)).toMatchObject({ error: "NotCommitted" });
    expect(await game.send(solver(), reveal, at + 1)).toMatchObject(done);
  });

  it("42: of more ticks has a longer window", async () => {
    const game = chain();
    for (const log2Ticks of [3, 10]) {
      const by = party(log2Ticks % 4);
      const { claimId, reveal, at } = await committed(game, truth, log2Ticks, by);
      await game.send(by, reveal, at);
      const { windowEnd } = game.claim(claimId)!;
      expect(windowEnd - at).toBe(claimWindowSeconds(parameters, log2Ticks));
    }
  });

  it("53: that needs a longer window than there can be is refused, not cut short", async () => {
    const game = chain();
    const fields = { ...(await fieldsOf(truth, 3, 2)), log2Ticks: 20 };
    const claimId = claimIdOf(game.chainId, game.address, referenceOf(solver(), salt, fields));
    await game.send(solver(), { kind: "commit", claimId, value: parameters.solverBond }, game.now() + 1);
    const proofs = { startProof: truth.startProof(), endProof: truth.endProof() };
    const at = game.now() + parameters.minCommitAgeSeconds;
    const outcome = await game.send(solver(), { kind: "reveal", fields, salt, ...proofs }, at);
    const needed = BigInt(claimWindowSeconds(parameters, 20));
    expect(outcome).toMatchObject({ error: "WindowTooLong", args: [BigInt(parameters.maxWindowSeconds), needed] });
  });

  it("12: is revealed neither too young nor too old", async () => {
    const game = chain();
    const { reveal, at } = await committed(game, truth, 3);
    expect(await game.send(solver(), reveal, at - 1)).toMatchObject({ error: "CommitTooYoung" });
    const last = at - parameters.minCommitAgeSeconds + parameters.maxCommitAgeSeconds;
    expect(await game.send(solver(), reveal, last + 1)).toMatchObject({ error: "CommitTooOld" });
  });

  it("18: of lengths that no claim has, or of a build that is no beginning, is refused", async () => {
    const game = chain();
    const fields = await fieldsOf(truth, 3, 2);
    const ended = truth.stepProof(4, 10_000);
    const others = [
      ["TooManyTicks", { ...fields, log2Ticks: 41 }, truth.startProof()],
      ["CheckpointsMisaligned", { ...fields, log2CheckpointTicks: 3 }, truth.startProof()],
      ["CheckpointsMisaligned", { ...fields, log2CheckpointTicks: 4 }, truth.startProof()],
      ["BuildNotReady", { ...fields, buildId: fields.finalRoot }, ended],
    ] as const;
    for (const [error, wrong, startProof] of others) {
      const claimId = claimIdOf(game.chainId, game.address, referenceOf(solver(), salt, wrong));
      await game.send(solver(), { kind: "commit", claimId, value: parameters.solverBond }, game.now() + 1);
      const reveal = { kind: "reveal", fields: wrong, salt, startProof, endProof: truth.endProof() } as const;
      const at = game.now() + parameters.minCommitAgeSeconds;
      expect(await game.send(solver(), reveal, at)).toMatchObject({ error });
    }
  });

  it.each([
    ["between two ticks", Status.yielded, 2, truth.steps(2)],
    ["inside a tick", Status.running, 3, 7],
  ])("19: that ends in the middle of the run is refused: %s", async (_, endStatus, tick, step) => {
    const game = chain();
    const [finalRoot] = await truth.stepRoots(tick, [step]);
    const outcome = { ...truth.outcome(), endStatus };
    const fields = { ...(await fieldsOf(truth, 3, 2)), finalRoot: finalRoot!, outcome };
    const claimId = claimIdOf(game.chainId, game.address, referenceOf(solver(), salt, fields));
    await game.send(solver(), { kind: "commit", claimId, value: parameters.solverBond }, game.now() + 1);
    const at = game.now() + parameters.minCommitAgeSeconds;
    const proofs = { startProof: truth.startProof(), endProof: truth.resultProof(tick, step) };
    const refused = await game.send(solver(), { kind: "reveal", fields, salt, ...proofs }, at);
    expect(refused).toMatchObject({ error: "FinalStateNotFinal", args: [BigInt(endStatus)] });
    // Nor does the proof of another state, which is an end, help it.
    const reveal = { kind: "reveal", fields, salt, ...proofs, endProof: truth.endProof() } as const;
    expect(await game.send(solver(), reveal, at + 1)).toMatchObject({ error: "RootMismatch" });
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
    outcome: () => trace.outcome(),
    tickRoots: (ticks) => trace.tickRoots(ticks),
    openTick: (tick) => trace.openTick(tick),
    stepRoots: (tick, steps) => trace.stepRoots(tick, steps),
    stepWitness: (tick, step) => trace.stepWitness(tick, step),
  };
}
