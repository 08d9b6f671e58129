import { describe, expect, it } from "vitest";
import { playRandomModule } from "../spec/randomSubject.ts";
import { describeOutcome, sameOutcome } from "../spec/subject.ts";
import { seed } from "../support/seed.ts";

const modules = 1000;

describe("random integer modules", () => {
  it("give the same results, traps, memory and globals in the engine and in the interpreter", () => {
    const endings = new Map<string, number>();
    for (let i = 0; i < modules; i++) {
      for (const { name, native, interpreter, difference } of playRandomModule(seed + 31 * i).calls) {
        const both = `module ${i}, ${name}: ${describeOutcome(native)}, ${describeOutcome(interpreter)}`;
        expect(sameOutcome(native, interpreter), both).toBe(true);
        expect(difference, `module ${i} after ${name}`).toBeUndefined();
        const ending = native.kind === "trap" ? native.message : "returns";
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
      }
    }
    for (const ending of [
      "unreachable",
      "integer divide by zero",
      "integer overflow",
      "out of bounds memory access",
      "out of bounds table access",
      "indirect call",
    ]) {
      expect(endings.get(ending) ?? 0, ending).toBeGreaterThan(20);
    }
    expect(endings.get("returns")).toBeGreaterThan(5 * modules);
  });
});
