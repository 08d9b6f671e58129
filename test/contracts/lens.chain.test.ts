import { describe, expect, it } from "vitest";
import { challengeIdOf, stakeKeyOf } from "../../src/protocol/challenge.ts";
import { claimWindowSeconds, disputeSeconds, rewardDelaySeconds } from "../../src/protocol/parameters.ts";
import { testTerms } from "../support/assayChain.ts";
import { madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { buildId, challenged, claimed, faulty, honest, refute } from "../support/assayScene.ts";

describe("the lens", () => {
  it("gives the ids that clients compute", async () => {
    const { lens, dispute, claim, verifier } = await challenged();
    const key = await lens.stakeKeyOf(verifier.address, buildId, 0n);
    expect(key).toBe(stakeKeyOf(verifier.address as `0x${string}`, buildId, 0n));
    expect(await lens.challengeIdOf(key, claim.claimId)).toBe(challengeIdOf(dispute.stakeKey, claim.claimId));
    expect(await lens.ASSAY()).toBe(await dispute.chain.assay.getAddress());
  });

  it("gives the durations that clients compute", async () => {
    const { lens } = await claimed();
    for (const log2Ticks of [0, 1, 3, 16, 17, 40]) {
      expect(await lens.disputeSeconds(log2Ticks)).toBe(BigInt(disputeSeconds(testTerms, log2Ticks)));
      expect(await lens.windowSeconds(log2Ticks)).toBe(BigInt(claimWindowSeconds(testTerms, log2Ticks)));
    }
    expect(rewardDelaySeconds(testTerms)).toBe(disputeSeconds(testTerms) + testTerms.minResponseSeconds);
  });

  it("says of a claim whether it can be challenged, as the contract does", async () => {
    const { chain, lens, claim, solver, rival, verifier } = await claimed(honest);
    const wrong = await TestClaim.make(chain, rival, faulty);
    const agree = async (second: bigint, expected: boolean) => {
      await chain.undone(async () => {
        await chain.at(second);
        await chain.ethers.provider.send("evm_mine", []);
        expect(await lens.isChallengeable(claim.reference)).toBe(expected);
        const tried = chain.as(verifier).challenge.staticCall(claim.reference, 5n, { value: testTerms.challengerBond });
        if (expected) await tried;
        else await expect(tried).rejects.toThrow(/WindowIsOver/);
      });
    };
    const { windowEnd } = await wrong.state();
    await agree(windowEnd + 100n, true);
    const dispute = await Dispute.open(wrong, verifier);
    await chain.at(windowEnd + 50n);
    await dispute.timeoutSolver();
    const end = windowEnd + 50n + BigInt(testTerms.reactionSeconds);
    expect(await lens.finalizableFrom(claim.reference)).toBe(end);
    await agree(end - 1n, true);
    await agree(end, false);
    expect(await lens.isChallengeable(wrong.reference)).toBe(false);
    expect(await lens.finalizableFrom(wrong.reference)).toBe(0n);
    const unknown = { ...claim.reference, details: madeUpRoot(1) };
    expect([await lens.isChallengeable(unknown), await lens.finalizableFrom(unknown)]).toEqual([false, 0n]);
    expect(solver.address).not.toBe(rival.address);
  });

  it("counts the reaction time only where it is later than the window's end", async () => {
    const { chain, lens, claim, rival, verifier } = await claimed(honest);
    const wrong = await TestClaim.make(chain, rival, faulty);
    await refute(wrong, verifier);
    const { windowEnd } = await claim.state();
    expect(BigInt((await chain.now()) + testTerms.reactionSeconds)).toBeLessThan(windowEnd);
    expect(await lens.finalizableFrom(claim.reference)).toBe(windowEnd);
    await chain.at(windowEnd);
    await claim.finalize();
  });
});
