import { describe, expect, it } from "vitest";
import { type Answer, decide, type Evidence } from "../../../src/client/policy/decide.ts";
import type { ShownRuns } from "../../../src/client/policy/independence.ts";
import { namesIn, type Requirement } from "../../../src/client/policy/policy.ts";
import { Random } from "../../support/random.ts";
import { seed } from "../../support/seed.ts";
import { builders, outcomes, policyWith, randomEvidence, randomRequirement, runs } from "./policies.ts";

const [x, y] = outcomes as [string, string];
const [run, otherRun] = runs as [(typeof runs)[0], (typeof runs)[0]];
const twoOfThree = policyWith({ builders: { least: 2, of: ["a", "b", "c"], independent: true } });
const shows = (...keys: typeof runs): ShownRuns => ({ keys: new Set(keys), isCopied: false });
const copied: ShownRuns = { keys: new Set(), isCopied: true };

/** What each says, and what it has shown. */
function said(words: Readonly<Record<string, readonly [string, ShownRuns?]>>): Evidence {
  const entries = Object.entries(words);
  return {
    builders: new Map(entries.map(([name, [outcome]]) => [name, new Set([outcome])])),
    chains: new Map(),
    shown: new Map(entries.flatMap(([name, [, shown]]) => (shown === undefined ? [] : [[name, shown]]))),
  };
}

describe("two of three independent builders", () => {
  it.each<[string, Evidence, Answer["decision"], Answer["unproven"]]>([
    ["two have run it", said({ a: [x, shows(run)], b: [x, shows(run)] }), "accepted", []],
    ["one says so only", said({ a: [x, shows(run)], b: [x] }), "undecided", [{ name: "b", why: "no-proof" }]],
    ["all say so only", said({ a: [x], b: [x] }), "undecided", ["a", "b"].map((name) => ({ name, why: "no-proof" }))],
    [
      "one has another's proof",
      said({ a: [x, shows(run)], b: [x, copied] }),
      "undecided",
      [{ name: "b", why: "copied-proof" }],
    ],
    [
      "two have run it, one shows another run",
      said({ a: [x, shows(run)], b: [x, shows(otherRun)], c: [x, shows(run)] }),
      "accepted",
      [{ name: "b", why: "another-run" }],
    ],
    [
      "each shows another run, and the third may join either",
      said({ a: [x, shows(run)], b: [x, shows(otherRun)] }),
      "undecided",
      ["a", "b"].map((name) => ({ name, why: "another-run" })),
    ],
    [
      "one shows two runs, the others two more",
      said({ a: [x, shows(run)], b: [x, shows(run, otherRun)], c: [x, shows(otherRun)] }),
      "refused",
      [
        { name: "a", why: "another-run" },
        { name: "b", why: "two-runs" },
        { name: "c", why: "another-run" },
      ],
    ],
    ["two have run it to something else", said({ a: [y, shows(run)], b: [y, shows(run)] }), "refused", []],
    ["one has run it to something else", said({ a: [x, shows(run)], b: [y, shows(run)] }), "undecided", []],
  ])("%s", (_, evidence, decision, unproven) => {
    expect(decide(twoOfThree, evidence, x)).toMatchObject({ decision, unproven });
  });

  it("counts those alone who have shown it", () => {
    const evidence = said({ a: [x, shows(run)], b: [x], c: [x, shows(run)] });
    expect(decide(twoOfThree, evidence, x)).toMatchObject({
      agree: ["a", "c"],
      score: { agree: 2, of: 3 },
      misses: [],
    });
  });

  it("are no decision where two groups have shown runs that cannot both be", () => {
    const policy = policyWith({ builders: { least: 2, of: ["a", "b", "c", "d"], independent: true } });
    const [one, other] = [[x, shows(run)] as const, [x, shows(otherRun)] as const];
    expect(decide(policy, said({ a: one, b: one, c: other, d: other }), x).decision).toBe("undecided");
    expect(decide(policy, said({ a: one, b: one, c: other }), x).decision).toBe("accepted");
  });
});

/** As it is, with all builders independent that are asked for in twos or more; those asked for alone become a chain. */
function independentOnly(requirement: Requirement): Requirement {
  if ("builders" in requirement) {
    const { least, of } = requirement.builders;
    return least < 2 ? { chain: "side" } : { builders: { least, of, independent: true } };
  }
  if ("all" in requirement) return { all: requirement.all.map(independentOnly) };
  if ("any" in requirement) return { any: requirement.any.map(independentOnly) };
  if (!("least" in requirement)) return requirement;
  return { least: { ...requirement.least, of: requirement.least.of.map(independentOnly) } };
}

describe("whatever an independent policy and the evidence", () => {
  const random = new Random(seed);
  const games = Array.from({ length: 3000 }, () => ({
    policy: policyWith(independentOnly(randomRequirement(random))),
    evidence: randomEvidence(random),
    asked: random.pick(outcomes),
    name: random.pick(builders),
  }));
  const with1 = (evidence: Evidence, name: string, outcome: string, shown: ShownRuns | undefined): Evidence => {
    const others = [...evidence.shown!].filter(([each]) => each !== name);
    return {
      ...evidence,
      builders: new Map([...evidence.builders, [name, new Set([outcome])]]),
      shown: new Map(shown === undefined ? others : [...others, [name, shown]]),
    };
  };
  const without = (evidence: Evidence, name: string): Evidence => ({
    ...evidence,
    builders: new Map([...evidence.builders].filter(([each]) => each !== name)),
    shown: new Map([...evidence.shown!].filter(([each]) => each !== name)),
  });

  it.each([
    ["nothing", undefined],
    ["a copied proof", copied],
  ])("one that says so and has %s to show counts as one that is silent", (_, shown) => {
    for (const { policy, evidence, asked, name } of games) {
      const silent = decide(policy, without(evidence, name), asked);
      expect(decide(policy, with1(evidence, name, asked, shown), asked).decision).toBe(silent.decision);
    }
  });

  it("one more that has run it as the others have never makes it worse", () => {
    const order = ["refused", "undecided", "accepted"];
    let better = 0;
    for (const { policy, evidence, asked, name } of games) {
      const ofOneRun = (shown: ShownRuns) => (shown.keys.size === 0 ? shown : shows(run));
      const shown = new Map([...evidence.shown!].map(([each, before]) => [each, ofOneRun(before)]));
      const before = decide(policy, without({ ...evidence, shown }, name), asked).decision;
      const after = decide(policy, with1({ ...evidence, shown }, name, asked, shows(run)), asked).decision;
      expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before));
      if (after !== before) better++;
    }
    expect(better).toBeGreaterThan(0);
  });

  it("it is accepted by builders only if enough of one requirement have shown one run", () => {
    for (const { policy, evidence, asked } of games) {
      const alone = { ...evidence, chains: new Map() };
      if (decide(policy, alone, asked).decision !== "accepted") continue;
      const counts = runs.map((key) => {
        return builders.filter((name) => {
          const keys = evidence.shown!.get(name)?.keys;
          return keys?.size === 1 && keys.has(key) && namesIn(policy.require).independent.has(name);
        }).length;
      });
      expect(Math.max(...counts)).toBeGreaterThanOrEqual(2);
    }
  });
});
