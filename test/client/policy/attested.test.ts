import { describe, expect, it } from "vitest";
import { attestationServer } from "../../../src/attestation/board.ts";
import { ask } from "../../../src/client/policy/ask.ts";
import { audit } from "../../../src/client/policy/audit.ts";
import { decide } from "../../../src/client/policy/decide.ts";
import { type Policy, policyOf, type Requirement } from "../../../src/client/policy/policy.ts";
import { Random } from "../../support/random.ts";
import { seed } from "../../support/seed.ts";
import { builders, outcomes, policyWith, randomEvidence, randomRequirement } from "./policies.ts";

const evidence = { rebuilt: { kind: "rebuilderd", key: "rebuilderd.pem" } } as const;
const withEvidence = (require: Requirement): Policy => ({ ...policyWith(require), evidence });
const [artifact, other] = outcomes as [string, string, string];
const attested = { artifact, names: new Set(["rebuilt"]) };
const nothing = { builders: new Map(), chains: new Map() };

describe("evidence of others", () => {
  it("is about the artifact that it names, and leaves every other open", () => {
    const policy = withEvidence({ evidence: "rebuilt" });
    expect(decide(policy, { ...nothing, attested }, artifact)).toMatchObject({
      decision: "accepted",
      agree: ["rebuilt"],
      score: { agree: 1, of: 1 },
    });
    expect(decide(policy, { ...nothing, attested }, other)).toMatchObject({
      decision: "undecided",
      misses: ["rebuilt"],
    });
    expect(decide(policy, nothing, artifact).decision).toBe("undecided");
    expect(
      decide(policy, { ...nothing, attested: { artifact, names: new Set(["stranger"]) } }, artifact).decision,
    ).toBe("undecided");
  });

  it("never makes an answer worse, whatever the policy and what builders say", () => {
    const random = new Random(seed);
    const order = ["refused", "undecided", "accepted"];
    for (let i = 0; i < 2000; i++) {
      const require = {
        least: { count: 1 + random.below(2), of: [{ evidence: "rebuilt" }, randomRequirement(random)] },
      };
      const [policy, said] = [withEvidence(require), randomEvidence(random)];
      const [without, also] = [decide(policy, said, artifact), decide(policy, { ...said, attested }, artifact)];
      expect(order.indexOf(also.decision)).toBeGreaterThanOrEqual(order.indexOf(without.decision));
    }
  });

  it("decides about an artifact of which nobody names a build", async () => {
    const policy = withEvidence({ any: [{ evidence: "rebuilt" }, { builders: { least: 1, of: [builders[0]!] } }] });
    const attestedBy = (sha256: string) => new Set(sha256 === artifact ? ["rebuilt"] : []);
    const verdict = await ask(policy, { artifactSha256: artifact }, { sources: [], attestedBy });
    expect(verdict).toMatchObject({ decision: "accepted", answers: [{ buildId: undefined, agree: ["rebuilt"] }] });
    const { verdicts } = await audit(policy, [artifact, other], { sources: [], attestedBy });
    expect([artifact, other].map((each) => verdicts.get(each)!.finding)).toEqual(["accepted", "unknown"]);
    const gone = attestationServer("http://127.0.0.1:1/");
    expect((await ask(policy, { artifactSha256: artifact }, { sources: [gone], attestedBy })).decision).toBe(
      "accepted",
    );
  });
});

describe("a policy's evidence", () => {
  const policy = (rule: object, require: object = { evidence: "rebuilt" }) =>
    policyOf({ version: 1, evidence: { rebuilt: rule }, require }, "policy.yaml");
  const root = { kind: "provenance", root: "root.json", issuer: "https://issuer.example" };

  it("names a key, or a root with an identity and its issuer", () => {
    expect(policy(evidence.rebuilt).evidence).toEqual(evidence);
    for (const identity of ["https://example.org/a.yml@refs/tags/v1", "https://example.org/a.yml@refs/tags/*"])
      expect(policy({ ...root, identity }).evidence!.rebuilt).toMatchObject({ identity });
  });

  it.each([
    ["names neither", { kind: "rebuilderd" }, /neither \{ kind, key \}/],
    ["names both", { ...root, identity: "a", key: "key.pem" }, /neither/],
    ["names a root for whomever", root, /neither/],
    ["names everybody", { ...root, identity: "*" }, /neither|star/],
    ["names every workflow", { ...root, identity: "https://example.org/*" }, /neither|star/],
    ["is of a kind that is not known", { kind: "notary", key: "key.pem" }, /neither|kind/],
  ])("that %s is refused", (_, rule, why) => {
    expect(() => policy(rule)).toThrow(why);
  });

  it("has to be there when it is required", () => {
    expect(() => policy(evidence.rebuilt, { evidence: "other" })).toThrow(/there is no other under evidence/);
    expect(() => policy(evidence.rebuilt, { evidence: "constructor" })).toThrow(/there is no constructor/);
  });
});
