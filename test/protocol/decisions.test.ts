import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import type { Challenge, Range } from "../../src/protocol/challenge.ts";
import { challengerMove } from "../../src/protocol/challengerMove.ts";
import { hashWords, zeroRoot } from "../../src/protocol/hash.ts";
import { rowRoot } from "../../src/protocol/row.ts";
import { solverMove } from "../../src/protocol/solverMove.ts";
import { turnOf } from "../../src/protocol/turn.ts";
import type { ClaimView, DisputeView } from "../../src/protocol/views.ts";
import { party } from "../support/game/gameParameters.ts";
import { toyWorld } from "../support/game/toyTrace.ts";
import { fieldsOf } from "../support/game/world.ts";

const world = toyWorld({ ticks: 8, maxSteps: 16, seed: 5 });
const { truth } = world;
const faulty = world.faulty({ tick: 5, step: 1 });
const { outcome: _, ...fields } = await fieldsOf(faulty, 3, 2);
const claim: ClaimView = {
  ...fields,
  solver: party(0),
  details: hashWords(7),
  claimId: hashWords(1),
  status: "open",
  log2Arity: 2,
  maxLog2Steps: 6,
  minResponseSeconds: 60,
};
const stakeNumber = 3n;
const whole: Challenge = {
  id: hashWords(2),
  challenger: party(1),
  solver: party(0),
  range: { level: "ticks", tick: 0, from: 0, log2Length: 3 },
  startRoot: claim.buildId,
  endRoot: claim.finalRoot,
  row: zeroRoot,
  since: 1000,
  solverLeft: 300,
  challengerLeft: 250,
};
const steps = (tick: number, from: number, log2Length: number): Range => ({ level: "steps", tick, from, log2Length });

interface Seen {
  readonly now?: number;
  readonly at?: Partial<Challenge>;
  readonly claim?: Partial<ClaimView>;
  readonly status?: "open" | "lost" | "closed";
  /** Of the row that the solver has answered with. */
  readonly roots?: readonly Root[];
}

/** A challenge that has stood where it does since second 1000. */
function seen({ now = 1001, at, claim: changed, status = "open", roots = [] }: Seen = {}): DisputeView {
  const before = { ...whole, ...at };
  const row = roots.length === 0 ? before.row : rowRoot(before.startRoot, roots);
  const challenge = { status, stakeNumber, at: { ...before, row }, roots };
  return { now, claim: { ...claim, ...changed }, challenge };
}

describe("the turn", () => {
  it("50: is the solver's iff the range is longer than one step and has no row", async () => {
    const sideAt = (range: Range, row: Root) => turnOf(seen({ at: { range, row } })).side;
    for (const range of [whole.range, { ...whole.range, log2Length: 0 }, steps(2, 0, 3)]) {
      expect([sideAt(range, zeroRoot), sideAt(range, hashWords(1))]).toEqual(["solver", "challenger"]);
    }
    expect(turnOf(seen({ at: { range: steps(2, 4, 0) } }))).toMatchObject({ kind: "prove", side: "challenger" });
  });
});

describe("a solver", () => {
  it("answers with its own roots where the range is cut", async () => {
    const roots = await faulty.tickRoots([4]);
    expect(await solverMove(seen(), faulty)).toEqual({ kind: "postRow", shown: seen().challenge.at, roots });
  });

  it("concedes when its own trace does not hold the range's ends", async () => {
    expect(await solverMove(seen(), truth)).toMatchObject({
      kind: "concede",
      stakeNumber,
      claim: { claimId: claim.claimId },
    });
    expect(await solverMove(seen({ at: { startRoot: hashWords(9) } }), faulty)).toMatchObject({ kind: "concede" });
  });

  it("has no move left when its deadline has passed, and still uses the last second", async () => {
    expect(await solverMove(seen({ now: 1300 }), faulty)).toMatchObject({ kind: "postRow" });
    expect(await solverMove(seen({ now: 1301 }), faulty)).toEqual({ kind: "none", reason: "deadline-missed" });
  });

  it("opens a tick with the first row over its steps, but none that takes more steps than a claim may have", async () => {
    const from = [0, 1, 2, 3].find((tick) => faulty.steps(tick) > 4)!;
    const [startRoot, endRoot] = await faulty.tickRoots([from, from + 1]);
    const at = { range: { ...whole.range, from, log2Length: 0 }, startRoot: startRoot!, endRoot: endRoot! };
    const opening = await faulty.openTick(from);
    const children = opening.log2Steps % 2 === 0 ? 4 : 2;
    const cut = 2 ** opening.log2Steps / children;
    const roots = await faulty.stepRoots(
      from,
      Array.from({ length: children - 1 }, (_, i) => (i + 1) * cut),
    );
    expect(await solverMove(seen({ at }), faulty)).toMatchObject({ kind: "openTick", opening, roots });
    const tight = { at, claim: { maxLog2Steps: 0 } };
    expect(await solverMove(seen(tight), faulty)).toEqual({ kind: "none", reason: "too-many-steps" });
  });

  it("waits for the challenger until the second after its deadline, then calls the time-out", async () => {
    const roots = await faulty.tickRoots([4]);
    expect(await solverMove(seen({ roots, now: 1250 }), faulty)).toEqual({ kind: "wait", until: 1251 });
    expect(await solverMove(seen({ roots, now: 1251 }), faulty)).toMatchObject({
      kind: "timeoutChallenger",
      stakeNumber,
      shown: { row: rowRoot(claim.buildId, roots) },
    });
  });

  it("is done when claim or challenge are", async () => {
    expect(await solverMove(seen({ status: "lost" }), faulty)).toEqual({ kind: "done" });
    for (const status of ["refuted", "final"] as const) {
      expect(await solverMove(seen({ claim: { status } }), faulty)).toEqual({ kind: "done" });
    }
  });
});

