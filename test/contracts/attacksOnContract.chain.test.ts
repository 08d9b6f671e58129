import { describe, expect, it } from "vitest";
import { zeroRoot } from "../../src/protocol/hash.ts";
import { type AssayChain, type Signer, testTerms } from "../support/assayChain.ts";
import { madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute, type SelectionArgument } from "../support/assayDispute.ts";
import {
  buildId,
  challenged,
  claimed,
  claimStatus,
  honest,
  kept,
  loseByTimeout,
  paidOf,
  refute,
} from "../support/assayScene.ts";

const { solverBond, challengerBond } = testTerms;
const blank: SelectionArgument = { child: 0, startRoot: zeroRoot, endRoot: zeroRoot, siblings: [] };

/** Every call that begins or ends something on a claim. */
function callsOn(chain: AssayChain, claim: TestClaim, challenger: Signer): Record<string, () => Promise<unknown>> {
  const as = chain.as(challenger);
  const value = challengerBond;
  return {
    challenge: () => as.challenge(claim.reference, 9n, { value }),
    challengeCheckpoints: () => as.challengeCheckpoints(claim.reference, claim.details, claim.pair(0), 9n, { value }),
    finalize: () => as.finalize(claim.reference, claim.details),
  };
}

/** Every call that ends a challenge or moves it, apart from those that look at nothing but the challenge. */
function endingsOf(chain: AssayChain, dispute: Dispute): Record<string, () => Promise<unknown>> {
  const { ending, claim, challenger } = dispute;
  return {
    selectFault: () => chain.as(challenger).selectFault(...ending, blank, "0x"),
    proveFault: () => chain.as(challenger).proveFault(...ending, "0x"),
    concede: () => chain.as(claim.solver).concede(...ending),
    timeoutSolver: () => chain.as(challenger).timeoutSolver(...ending),
    timeoutChallenger: () => chain.as(challenger).timeoutChallenger(...ending),
    closeChallenge: () => chain.as(challenger).closeChallenge(...ending),
  };
}

describe("attack on the contract:", () => {
  it("7. acting after the end: nothing begins or ends on a refuted claim", async () => {
    const { chain, assay, claim, verifier, stranger, accomplice } = await claimed();
    const unanswered = await Dispute.open(claim, stranger);
    const atStep = await (await Dispute.open(claim, accomplice)).playToStep(honest);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    const money = async () => [await chain.balance(), await chain.owed(verifier), await chain.owed(claim.solver)];
    const before = await money();
    const refused = [claim.claimId, claimStatus.refuted];
    for (const [name, call] of Object.entries(callsOn(chain, claim, verifier))) {
      await expect(call(), name).toRevertWith(assay, "ClaimNotOpen", refused);
    }
    await chain.after(testTerms.solverBudgetSeconds + testTerms.challengerBudgetSeconds);
    for (const call of [
      () => unanswered.timeoutSolver(),
      () => unanswered.concede(),
      () => atStep.proveFault(honest),
      () => atStep.timeoutChallenger(),
    ]) {
      await expect(call()).toRevertWith(assay, "ClaimNotOpen", refused);
    }
    for (const [name, call] of Object.entries(endingsOf(chain, dispute))) {
      await expect(call(), name).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    }
    expect(await money()).toEqual(before);
  });

  it("7. acting after the end: nothing begins or ends on a final claim", async () => {
    const { chain, assay, claim, dispute } = await challenged(honest);
    await loseByTimeout(dispute);
    await claim.finalize();
    for (const [name, call] of Object.entries(callsOn(chain, claim, dispute.challenger))) {
      await expect(call(), name).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, claimStatus.final]);
    }
    for (const [name, call] of Object.entries(endingsOf(chain, dispute))) {
      await expect(call(), name).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    }
    expect(await chain.owed(claim.solver)).toBe(paidOf(challengerBond) - kept);
  });

  it("7. acting after the end: nothing moves in a lost challenge", async () => {
    const { chain, assay, claim, dispute } = await challenged(honest);
    await loseByTimeout(dispute);
    for (const [name, call] of Object.entries(endingsOf(chain, dispute))) {
      await expect(call(), name).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    }
    const post = chain.as(claim.solver).postRow(dispute.shown, [madeUpRoot(1)]);
    await expect(post).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    await expect(dispute.select(honest)).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
  });

  it("7. acting before the beginning: on a claim that is committed, or never was, nothing goes", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const reference = { ...claim.reference, details: madeUpRoot(1) };
    const id = await chain.lens.claimIdOf(reference);
    const none = [id, claimStatus.none];
    const challenge = chain.as(verifier).challenge(reference, 0n, { value: challengerBond });
    await expect(challenge).toRevertWith(assay, "ClaimNotOpen", none);
    const dispute = await Dispute.open(claim, verifier);
    await expect(assay.closeChallenge(dispute.shown, reference, 0n)).toRevertWith(assay, "ClaimNotRefuted", none);
    await chain.as(claim.solver).commit(id, { value: solverBond });
    const committed = [id, claimStatus.committed];
    const early = chain.as(verifier).challenge(reference, 1n, { value: challengerBond });
    await expect(early).toRevertWith(assay, "ClaimNotOpen", committed);
    await expect(assay.closeChallenge(dispute.shown, reference, 0n)).toRevertWith(assay, "ClaimNotRefuted", committed);
    expect(await dispute.isOpen()).toBe(true);
  });

  it("8. unbounded loops: refuting costs the same with one other challenge and claim and with many", async () => {
    const gasOfRefuting = async (others: number) => {
      const { chain, claim, verifier, stranger } = await claimed();
      const dispute = await Dispute.open(claim, verifier);
      for (let i = 0; i < others; i++) await Dispute.open(claim, stranger, { stakeNumber: BigInt(i) });
      await dispute.playToStep(honest);
      const { gasUsed } = (await (await dispute.proveFault(honest)).wait())!;
      expect((await chain.build(buildId)).openClaims).toBe(0n);
      return gasUsed;
    };
    const [few, many] = [await gasOfRefuting(1), await gasOfRefuting(100)];
    // Bytes of calldata that happen to be zero, nothing else.
    expect(Math.abs(Number(many - few))).toBeLessThan(200);
  });

  it("8. unbounded loops: a stake returns at the same price after one challenge and after many", async () => {
    const gasOfReturning = async (count: number) => {
      const { chain, claim, verifier, solver } = await claimed();
      const dispute = await refute(claim, verifier);
      for (let i = 1; i < count; i++) {
        const clone = await TestClaim.make(chain, solver, claim.trace, { salt: madeUpRoot(i) });
        await (await Dispute.open(clone, verifier)).concede();
      }
      return (await (await dispute.returnStake()).wait())!.gasUsed;
    };
    const [one, many] = [await gasOfReturning(1), await gasOfReturning(12)];
    expect(Math.abs(Number(many - one))).toBeLessThan(200);
  });
});
