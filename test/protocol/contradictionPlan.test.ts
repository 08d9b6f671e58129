import { describe, expect, it } from "vitest";
import { planAgainst, type RivalClaim } from "../../src/protocol/contradictionPlan.ts";
import { hashWords } from "../../src/protocol/hash.ts";

function wrong(number: number, seat: Partial<RivalClaim> = {}): RivalClaim {
  return {
    claimId: hashWords(number),
    challengerBond: 10n,
    verdict: "wrong",
    challenged: false,
    windowEnd: number,
    ...seat,
  };
}

describe("a verifier before several wrong claims", () => {
  it("challenges all of them when its bonds reach", () => {
    expect(planAgainst([wrong(1), wrong(2)], 20n, 100n)).toEqual({
      challenge: [hashWords(1), hashWords(2)],
      claim: false,
    });
  });

  it("54: claims the truth itself when they do not, and challenges with what is left, the most urgent first", () => {
    const clones = [wrong(3), wrong(1), wrong(2), ...Array.from({ length: 20 }, (_, i) => wrong(i + 10))];
    expect(planAgainst(clones, 125n, 100n)).toEqual({ challenge: [hashWords(1), hashWords(2)], claim: true });
  });

  it("54: leaves it at challenges when a right claim contradicts them already, or its money is not enough", () => {
    const clones = [wrong(1), wrong(2), wrong(3)];
    const right = wrong(4, { verdict: "right" });
    expect(planAgainst([...clones, right], 20n, 15n)).toEqual({
      challenge: [hashWords(1), hashWords(2)],
      claim: false,
    });
    expect(planAgainst(clones, 20n, 100n)).toEqual({ challenge: [hashWords(1), hashWords(2)], claim: false });
  });

  it("challenges nothing twice, and nothing that it has not found wrong", () => {
    const claims = [wrong(1, { challenged: true }), wrong(2, { verdict: "unknown" }), wrong(3, { verdict: "right" })];
    expect(planAgainst(claims, 1000n, 100n)).toEqual({ challenge: [], claim: false });
  });
});