describe("a challenger", () => {
  it("waits for the solver until the second after its deadline, then calls the time-out", async () => {
    expect(await challengerMove(seen({ now: 1300 }), truth)).toEqual({ kind: "wait", until: 1301 });
    expect(await challengerMove(seen({ now: 1301 }), truth)).toMatchObject({ kind: "timeoutSolver", stakeNumber });
  });

  it("selects the first child whose end it denies", async () => {
    const roots = await faulty.tickRoots([4, 5, 6]);
    const [startRoot, endRoot] = await faulty.tickRoots([3, 7]);
    const at = { range: { ...whole.range, from: 3, log2Length: 2 }, startRoot: startRoot!, endRoot: endRoot! };
    expect(await challengerMove(seen({ now: 1020, roots, at }), truth)).toMatchObject({
      kind: "select",
      selection: { child: 2, startRoot: roots[1], endRoot: roots[2] },
    });
  });

  it("carries the fault proof in its last selection, and proves a step that it stands at", async () => {
    const long = world.faulty({ tick: 5, step: truth.steps(5) });
    const last = truth.steps(5) - 1;
    const from = last & ~3;
    const [startRoot, ...rest] = await long.stepRoots(5, [from, from + 1, from + 2, from + 3, from + 4]);
    const range = steps(5, from, 2);
    const roots = rest.slice(0, 3);
    const inRow = { at: { range, startRoot: startRoot!, endRoot: rest[3]! }, roots };
    const witness = await truth.stepWitness(5, last);
    expect(await challengerMove(seen(inRow), truth)).toMatchObject({
      kind: "selectFault",
      stakeNumber,
      selection: { child: last - from },
      witness,
    });
    const [before, after] = await long.stepRoots(5, [last, last + 1]);
    const atStep = { range: steps(5, last, 0), startRoot: before!, endRoot: after! };
    expect(await challengerMove(seen({ at: atStep }), truth)).toMatchObject({ kind: "proveFault", witness });
    // Also when its own time is over: until somebody calls the time-out, the proof is valid.
    expect(await challengerMove(seen({ at: atStep, now: 9999 }), truth)).toMatchObject({ kind: "proveFault" });
  });

  it("has no move left when it is late with a selection, and still uses the last second", async () => {
    const roots = await faulty.tickRoots([4]);
    expect(await challengerMove(seen({ roots, now: 1250 }), truth)).toMatchObject({ kind: "select" });
    expect(await challengerMove(seen({ roots, now: 1251 }), truth)).toEqual({
      kind: "none",
      reason: "deadline-missed",
    });
  });

  it("has no quarrel with a range whose end is its own too", async () => {
    const roots = await faulty.tickRoots([4]);
    expect(await challengerMove(seen({ roots }), faulty)).toEqual({ kind: "none", reason: "agrees" });
  });

  it("ends its challenge when the claim has been refuted, and is done when it has lost", async () => {
    const refuted = { status: "refuted" } as const;
    expect(await challengerMove(seen({ claim: refuted }), truth)).toMatchObject({
      kind: "closeChallenge",
      stakeNumber,
    });
    expect(await challengerMove(seen({ status: "lost", claim: refuted }), truth)).toEqual({ kind: "done" });
    expect(await challengerMove(seen({ claim: { status: "final" } }), truth)).toEqual({ kind: "done" });
  });
});
