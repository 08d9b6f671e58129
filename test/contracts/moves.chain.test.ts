import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { type Challenge, challengeWord } from "../../src/protocol/challenge.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";
import type { Signer } from "../support/assayChain.ts";
import { madeUpRoot, proofStruct, TestClaim } from "../support/assayClaim.ts";
import { Dispute, type SelectionArgument } from "../support/assayDispute.ts";
import { challenged, claimStatus, honest } from "../support/assayScene.ts";

type Scene = Awaited<ReturnType<typeof challenged>>;

/** Ways from an open challenge to each kind of state. The claim is of 2^3 ticks: its rows cut it into two, then into four. */
const states = {
  "a range of ticks, unanswered": async () => undefined,
  "a range of ticks with a row": async (dispute) => {
    await dispute.answer();
  },
  "one tick, unopened": async (dispute) => {
    for (let i = 0; i < 2; i++) {
      await dispute.answer();
      await dispute.select(honest);
    }
  },
  "a range of steps, unanswered": async (dispute) => {
    for (let i = 0; i < 3; i++) {
      await dispute.answer();
      await dispute.select(honest);
    }
  },
  "the last row": async (dispute) => {
    while (dispute.at.range.level === "ticks" || dispute.at.range.log2Length > 2) {
      await dispute.answer();
      await dispute.select(honest);
    }
    await dispute.answer();
  },
  "one step": async (dispute) => {
    await dispute.playToStep(honest);
  },
} satisfies Record<string, (dispute: Dispute) => Promise<void>>;

type State = keyof typeof states;

const blank: SelectionArgument = { child: 0, startRoot: zeroRoot, endRoot: zeroRoot, siblings: [] };

/** Every move, made by the party that it belongs to, or by another one. */
const moves = {
  postRow: ({ chain, claim, dispute }, by = claim.solver) => chain.as(by).postRow(dispute.shown, [madeUpRoot(1)]),
  openTick: ({ chain, claim, dispute }, by = claim.solver) => {
    const registers = proofStruct(honest.startProof);
    return chain.as(by).openTick(dispute.shown, { log2Steps: 0, start: registers, end: registers }, []);
  },
  select: async ({ chain, dispute }, by = dispute.challenger) =>
    chain.as(by).select(dispute.shown, await selectionIn(dispute)),
  selectFault: async ({ chain, dispute }, by = dispute.challenger) =>
    chain.as(by).selectFault(...dispute.ending, await selectionIn(dispute), "0x"),
  proveFault: ({ chain, dispute, stranger }, by = stranger) => chain.as(by).proveFault(...dispute.ending, "0x"),
  concede: ({ chain, claim, dispute }, by = claim.solver) => chain.as(by).concede(...dispute.ending),
  timeoutSolver: ({ chain, dispute, stranger }, by = stranger) => chain.as(by).timeoutSolver(...dispute.ending),
  timeoutChallenger: ({ chain, dispute, stranger }, by = stranger) => chain.as(by).timeoutChallenger(...dispute.ending),
  closeChallenge: ({ chain, dispute, stranger }, by = stranger) => chain.as(by).closeChallenge(...dispute.ending),
} satisfies Record<string, (scene: Scene, by?: Signer) => Promise<unknown>>;

type MoveName = keyof typeof moves;

async function selectionIn(dispute: Dispute): Promise<SelectionArgument> {
  return dispute.at.row === zeroRoot ? blank : await dispute.selection(honest, 0);
}

const onlySolvers: readonly MoveName[] = ["postRow", "openTick", "concede"];
const onlyChallengers: readonly MoveName[] = ["select", "selectFault"];

