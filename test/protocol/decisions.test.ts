import { describe, expect, it } from "vitest";
import { challengerMove } from "../../src/protocol/challengerMove.ts";
import { hashWords, zeroRoot } from "../../src/protocol/hash.ts";
import { type Cursor, nodeOf } from "../../src/protocol/node.ts";
import { solverMove } from "../../src/protocol/solverMove.ts";
import type { Answer, ClaimView, DisputeView } from "../../src/protocol/views.ts";
import { toyWorld } from "../support/game/toyTrace.ts";
import { fieldsOf } from "../support/game/world.ts";

const world = toyWorld({ ticks: 8, maxSteps: 16, seed: 5 });
const { truth } = world;
const lie = world.liar({ tick: 5, step: 1 });
const fields = await fieldsOf(lie, 3, 2);
const claim: ClaimView = {
  ...fields,
  claimId: hashWords(1),
  status: "open",
  log2Arity: 2,
  maxLog2Steps: 6,
  minResponseSeconds: 60,
};
const whole: Cursor = {
  claimId: claim.claimId,
  level: "ticks",
  tick: 0,
  from: 0,
  log2Length: 3,
  startRoot: claim.buildId,
  endRoot: claim.finalRoot,
};

interface Seen {
  readonly now?: number;
  readonly cursor?: Partial<Cursor>;
  readonly claim?: Partial<ClaimView>;
  readonly status?: "open" | "lost" | "closed";
  readonly answer?: Answer;
}

/** A challenge whose cursor has been where it is since second 1000, with 300 s left for each side. */
function seen({ now = 1001, cursor, claim: changed, status = "open", answer }: Seen = {}): DisputeView {
  const position = { cursor: { ...whole, ...cursor }, movedAt: 1000, solverLeft: 300, challengerLeft: 300 };
  return {
    now,
    claim: { ...claim, ...changed },
    challenge: { id: hashWords(2), status, position: { ...position, holder: zeroRoot } },
    answerOf: (node) => (node === nodeOf(position.cursor) ? answer : undefined),
    firstDemanderOf: () => zeroRoot,
  };
}

async function row(postedAt: number): Promise<Answer> {
  return { kind: "row", roots: await lie.tickRoots([4]), postedAt };
}

describe("a solver", () => {
  it("answers with its own roots where the range is cut", async () => {
    expect(await solverMove(seen(), lie)).toMatchObject({ kind: "postRow", roots: await lie.tickRoots([4]) });
  });

  it("concedes when its own trace does not hold the cursor's ends", async () => {
    expect(await solverMove(seen(), truth)).toMatchObject({ kind: "concede" });
    const other = { startRoot: hashWords(9) };
    expect(await solverMove(seen({ cursor: other }), lie)).toMatchObject({ kind: "concede" });
  });

  it("has no move left when its deadline has passed, and still waits for the last second", async () => {
    expect(await solverMove(seen({ now: 1300 }), lie)).toMatchObject({ kind: "postRow" });
    expect(await solverMove(seen({ now: 1301 }), lie)).toEqual({ kind: "hopeless", reason: "deadline-missed" });
  });

  it("cannot open a tick that takes more steps than a claim may", async () => {
    const from = [0, 1, 2, 3].find((tick) => lie.steps(tick) > 1)!;
    const [startRoot, endRoot] = await lie.tickRoots([from, from + 1]);
    const cursor = { from, log2Length: 0, startRoot: startRoot!, endRoot: endRoot! };
    expect(await solverMove(seen({ cursor }), lie)).toMatchObject({ kind: "openTick" });
    const tight = { cursor, claim: { maxLog2Steps: 0 } };
    expect(await solverMove(seen(tight), lie)).toEqual({ kind: "hopeless", reason: "too-many-steps" });
  });

  it("waits for the challenger until the second after its deadline, then calls the time-out", async () => {
    const answer = await row(1010);
    expect(await solverMove(seen({ answer, now: 1310 }), lie)).toEqual({ kind: "wait", until: 1311 });
    expect(await solverMove(seen({ answer, now: 1311 }), lie)).toMatchObject({
      kind: "timeoutChallenger",
      shown: { postedAt: 1010 },
    });
  });

  it("is done when claim or challenge are", async () => {
    expect(await solverMove(seen({ status: "lost" }), lie)).toEqual({ kind: "done" });
    expect(await solverMove(seen({ claim: { status: "refuted" } }), lie)).toEqual({ kind: "done" });
  });
});

describe("a challenger", () => {
  it("waits for the solver until the second after its deadline, then calls the time-out", async () => {
    expect(await challengerMove(seen({ now: 1300 }), truth)).toEqual({ kind: "wait", until: 1301 });
    expect(await challengerMove(seen({ now: 1301 }), truth)).toMatchObject({
      kind: "timeoutSolver",
      shown: { content: zeroRoot, postedAt: 0 },
    });
  });

  it("58: calls the time-out over a row that is there but came too late for this challenge", async () => {
    const late = await row(1301);
    expect(await challengerMove(seen({ now: 1305, answer: late }), truth)).toMatchObject({
      kind: "timeoutSolver",
      shown: { postedAt: 1301 },
    });
    const inTime = await row(1300);
    expect(await challengerMove(seen({ now: 1305, answer: inTime }), truth)).toMatchObject({ kind: "select" });
  });

  it("selects the first child whose end it denies", async () => {
    const answer: Answer = { kind: "row", roots: await lie.tickRoots([4, 5, 6]), postedAt: 1010 };
    const [startRoot] = await lie.tickRoots([3]);
    const cursor = { from: 3, log2Length: 2, startRoot: startRoot!, endRoot: (await lie.tickRoots([7]))[0]! };
    expect(await challengerMove(seen({ now: 1020, answer, cursor }), truth)).toMatchObject({
      kind: "select",
      selections: [{ child: 2, startRoot: answer.roots[1], endRoot: answer.roots[2] }],
    });
  });

  it("has no quarrel with a cursor whose end is its own too", async () => {
    const answer = await row(1010);
    expect(await challengerMove(seen({ answer }), lie)).toEqual({ kind: "hopeless", reason: "agrees" });
  });

  it("takes its bond back when the claim has been refuted, and is done when it has lost", async () => {
    expect(await challengerMove(seen({ claim: { status: "refuted" } }), truth)).toMatchObject({
      kind: "closeChallenge",
    });
    expect(await challengerMove(seen({ status: "lost", claim: { status: "refuted" } }), truth)).toEqual({
      kind: "done",
    });
  });
});
