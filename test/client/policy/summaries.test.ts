import { describe, expect, it } from "vitest";
import { signerOf } from "../../../src/attestation/keys.ts";
import { SignatureAllowance } from "../../../src/attestation/signatureAllowance.ts";
import { type Statement, signStatement } from "../../../src/attestation/statement.ts";
import { contractUri, levels, type Summary, statementOfSummary, summaryIn } from "../../../src/attestation/summary.ts";
import { decide, type SummaryWord } from "../../../src/client/policy/decide.ts";
import { type Policy, policyOf } from "../../../src/client/policy/policy.ts";
import { SignedStatements } from "../../../src/client/policy/signedStatements.ts";
import { groundsOf, summaryWords } from "../../../src/client/policy/summaries.ts";
import { outcomes, policyWith } from "./policies.ts";

const [x, y] = outcomes as [string, string];
const buildId = `0x${"01".repeat(32)}` as const;
const summary: Summary = {
  artifact: { name: "out.tar", sha256: x },
  buildId,
  resourceUri: "git+https://example.org/project.git",
  verifier: contractUri(1, `0x${"AB".repeat(20)}`),
  verifiedAt: 1_796_000_000,
  policySha256: "07".repeat(32),
  inputs: ["08".repeat(32)],
  levels: [levels.final],
};
const signers = ["a", "b", "c", "d", "e"].map((_, i) => signerOf(new Uint8Array(32).fill(i + 1)));
const signed = async (by: number, changes: Partial<Summary> = {}) =>
  await signStatement(signers[by]!, statementOfSummary({ ...summary, ...changes }));
function changed(path: string, value: unknown): Statement {
  const statement = JSON.parse(JSON.stringify(statementOfSummary(summary)));
  const names = path.split(".");
  const last = names.pop()!;
  names.reduce((inner, name) => inner[name], statement)[last] = value;
  return statement;
}

describe("a verification summary", () => {
  it("is SLSA's, and read back as it was", () => {
    const statement = statementOfSummary(summary);
    expect(statement).toMatchObject({
      predicateType: "https://slsa.dev/verification_summary/v1",
      subject: [{ digest: { sha256: x } }],
      predicate: {
        verifier: { id: `eip155:1:0x${"ab".repeat(20)}` },
        timeVerified: "2026-11-30T00:53:20Z",
        resourceUri: summary.resourceUri,
        policy: { digest: { sha256: "07".repeat(32) } },
        inputAttestations: [{ digest: { sha256: "08".repeat(32) } }],
        verificationResult: "PASSED",
        verifiedLevels: ["ASSAY_CLAIM_FINAL"],
        slsaVersion: "1.2",
      },
    });
    expect(summaryIn(JSON.parse(JSON.stringify(statement)))).toEqual(summary);
  });

  it.each<[string, Statement]>([
    ["that something has failed", changed("predicate.verificationResult", "FAILED")],
    ["of no build", changed("predicate.urn:assay:summary:v1", {})],
    [
      "of two artifacts",
      changed("subject", [...statementOfSummary(summary).subject, { name: "", digest: { sha256: y } }]),
    ],
    ["by another digest", changed("subject", [{ name: "", digest: { sha512: x } }])],
    ["with a level that is none", changed("predicate.verifiedLevels", ["a b"])],
    ["of another type", changed("predicateType", "https://slsa.dev/provenance/v1")],
  ])("%s is not taken", (_, statement) => {
    expect(() => summaryIn(statement)).toThrow(expect.objectContaining({ code: "attestation/malformed" }));
  });
});

