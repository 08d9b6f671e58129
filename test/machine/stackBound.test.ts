import { describe, expect, it } from "vitest";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { startState } from "../../src/machine/program.ts";
import { Register } from "../../src/machine/registers.ts";
import { type StackUse, stackBound } from "../../src/machine/stackBound.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { step } from "../../src/machine/step/step.ts";
import { RandomWords } from "../support/randomState.ts";
import { seed } from "../support/seed.ts";
import { textModule } from "../support/textModule.ts";

function use(frameSlots: number, maxHeight: number, calls: Record<number, number> = {}): StackUse {
  const entries = Object.entries(calls).map(([node, height]) => [Number(node), height] as const);
  return { frameSlots, maxHeight, calls: new Map(entries) };
}

/** A program of functions that call later ones, directly and through the table, with parameters, results and locals. */
function randomProgram(random: RandomWords): string {
  const count = 4 + random.below(6);
  const type = () => ({ parameters: random.below(4), results: random.below(3), locals: random.below(5) });
  const types = Array.from({ length: count }, type);
  const list = (kind: string, length: number) => (length === 0 ? "" : `(${kind} ${"i32 ".repeat(length)})`);
  const signature = (i: number) => `${list("param", types[i]!.parameters)} ${list("result", types[i]!.results)}`;
  const constants = (length: number) => "(i32.const 3) ".repeat(length);
  const call = (i: number) => {
    const below = random.below(4);
    const target = random.chance(2) ? `(call $f${i})` : `(i32.const ${i}) (call_indirect ${signature(i)})`;
    return `${constants(below)} ${constants(types[i]!.parameters)} ${target} ${"(drop) ".repeat(types[i]!.results + below)}`;
  };
  const bodies = types.map(({ results, locals }, i) => {
    const later = Array.from({ length: random.below(3) }, () => i + 1 + random.below(count - i)).filter(
      (j) => j < count,
    );
    return `(func $f${i} ${signature(i)} ${list("local", locals)} ${later.map(call).join(" ")} ${constants(results)})`;
  });
  return `(module (memory (export "memory") 1 1) (table ${count} funcref)
    (elem (i32.const 0) ${types.map((_, i) => `$f${i}`).join(" ")}) ${bodies.join("\n")}
    (func (export "tick") (result i32) ${call(0)} (i32.const 0)))`;
}

describe("the stack bound", () => {
  it("is the worst path's sum of frames and operands at calls", () => {
    const nodes = [use(3, 5, { 1: 2, 2: 4 }), use(10, 1), use(2, 1, { 3: 1 }), use(4, 4)];
    expect(stackBound(nodes, 0)).toEqual({ kind: "bounded", slots: 3 + 4 + 2 + 1 + 4 + 4 });
    expect(stackBound(nodes, 1)).toEqual({ kind: "bounded", slots: 11 });
  });

  it("names a cycle that can be reached, and no other", () => {
    const nodes = [use(1, 0, { 1: 0, 3: 0 }), use(1, 0, { 2: 0 }), use(1, 0, { 1: 0 }), use(1, 0)];
    expect(stackBound(nodes, 0)).toEqual({ kind: "cycle", nodes: [1, 2, 1] });
    expect(stackBound(nodes, 3)).toEqual({ kind: "bounded", slots: 1 });
    expect(stackBound([use(1, 0, { 0: 0 })], 0)).toEqual({ kind: "cycle", nodes: [0, 0] });
  });

  it("takes a chain of 100,000 calls", () => {
    const nodes = Array.from({ length: 100_000 }, (_, i) => use(1, 0, i < 99_999 ? { [i + 1]: 0 } : {}));
    expect(stackBound(nodes, 0)).toEqual({ kind: "bounded", slots: 100_000 });
  });

  it("is reached by a program that takes its worst path, and never passed", () => {
    const text = `(module (memory (export "memory") 1 1) (type $t (func (param i32 i32) (result i32 i32 i32)))
      (table 1 funcref) (elem (i32.const 0) $g)
      (func $g (type $t) (local i64 i64) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (drop))
      (func (export "tick") (result i32) (local i32)
        (i32.const 9) (i32.const 1) (i32.const 2) (i32.const 0) (call_indirect (type $t)) (drop) (drop) (drop)))`;
    const program = loadClaimable(textModule(text));
    expect(mostSlots(text)).toBe(program.stackSlots);
  });

  it("holds for random programs without recursion", () => {
    const random = new RandomWords(seed);
    let bounded = 0;
    for (let i = 0; i < 150; i++) {
      const text = randomProgram(random);
      try {
        const { stackSlots } = loadClaimable(textModule(text));
        expect(mostSlots(text)).toBeLessThanOrEqual(stackSlots);
        bounded++;
      } catch (error) {
        // A table that holds a caller of its own type is a cycle, as far as anybody can tell beforehand.
        expect(error).toMatchObject({ details: { rule: "recursion" } });
      }
    }
    expect(bounded).toBeGreaterThan(30);
  });
});

/** Highest slot in use during the first tick, plus one. */
function mostSlots(text: string): number {
  const state = startState(loadClaimable(textModule(text)));
  resume(state.registers);
  let most = 0;
  while (state.running) {
    most = Math.max(most, state.registers[Register.sp]!);
    step(state);
  }
  expect(state.registers[Register.trapCode]).toBe(0);
  return most;
}
