import { describe, expect, it } from "vitest";
import { isOneStep, isOneTick, kindOf, type Level } from "../../src/protocol/challenge.ts";
import { hashWords, zeroRoot } from "../../src/protocol/hash.ts";

const range = (level: Level, log2Length: number) => ({ level, tick: 0, from: 0, log2Length });

describe("a challenge", () => {
  it.each([
    ["ticks", 4, "answer"],
    ["ticks", 0, "answer"],
    ["steps", 4, "answer"],
    ["steps", 0, "prove"],
  ] as const)("without a row over 2^n %s (n = %i) waits for: %s", (level, log2Length, kind) => {
    expect(kindOf({ range: range(level, log2Length), row: zeroRoot })).toBe(kind);
    expect(kindOf({ range: range(level, log2Length), row: hashWords(1) })).toBe("select");
    expect(isOneStep(range(level, log2Length))).toBe(level === "steps" && log2Length === 0);
    expect(isOneTick(range(level, log2Length))).toBe(level === "ticks" && log2Length === 0);
  });
});