/** In each state: the moves that it refuses for what it is, no matter who makes them, with the arguments of the error if it has some. */
function refusals({
  dispute,
  claim,
}: Scene): Record<State, Partial<Record<MoveName, readonly [string, (readonly unknown[])?]>>> {
  const { range } = dispute.at;
  const place = [range.level === "ticks" ? 0n : 1n, BigInt(range.log2Length)];
  const early = { closeChallenge: ["ClaimNotRefuted", [claim.claimId, claimStatus.open]] } as const;
  const unanswered = {
    ...early,
    select: ["NotAnswered", [dispute.id]],
    selectFault: ["NotAnswered", [dispute.id]],
    proveFault: ["WrongRange", place],
    timeoutSolver: ["DeadlineNotPassed"],
    timeoutChallenger: ["NotChallengersTurn", []],
  } as const;
  const answered = {
    ...early,
    postRow: ["ChallengeMismatch", [word(dispute.at), word({ ...dispute.at, row: zeroRoot })]],
    openTick: ["ChallengeMismatch", [word(dispute.at), word({ ...dispute.at, row: zeroRoot })]],
    proveFault: ["WrongRange", place],
    concede: ["NotSolversTurn", []],
    timeoutSolver: ["NotSolversTurn", []],
    timeoutChallenger: ["DeadlineNotPassed"],
  } as const;
  return {
    "a range of ticks, unanswered": { ...unanswered, openTick: ["WrongRange", place] },
    "a range of ticks with a row": { ...answered, selectFault: ["WrongRange", [0n, 2n]] },
    "one tick, unopened": { ...unanswered, postRow: ["WrongRange", place] },
    "a range of steps, unanswered": { ...unanswered, openTick: ["WrongRange", place] },
    "the last row": answered,
    "one step": {
      ...early,
      postRow: ["NotSolversTurn", []],
      openTick: ["NotSolversTurn", []],
      select: ["NotAnswered", [dispute.id]],
      selectFault: ["NotAnswered", [dispute.id]],
      concede: ["NotSolversTurn", []],
      timeoutSolver: ["NotSolversTurn", []],
      timeoutChallenger: ["DeadlineNotPassed"],
    },
  };
}

function word(at: Challenge): Root {
  return challengeWord(at);
}

describe.each(Object.keys(states) as State[])("attack on a dispute: in state '%s'", (state) => {
  it("7. no move is taken that belongs to another state", async () => {
    const scene = await challenged();
    await states[state](scene.dispute);
    const refused = refusals(scene)[state];
    const stored = await scene.assay.challengeOf(scene.dispute.id);
    expect(stored).toBe(word(scene.dispute.at));
    for (const [name, [error, args]] of Object.entries(refused)) {
      await expect(moves[name as MoveName](scene), name).toRevertWith(scene.assay, error, args);
    }
    expect(await scene.assay.challengeOf(scene.dispute.id)).toBe(stored);
    // What is not refused is legal here, or fails for the machine's reasons alone.
    const legal = (Object.keys(moves) as MoveName[]).filter((name) => refused[name] === undefined);
    expect(legal).toEqual(legalMoves[state]);
  });

  it("7. no move is taken from another party", async () => {
    const scene = await challenged();
    const { assay, claim, dispute, stranger } = scene;
    await states[state](dispute);
    for (const name of legalMoves[state]) {
      const [wrong, error, owner] = onlySolvers.includes(name)
        ? [[dispute.challenger, stranger], "NotSolver", claim.solver]
        : onlyChallengers.includes(name)
          ? [[claim.solver, stranger], "NotChallenger", dispute.challenger]
          : [[], "", stranger];
      for (const by of wrong as Signer[]) {
        const args = [(owner as Signer).address, by.address];
        await expect(moves[name](scene, by), name).toRevertWith(assay, error as string, args);
      }
    }
  });

  it("9. no move is taken that shows anything else than what the contract stored", async () => {
    const scene = await challenged();
    const { assay, dispute } = scene;
    await states[state](dispute);
    const { at } = dispute;
    const changes: Partial<Challenge>[] = [
      { challenger: scene.stranger.address.toLowerCase() as Root },
      { solver: scene.stranger.address.toLowerCase() as Root },
      { range: { ...at.range, level: at.range.level === "ticks" ? "steps" : "ticks" } },
      { range: { ...at.range, tick: at.range.tick + 1 } },
      { range: { ...at.range, from: at.range.from + 1 } },
      { range: { ...at.range, log2Length: at.range.log2Length + 1 } },
      { since: at.since + 1 },
      { solverLeft: at.solverLeft + 1 },
      { challengerLeft: at.challengerLeft + 1 },
      { startRoot: madeUpRoot(1) },
      { endRoot: madeUpRoot(1) },
      { row: madeUpRoot(1) },
    ];
    for (const change of changes) {
      dispute.at = { ...at, ...change };
      for (const [name, move] of Object.entries(moves)) {
        const isAnswer = name === "postRow" || name === "openTick";
        // An answer does not show the row: it is 0.
        if (isAnswer && change.row !== undefined) continue;
        const given = word(isAnswer ? { ...dispute.at, row: zeroRoot } : dispute.at);
        const what = `${name} with other ${Object.keys(change)}`;
        await expect(move(scene, scene.stranger), what).toRevertWith(assay, "ChallengeMismatch", [word(at), given]);
      }
    }
    dispute.at = { ...at, id: madeUpRoot(2) };
    for (const [name, move] of Object.entries(moves)) {
      await expect(move(scene), name).toRevertWith(assay, "ChallengeNotOpen", [madeUpRoot(2)]);
    }
  });
});

