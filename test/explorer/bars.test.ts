import { describe, expect, it } from "vitest";
import { barsOf, moveWords, rangeWords } from "../../src/explorer/page/dispute/bars.ts";
import type { DisputeDetail, DisputeMove, TraceRange } from "../../src/explorer/records.ts";

const root = `0x${"01".repeat(32)}` as const;

function move(name: string, range?: TraceRange, roots?: number): DisputeMove {
  const by = name === "Answered" ? "solver" : "challenger";
  const common = { by, name, block: 1, timestamp: 1, transaction: root } as const;
  return { ...common, ...(range && { range }), ...(roots !== undefined && { roots: Array(roots).fill(root) }) };
}

function bars(moveList: readonly DisputeMove[], log2Ticks = 4) {
  return barsOf({ log2Ticks, log2Arity: 2, moveList } as DisputeDetail);
}

describe("the bars of a dispute", () => {
  it("are the whole run and each part that a move came to, with where it lies and how it was cut", () => {
    const ticks: TraceRange = { level: "ticks", tick: 0, from: 8, log2Length: 2 };
    const tick: TraceRange = { level: "ticks", tick: 0, from: 9, log2Length: 0 };
    const steps: TraceRange = { level: "steps", tick: 9, from: 0, log2Length: 3 };
    const drawn = bars([
      move("ChallengeOpened", ticks),
      move("Answered", ticks, 3),
      move("Selected", tick),
      move("Answered", steps, 1),
      move("ClaimRefuted"),
    ]);
    expect(drawn.map(({ range }) => rangeWords(range))).toEqual([
      "2⁴ ticks from 0",
      "2² ticks from 8",
      "tick 9",
      "2³ steps from 0, tick 9",
    ]);
    expect(drawn.map(({ since }) => since)).toEqual([-1, 0, 2, 3]);
    expect(drawn.map(({ chosen }) => chosen)).toEqual([
      { since: 0, from: 0.5, to: 0.75 },
      { since: 2, from: 0.25, to: 0.5 },
      { since: 3, from: 0, to: 1 },
      undefined,
    ]);
    expect(drawn.map(({ cut }) => cut?.parts)).toEqual([undefined, 4, undefined, 2]);
  });

  it("stay within the run and are bounded, whatever an index says", () => {
    const wild = Array.from({ length: 5000 }, (_, i): DisputeMove => {
      return move(
        "Selected",
        { level: i % 3 === 0 ? "steps" : "ticks", tick: i, from: 2 ** (i % 60), log2Length: i % 99 },
        i,
      );
    });
    const drawn = bars(wild);
    expect(drawn.length).toBeLessThanOrEqual(201);
    for (const { chosen, cut } of drawn) {
      expect(cut?.parts ?? 1).toBeLessThanOrEqual(1024);
      if (chosen === undefined) continue;
      expect(chosen.from).toBeGreaterThanOrEqual(0);
      expect(chosen.to).toBeGreaterThanOrEqual(chosen.from);
      expect(chosen.to).toBeLessThanOrEqual(1);
    }
  });

  it("have their moves told in sentences", () => {
    expect(moveWords(move("Answered", { level: "ticks", tick: 0, from: 0, log2Length: 20 }, 15))).toBe(
      "The solver answers with 15 states within 2²⁰ ticks from 0",
    );
    expect(moveWords({ ...move("ClaimRefuted"), by: "anyone" })).toBe("The solver has let its time run out");
  });
});
