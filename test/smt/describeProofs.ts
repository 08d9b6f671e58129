import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Compiled, compile } from "./compile.ts";
import { holds } from "./evaluate.ts";
import type { Mutant, Property, Subject } from "./properties/subject.ts";
import { failureOf, prove, type Question, type Verdict } from "./prove.ts";
import { stopSolver } from "./solver.ts";
import { uses } from "./terms/index.ts";

/** Tests that each property of a subject is proven, and that the proof fails for each mutant that breaks it. */
export function describeProofs(subject: Subject): void {
  describe(`the code of ${subject.contract}, for all inputs`, () => {
    let original: Compiled;
    let variants: readonly Compiled[];
    const variantOf = ({ variant }: Mutant, index: number) => variant ?? `${index}`;
    const names = [...new Set(subject.mutants.map(variantOf))];

    beforeAll(() => {
      const mutations = names.map((name) => subject.mutants.filter((mutant, i) => variantOf(mutant, i) === name));
      [original, ...variants] = compile(subject.contract, subject.deployment, [[], ...mutations]) as [Compiled];
    });

    afterAll(stopSolver);

    for (const property of subject.properties) {
      it(`is proven: ${property.title}`, async () => {
        for (const question of questionsOf(property, original)) {
          expect(await prove(question), fixedIn(question)).toEqual({ verdict: "proven" });
        }
      });
    }

    subject.mutants.forEach((mutant, i) => {
      const { title, breaks } = mutant;
      it(`the proof of ${breaks} fails when ${title}`, async () => {
        const property = subject.properties.find(({ name }) => name === breaks);
        const [question, verdict] = await firstFailure(
          questionsOf(property!, variants[names.indexOf(variantOf(mutant, i))]!),
        );
        expect(verdict.verdict).toBe("refuted");
        if (verdict.verdict !== "refuted") return;
        // A hash of the counterexample is one that z3 made up: only what needs none can be calculated again.
        const failure = failureOf(question);
        if (!uses(failure, "keccak")) expect(holds(verdict.counterexample, failure)).toBe(true);
      });
    });
  });
}

function questionsOf(property: Property, contract: Compiled): readonly Question[] {
  const { cases = [{ fixed: {} }], functionName = property.name } = property;
  return cases.map((each) => ({ ...property, ...each, functionName, contract }));
}

async function firstFailure(questions: readonly Question[]): Promise<readonly [Question, Verdict]> {
  for (const question of questions) {
    const verdict = await prove(question);
    if (verdict.verdict !== "proven") return [question, verdict];
  }
  throw new Error("the mutant is not noticed");
}

const fixedIn = ({ fixed }: Question): string => `for ${JSON.stringify(fixed)}`;