const legalMoves: Record<State, readonly MoveName[]> = {
  "a range of ticks, unanswered": ["postRow", "concede"],
  "a range of ticks with a row": ["select"],
  "one tick, unopened": ["openTick", "concede"],
  "a range of steps, unanswered": ["postRow", "concede"],
  "the last row": ["select", "selectFault"],
  "one step": ["proveFault"],
};

describe("attack on a dispute: moves that name something else:", () => {
  it("10. under a reorg: a move made for another history reverts, in every state", async () => {
    const scene = await challenged();
    const { assay, dispute, chain } = scene;
    const histories: Challenge[] = [dispute.at];
    while (!dispute.isAtOneStep) {
      await dispute.answer();
      histories.push(dispute.at);
      await dispute.select(honest);
      histories.push(dispute.at);
    }
    const now = dispute.at;
    for (const past of histories.slice(0, -1)) {
      dispute.at = past;
      for (const [name, move] of Object.entries(moves)) {
        const given = word(name === "postRow" || name === "openTick" ? { ...past, row: zeroRoot } : past);
        const args = [word(now), given];
        await expect(move(scene), name).toRevertWith(assay, "ChallengeMismatch", args);
      }
    }
    expect(await chain.assay.challengeOf(dispute.id)).toBe(word(now));
  });

  it("9. another claim or stake than the challenge's ends nothing", async () => {
    const scene = await challenged();
    const { chain, assay, dispute, rival, stranger, accomplice } = scene;
    const other = await TestClaim.make(chain, rival, honest);
    const { id, stakeNumber, shown } = dispute;
    const late = dispute.at.since + chain.terms.solverBudgetSeconds + 1;
    await chain.at(late + 60);
    const as = chain.as(stranger);
    await expect(as.timeoutSolver(shown, other.reference, stakeNumber)).toRevertWith(assay, "OtherChallenge");
    await expect(as.timeoutSolver(shown, scene.claim.reference, 1n)).toRevertWith(assay, "OtherChallenge");
    const changed = { ...scene.claim.reference, log2Ticks: 4 };
    await expect(as.timeoutSolver(shown, changed, 0n)).toRevertWith(assay, "ClaimNotOpen");
    // A solver cannot concede a challenge against somebody else by a claim of its own.
    const byRival = chain.as(rival).concede(shown, other.reference, stakeNumber);
    await expect(byRival).toRevertWith(assay, "OtherChallenge");
    const foreign = await Dispute.open(other, accomplice);
    await foreign.answer();
    await chain.after(chain.terms.challengerBudgetSeconds + 1);
    const asLost = as.timeoutChallenger(foreign.shown, scene.claim.reference, 0n);
    await expect(asLost).toRevertWith(assay, "OtherChallenge");
    await dispute.timeoutSolver();
    const asClosed = as.closeChallenge(foreign.shown, scene.claim.reference, 0n);
    await expect(asClosed).toRevertWith(assay, "OtherChallenge");
    expect(await foreign.isOpen()).toBe(true);
    expect(await chain.assay.challengeOf(id)).toBe(zeroRoot);
  });
});
