import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { type Assignment, evaluator } from "./evaluate.ts";
import { word } from "./opcodes.ts";
import { randomAssignment, randomSample } from "./randomTerm.ts";
import { solve, solveText, stopSolver, type Theory } from "./solver.ts";
import {
  add,
  all,
  and,
  below,
  constant,
  equal,
  keccak,
  mul,
  not,
  partsOf,
  quotientOrZero,
  remainderOrZero,
  sub,
  type Term,
  variable,
  zeroExtended,
} from "./terms/index.ts";

const hex = (value: bigint): string => value.toString(16);

/** Whether z3 agrees that a term has this value and no other where its variables have theirs. */
async function expectSame(
  term: Term,
  value: bigint,
  assignment: Assignment,
  theory: Theory,
  which: string,
): Promise<void> {
  const variables = partsOf(term).filter((part) => part.operation === "variable");
  const assigned = all(variables.map((each) => equal(each, constant(assignment[each.name]!, each.width))));
  const isValue = equal(term, constant(value, term.width));
  expect(await solve(and(assigned, not(isValue)), theory, 20_000), which).toBe("impossible");
  expect(await solve(and(assigned, isValue), theory, 20_000), which).toBeTypeOf("object");
}

describe("terms", () => {
  afterAll(stopSolver);

  it("have the values that plain arithmetic gives, in 20,000 random expressions", () => {
    const random = new Random(seed);
    for (let i = 0; i < 20_000; i++) {
      const { term, assignment, value } = randomSample(random, 1 + random.below(5), randomAssignment(random));
      expect(hex(evaluator(assignment)(term)), `expression ${i} of seed ${seed}`).toBe(hex(value));
    }
  });

  it("mean the same to z3 as bit vectors", async () => {
    const random = new Random(seed + 1);
    for (let i = 0; i < 150; i++) {
      const { term, assignment, value } = randomSample(random, 1 + random.below(3), randomAssignment(random));
      await expectSame(term, value, assignment, "bitVectors", `expression ${i}`);
    }
  });

  it("mean the same to z3 as integers", async () => {
    const random = new Random(seed + 2);
    const operations = [
      add,
      sub,
      mul,
      quotientOrZero,
      remainderOrZero,
      (a: Term, b: Term) => zeroExtended(below(a, b), 256),
    ];
    const expression = (depth: number): Term => {
      if (depth === 0) {
        const width = random.pick([1, 8, 24, 64, 256]);
        return random.chance(0.3)
          ? word(random.below(2000))
          : zeroExtended(variable(`v${width}_${random.below(2)}`, width), 256);
      }
      return random.pick(operations)(expression(depth - 1), expression(random.below(depth)));
    };
    for (let i = 0; i < 150; i++) {
      const assignment = randomAssignment(random);
      const term = expression(1 + random.below(3));
      const value = evaluator(assignment)(term);
      await expectSame(term, value, assignment, "integers", `expression ${i}`);
    }
  });

  it("divide with signs as SMT-LIB's bvsdiv and bvsrem do", async () => {
    const text = (operation: string, sign: string, unsigned: string) => `
      (declare-const a (_ BitVec 8)) (declare-const b (_ BitVec 8))
      (define-fun magnitude ((x (_ BitVec 8))) (_ BitVec 8) (ite (bvslt x #x00) (bvneg x) x))
      (define-fun result () (_ BitVec 8) (${unsigned} (magnitude a) (magnitude b)))
      (assert (distinct b #x00))
      (assert (distinct (${operation} a b) (ite ${sign} (bvneg result) result)))`;
    const differs = "(xor (bvslt a #x00) (bvslt b #x00))";
    expect(await solveText(text("bvsdiv", differs, "bvudiv"), 20_000)).toBe("impossible");
    expect(await solveText(text("bvsrem", "(bvslt a #x00)", "bvurem"), 20_000)).toBe("impossible");
    expect(await solveText(text("bvsrem", differs, "bvurem"), 20_000)).not.toBe("impossible");
  });

  it("compare hashes by what was hashed", () => {
    const [a, b] = [variable("a", 256), variable("b", 256)];
    expect(equal(keccak([a, b]), keccak([b, a]))).toBe(and(equal(a, b), equal(b, a)));
    expect(equal(keccak([a]), keccak([a, b]))).toBe(constant(0, 1));
  });

  it.each<Theory>(["bitVectors", "integers"])("are solved with values when there are some (%s)", async (theory) => {
    const a = variable("a", 24);
    const sum = add(zeroExtended(a, 32), constant(5, 32));
    expect(await solve(equal(sum, constant(47, 32)), theory, 20_000)).toEqual({ a: 42n });
  });
});
