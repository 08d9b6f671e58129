import { describe, expect, it } from "vitest";
import type { Requirement } from "../../src/client/policy/policy.ts";
import { draftOf, policyValueOf } from "../../src/explorer/page/policy/draft.ts";
import { builders, policyWith } from "../client/policy/policies.ts";

const of = (require: Requirement) => ({ ...policyWith(require), chains: {} });

describe("the form of a policy", () => {
  it("gives the policy back that it was made of", () => {
    const policy = of({ builders: { least: 2, of: builders } });
    expect(policyValueOf(draftOf(policy)!)).toEqual(policy);
  });

  it("is not shown for builders that have to be independent: it would lose that", () => {
    expect(draftOf(of({ builders: { least: 2, of: builders, independent: true } }))).toBeUndefined();
  });
});
