import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { Status } from "../../src/machine/registers.ts";
import { challengeIdOf, kindOf, stakeKeyOf } from "../../src/protocol/challenge.ts";
import { challengerMove } from "../../src/protocol/challengerMove.ts";
import { claimIdOf, detailsOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import type { Move } from "../../src/protocol/moves.ts";
import { solverMove } from "../../src/protocol/solverMove.ts";
import type { Trace } from "../../src/protocol/trace.ts";
import type { DisputeView } from "../../src/protocol/views.ts";
import type { Outcome, Party } from "../support/game/calls.ts";
import { gameParameters } from "../support/game/gameParameters.ts";
import { machineWorld } from "../support/game/machineWorld.ts";
import { withoutFault } from "../support/game/strategies.ts";
import type { TwinChain } from "../support/game/twinChain.ts";
import { useTwinGames } from "../support/game/twinGames.ts";
import { fieldsOf, type GameTrace } from "../support/game/world.ts";

const parameters = { ...gameParameters, maxLog2Steps: 8 };
const { party, chain } = useTwinGames(parameters, 5);
const world = machineWorld(5, 4);
const { truth } = world;
const faulty = world.faulty({ tick: 3, step: 20 });
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

/** The proof that a view asks for. */
async function proofIn(view: DisputeView): Promise<Move & { kind: "proveFault" }> {
  const proof = await challengerMove(view, truth);
  if (proof.kind !== "proveFault") throw new Error(proof.kind);
  return proof;
}

describe("a move", () => {
  it("13: that somebody else has made already is seen by its maker, who goes on", async () => {
    const table = await Table.open(faulty);
    await table.lead(faulty, truth, atStep);
    const proof = await proofIn(await table.view());
    expect(await table.send(party(4), proof)).toMatchObject(done);
    expect(await table.send(challenger(), proof)).toMatchObject({ error: "ChallengeNotOpen" });
    expect(await challengerMove(await table.view(), truth)).toEqual({ kind: "done" });
    expect(await solverMove(await table.view(), faulty)).toEqual({ kind: "done" });
  });

  it("17: about another claim or stake than its challenge's is refused", async () => {
    const table = await Table.open(faulty);
    const second = await committed(table.game, faulty, 3, party(2));
    expect(await table.game.send(party(2), second.reveal, second.at)).toMatchObject(done);
    await table.lead(faulty, truth, atStep);
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

  it("50: at a range of one step is the challenger's, on chain as well", async () => {
    const table = await Table.open(truth);
    await table.lead(truth, faulty, atStep);
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
});

describe("a claim", () => {
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
    const proofs = { startProof: truth.startProof(), endProof: truth.resultProofAt(tick, step) };
    const refused = await game.send(solver(), { kind: "reveal", fields, salt, ...proofs }, at);
    expect(refused).toMatchObject({ error: "FinalStateNotFinal", args: [BigInt(endStatus)] });
    // Nor does the proof of another state, which is an end, help it.
    const reveal = { kind: "reveal", fields, salt, ...proofs, endProof: truth.endProof() } as const;
    expect(await game.send(solver(), reveal, at + 1)).toMatchObject({ error: "RootMismatch" });
  });
});