describe("summaries as evidence", () => {
  const policy = policyWith({ summaries: { least: 2, of: ["a", "b", "c"], level: "SLSA_BUILD_REPRODUCED" } });
  const word = (outcome: string, level: string = levels.reproduced): SummaryWord => ({ outcome, levels: [level] });
  const said = (words: Readonly<Record<string, readonly SummaryWord[]>>) => ({
    ...{ builders: new Map(), chains: new Map(), summaries: new Map(Object.entries(words)) },
  });

  it.each<[string, Readonly<Record<string, readonly SummaryWord[]>>, string]>([
    ["nobody has spoken", {}, "undecided"],
    ["two agree", { a: [word(x)], b: [word(x)] }, "accepted"],
    ["one of two at another level", { a: [word(x)], b: [word(x, levels.final)] }, "undecided"],
    ["two say otherwise", { a: [word(y)], b: [word(y)] }, "refused"],
    ["one says both", { a: [word(x), word(y)], b: [word(x)] }, "undecided"],
    ["a verifier that is not asked", { a: [word(x)], d: [word(x)] }, "undecided"],
  ])("%s", (_, words, decision) => {
    expect(decide(policy, said(words), x).decision).toBe(decision);
  });

  it("counts each verifier once, beside builders", () => {
    const both = policyWith({
      all: [{ builders: { least: 1, of: ["d"] } }, { summaries: { least: 1, of: ["a", "b"] } }],
    });
    const evidence = { ...said({ a: [word(x)], b: [word(y)] }), builders: new Map([["d", new Set([x])]]) };
    expect(decide(both, evidence, x)).toMatchObject({
      ...{ decision: "accepted", agree: ["d", "a"], mismatches: [{ name: "b" }], score: { agree: 2, of: 3 } },
    });
  });

  it("takes those of the verifiers that are asked for summaries, and nobody else's", async () => {
    const envelopes = [await signed(0), await signed(3), await signed(1, { buildId: `0x${"02".repeat(32)}` })];
    const summariesUnder = (one: Policy) => {
      const statements = new SignedStatements(one);
      statements.add(envelopes, new SignatureAllowance());
      return statements.summaries();
    };
    const found = summariesUnder(policy);
    expect(found.map(({ verifiers }) => verifiers)).toEqual([["a"], ["b"]]);
    expect([...summaryWords(buildId, found).keys()]).toEqual(["a"]);
    expect(summariesUnder(policyWith({ builders: { least: 1, of: ["a"] } }))).toEqual([]);
  });
});

describe("a policy that asks for summaries", () => {
  const { keys } = policyWith({ chain: "main" });
  it.each<[string, object, RegExp]>([
    ["of somebody it does not name", { summaries: { least: 1, of: ["z"] } }, /summaries\.of: there is no key z/],
    ["of more than there are", { summaries: { least: 3, of: ["a", "b"] } }, /3 of 2 verifiers can never agree/],
    ["at a level that is none", { summaries: { least: 1, of: ["a"], level: "x" } }, /level: is not the name/],
    [
      "of one who is asked as a builder too",
      { all: [{ summaries: { least: 1, of: ["a"] } }, { builders: { least: 1, of: ["a"] } }] },
      /a is asked as a builder and for summaries/,
    ],
  ])("%s is refused", (_, require, why) => {
    expect(() => policyOf({ version: 1, keys, require }, "policy.yaml")).toThrow(why);
  });
});

describe("what may be said in a summary", () => {
  const builders = (least: number) => ({ builders: { least, of: ["a", "b", "c"] } });
  it.each<[string, Parameters<typeof policyWith>[0], string[], object[]]>([
    ["two of three", builders(2), ["a", "c"], [{ level: levels.reproduced, names: ["a", "c"] }]],
    ["one alone", builders(1), ["a", "b"], []],
    ["fewer than are asked for", { any: [builders(3), { chain: "main" }] }, ["a", "b"], []],
    ["a chain", { any: [builders(2), { chain: "main" }] }, ["a", "main"], [{ level: levels.final, chain: "main" }]],
    [
      "both",
      { all: [builders(2), { least: { count: 1, of: [{ chain: "main" }, { chain: "side" }] } }] },
      ["a", "b", "side"],
      [{ level: levels.reproduced }, { level: levels.final, chain: "side" }],
    ],
    ["somebody else's summary", { summaries: { least: 2, of: ["a", "b"] } }, ["a", "b"], []],
  ])("%s", (_, require, agree, grounds) => {
    expect(groundsOf(policyWith(require), { agree })).toMatchObject(grounds);
    expect(groundsOf(policyWith(require), { agree })).toHaveLength(grounds.length);
  });
});
