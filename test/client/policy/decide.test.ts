import { describe, expect, it } from "vitest";
import type { KeyId } from "../../../src/attestation/keys.ts";
import { type Answer, decide, type Evidence, truthOf } from "../../../src/client/policy/decide.ts";
import { namesIn } from "../../../src/client/policy/policy.ts";
import { Random } from "../../support/random.ts";
import { seed } from "../../support/seed.ts";
import { builders, outcomes, policyWith, randomEvidence, randomRequirement, runs } from "./policies.ts";

const [x, y] = outcomes as [string, string];
const twoOfThree = policyWith({ builders: { least: 2, of: ["a", "b", "c"] } });
const said = (
  words: Readonly<Record<string, string | readonly string[]>>,
  chains: Record<string, string> = {},
): Evidence => ({
  builders: new Map(Object.entries(words).map(([name, word]) => [name, new Set([word].flat())])),
  chains: new Map(Object.entries(chains)),
});

describe("two of three builders", () => {
  it.each<[string, Evidence, Answer["decision"]]>([
    ["nobody has spoken", said({}), "undecided"],
    ["one agrees", said({ a: x }), "undecided"],
    ["two agree", said({ a: x, b: x }), "accepted"],
    ["all agree", said({ a: x, b: x, c: x }), "accepted"],
    ["two agree, one does not", said({ a: x, b: x, c: y }), "accepted"],
    ["one agrees, one does not", said({ a: x, b: y }), "undecided"],
    ["two do not", said({ a: y, b: y }), "refused"],
    ["two do not, each in its own way", said({ a: y, b: "failed" }), "refused"],
    ["one agrees, two that are not asked too", said({ a: x, d: x, e: x }), "undecided"],
    ["one says both", said({ a: x, b: [x, y] }), "undecided"],
    ["one says both, two agree", said({ a: x, b: [x, y], c: x }), "accepted"],
    ["one says both, one something else", said({ a: x, b: [x, y], c: y }), "refused"],
  ])("%s", (_, evidence, decision) => {
    expect(decide(twoOfThree, evidence, x).decision).toBe(decision);
  });

  it("counts over all that it names", () => {
    const answer = decide(twoOfThree, said({ a: x, b: y, d: x }), x);
    expect(answer).toMatchObject({ agree: ["a"], mismatches: [{ name: "b", outcomes: [y] }], misses: ["c"] });
    expect(answer.score).toEqual({ agree: 1, of: 3 });
  });

  it("says which outcome it is when none is asked for", () => {
    expect(decide(twoOfThree, said({ a: y, b: x, c: y }), undefined)).toMatchObject({
      decision: "accepted",
      outcome: y,
    });
  });
});

describe("a tie", () => {
  const oneOfTwo = policyWith({ builders: { least: 1, of: ["a", "b"] } });
  it("is no decision, whatever is asked", () => {
    const evidence = said({ a: x, b: y });
    expect(decide(oneOfTwo, evidence, x)).toMatchObject({ decision: "undecided", rivals: [y] });
    expect(decide(oneOfTwo, evidence, undefined)).toMatchObject({
      decision: "undecided",
      outcome: undefined,
      rivals: [x, y],
    });
  });
});

describe("a chain beside builders", () => {
  const policy = policyWith({ any: [{ chain: "main" }, { builders: { least: 3, of: ["a", "b", "c"] } }] });
  it.each<[string, Evidence, Answer["decision"]]>([
    ["final", said({}, { main: x }), "accepted"],
    ["final with another artifact", said({}, { main: y }), "undecided"],
    ["final with another artifact, and a builder who says so", said({ a: y }, { main: y }), "refused"],
    ["final on a chain that the policy does not ask", said({}, { side: x }), "undecided"],
    ["final with one, all builders say the other", said({ a: y, b: y, c: y }, { main: x }), "undecided"],
  ])("%s", (_, evidence, decision) => {
    expect(decide(policy, evidence, x).decision).toBe(decision);
  });
});

/** What a builder has shown; this run if it has shown none. */
function shownBy({ shown }: Evidence, name: string, key: KeyId) {
  const before = shown?.get(name);
  return before !== undefined && before.keys.size > 0 ? before : { keys: new Set([key]), isCopied: false };
}

describe("whatever the policy and the evidence", () => {
  const random = new Random(seed);
  const games = Array.from({ length: 3000 }, () => ({
    policy: policyWith(randomRequirement(random)),
    evidence: randomEvidence(random),
    asked: random.pick(outcomes),
  }));

  it("one more that agrees never makes it worse, nor one that the policy does not name any difference", () => {
    const order = ["refused", "undecided", "accepted"];
    for (const { policy, evidence, asked } of games) {
      const before = decide(policy, evidence, asked);
      const { builders: named, independent } = namesIn(policy.require);
      for (const name of builders) {
        // Of those who have to show that they have run it, in independence.test.ts.
        if (evidence.builders.has(name) || independent.has(name)) continue;
        const more = { ...evidence, builders: new Map([...evidence.builders, [name, new Set([asked])]]) };
        const after = decide(policy, more, asked);
        if (named.has(name))
          expect(order.indexOf(after.decision)).toBeGreaterThanOrEqual(order.indexOf(before.decision));
      }
      const stranger = { ...evidence, builders: new Map([...evidence.builders, ["nobody", new Set([y])]]) };
      expect(decide(policy, stranger, asked)).toEqual(before);
    }
  });

  it("no two outcomes are accepted, and the one that is accepted is named when none is asked for", () => {
    for (const { policy, evidence } of games) {
      const accepted = outcomes.filter((outcome) => decide(policy, evidence, outcome).decision === "accepted");
      expect(accepted.length).toBeLessThanOrEqual(1);
      const free = decide(policy, evidence, undefined);
      expect(free.decision === "accepted" ? [free.outcome] : []).toEqual(accepted);
    }
  });

  it("what is refused stays so when others speak, and what is open can still be accepted or has a rival", () => {
    for (const { policy, evidence, asked } of games) {
      const all = (outcome: string, key: KeyId): Evidence => {
        const missing = builders.filter((name) => !evidence.builders.has(name));
        const chains = ["main", "side"].filter((name) => !evidence.chains.has(name));
        return {
          builders: new Map([...evidence.builders, ...missing.map((name) => [name, new Set([outcome])] as const)]),
          chains: new Map([...evidence.chains, ...chains.map((name) => [name, outcome] as const)]),
          shown: new Map(builders.map((name) => [name, shownBy(evidence, name, key)] as const)),
        };
      };
      const isRefused = decide(policy, evidence, asked).decision === "refused";
      const best = runs.map((key) => truthOf(policy.require, all(asked, key), asked));
      if (namesIn(policy.require).independent.size === 0) expect(isRefused).toBe(best[0] === "no");
      else if (isRefused) expect(best).toEqual(["no", "no"]);
    }
  });

  it("counts each that the policy names once", () => {
    for (const { policy, evidence, asked } of games) {
      const { agree, mismatches, misses, unproven, score } = decide(policy, evidence, asked);
      const { builders: named, chains } = namesIn(policy.require);
      const others = [...mismatches, ...unproven].map(({ name }) => name);
      expect([...agree, ...others, ...misses].sort()).toEqual([...named, ...chains].sort());
      expect(score).toEqual({ agree: agree.length, of: named.size + chains.size });
    }
  });
});
