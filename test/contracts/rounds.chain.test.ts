import { describe, expect, it } from "vitest";
import { hashText } from "../../src/protocol/hash.ts";
import { testTerms } from "../support/assayChain.ts";
import { madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import {
  buildId,
  buildStatus,
  claimed,
  claimStatus,
  faulty,
  honest,
  loseByTimeout,
  otherwiseFaulty,
  refute,
  scene,
} from "../support/assayScene.ts";

const { solverBond, baseWindowSeconds, minCommitAgeSeconds, reactionSeconds, solverBudgetSeconds } = testTerms;

/** Claims of several traces in one round, in this order. */
async function round(...traces: (typeof honest)[]) {
  const all = await scene();
  const claims: TestClaim[] = [];
  for (const [i, trace] of traces.entries()) {
    claims.push(await TestClaim.make(all.chain, all.solver, trace, { salt: hashText(`claim ${i}`) }));
  }
  return { ...all, claims };
}

describe("a round", () => {
  it("is opened by the first reveal, for as long as a window without ticks, whatever the claim's length", async () => {
    for (const log2Ticks of [3, 12]) {
      const { chain, claim } = await claimed(honest, { log2Ticks, log2CheckpointTicks: 2 });
      const now = BigInt(await chain.now());
      const joinDeadline = now + BigInt(baseWindowSeconds);
      const counts = { openClaims: 1n, openRoots: 1n, firstRootClaims: 1n, contradictionEndedAt: 0n, phase: 1n };
      expect(await chain.build(buildId)).toMatchObject({ joinDeadline, ...counts });
      expect((await claim.state()).windowEnd).toBe(joinDeadline + BigInt(2 ** log2Ticks));
      expect((await chain.assay.buildOf(buildId)).firstRootOrSha256).toBe(honest.finalRoot);
    }
  });

  it("counts claims by root: the first root in the build's word, others apart", async () => {
    const { chain, assay, claims, verifier } = await round(faulty, honest, otherwiseFaulty, faulty, otherwiseFaulty);
    const living = async () =>
      await Promise.all(
        [faulty, honest, otherwiseFaulty].map(({ finalRoot }) => assay.livingClaims(buildId, finalRoot)),
      );
    expect(await living()).toEqual([2n, 1n, 2n]);
    const counts = { openClaims: 5n, openRoots: 3n, firstRootClaims: 2n, contradictionEndedAt: 0n };
    expect(await chain.build(buildId)).toMatchObject(counts);
    await refute(claims[0]!, verifier);
    expect(await chain.build(buildId)).toMatchObject({ ...counts, openClaims: 4n, firstRootClaims: 1n });
    await refute(claims[3]!, verifier);
    expect(await chain.build(buildId)).toMatchObject({ ...counts, openClaims: 3n, openRoots: 2n, firstRootClaims: 0n });
    expect((await chain.result(buildId)).status).toBe(buildStatus.contradicted);
    await refute(claims[2]!, verifier);
    expect(await chain.build(buildId)).toMatchObject({ openClaims: 2n, openRoots: 2n, contradictionEndedAt: 0n });
    await refute(claims[4]!, verifier);
    const contradictionEndedAt = BigInt(await chain.now());
    expect(await chain.build(buildId)).toMatchObject({ openClaims: 1n, openRoots: 1n, contradictionEndedAt });
    expect(await living()).toEqual([0n, 1n, 0n]);
  });

  it("counts a first root that has fallen and comes again", async () => {
    const { chain, assay, claims, verifier, rival } = await round(faulty, honest);
    await refute(claims[0]!, verifier);
    await TestClaim.make(chain, rival, faulty);
    expect(await chain.build(buildId)).toMatchObject({ openClaims: 2n, openRoots: 2n, firstRootClaims: 1n });
    expect(await assay.livingClaims(buildId, faulty.finalRoot)).toBe(1n);
  });

  it("can be joined in the last second before its deadline, and not in the deadline's", async () => {
    const { chain, assay, solver, rival, stranger } = await scene();
    await TestClaim.make(chain, solver, honest);
    const { joinDeadline } = await chain.build(buildId);
    await chain.at(joinDeadline! - 2n - BigInt(minCommitAgeSeconds));
    const last = await TestClaim.commit(chain, rival, honest);
    const late = await TestClaim.commit(chain, stranger, honest);
    await chain.at(joinDeadline! - 1n);
    await last.reveal();
    const [, event] = await assay.queryFilter(assay.filters.ClaimRevealed());
    expect([event!.args.joinDeadline, event!.args.opensRound]).toEqual([joinDeadline, false]);
    await chain.at(joinDeadline!);
    await expect(late.reveal()).toRevertWith(assay, "RoundIsClosed", [joinDeadline, joinDeadline]);
  });

  it("is over when its last claim has fallen: the next one begins anew, without a memory of contradictions", async () => {
    const { chain, assay, claims, verifier, rival } = await round(faulty, otherwiseFaulty);
    await refute(claims[0]!, verifier);
    expect((await chain.build(buildId)).contradictionEndedAt).toBe(BigInt(await chain.now()));
    await refute(claims[1]!, verifier);
    expect((await chain.result(buildId)).status).toBe(buildStatus.unknown);
    expect(await chain.build(buildId)).toMatchObject({ openClaims: 0n, openRoots: 0n });
    const next = await TestClaim.make(chain, rival, honest);
    const joinDeadline = BigInt((await chain.now()) + baseWindowSeconds);
    const fresh = { openClaims: 1n, openRoots: 1n, firstRootClaims: 1n, contradictionEndedAt: 0n, joinDeadline };
    expect(await chain.build(buildId)).toMatchObject(fresh);
    expect((await assay.buildOf(buildId)).firstRootOrSha256).toBe(honest.finalRoot);
    expect(await assay.livingClaims(buildId, faulty.finalRoot)).toBe(0n);
    // Nothing holds it up but its own window.
    const { windowEnd } = await next.state();
    await chain.at(windowEnd);
    await next.finalize();
  });
});

describe("a claim", () => {
  it("is final from its window's end on, once, and gives the build its result", async () => {
    const { chain, assay, claim, solver, lens } = await claimed(honest);
    const { windowEnd } = await claim.state();
    const finalize = () => chain.as(solver).finalize(claim.reference, claim.details);
    expect(await lens.finalizableFrom(claim.reference)).toBe(windowEnd);
    await chain.at(windowEnd - 1n);
    await expect(finalize()).toRevertWith(assay, "NotYetFinalizable", [windowEnd, windowEnd - 1n]);
    await chain.at(windowEnd);
    const receipt = await (await finalize()).wait();
    const names = receipt!.logs.map((log) => assay.interface.parseLog(log)!);
    expect(names.map(({ name, args }) => [name, ...args])).toEqual([
      ["ClaimFinalized", claim.claimId, buildId],
      ["BuildFinalized", buildId, claim.claimId, honest.finalRoot],
    ]);
    expect(await chain.result(buildId)).toEqual({
      status: buildStatus.final,
      finalizedAt: windowEnd,
      endStatus: 2n,
      trapCode: 0n,
      recordVersion: 1n,
      exitCode: 0n,
      artifactSize: claim.fields.outcome.artifactSize,
      artifactSha256: claim.fields.outcome.artifactSha256,
    });
    expect((await chain.build(buildId)).openClaims).toBe(0n);
    // The word that held the first root holds the artifact's hash now.
    expect(await assay.livingClaims(buildId, claim.fields.outcome.artifactSha256)).toBe(0n);
    await expect(finalize()).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, claimStatus.final]);
    expect(await lens.finalizableFrom(claim.reference)).toBe(0n);
  });

  it("is not final while a challenge is open against it, nor by other details than its own", async () => {
    const { chain, assay, claim, verifier } = await claimed(honest);
    const { windowEnd } = await claim.state();
    await chain.at(windowEnd - 5n);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    await chain.at(windowEnd);
    await expect(claim.finalize()).toRevertWith(assay, "ChallengesStillOpen", [claim.claimId, 1n]);
    const outcome = { ...claim.details.outcome, artifactSha256: madeUpRoot(5) };
    const forged = assay.finalize(claim.reference, { ...claim.details, outcome });
    await expect(forged).toRevertWith(assay, "DetailsMismatch");
    await chain.after(testTerms.challengerBudgetSeconds + 1);
    await dispute.timeoutChallenger();
    await claim.finalize();
  });

  it("that is settled after the build is final gives no second result", async () => {
    const { chain, assay, claims } = await round(honest, honest);
    await claims[1]!.finalize();
    const result = await chain.result(buildId);
    expect((await chain.build(buildId)).openClaims).toBe(1n);
    await claims[0]!.finalize();
    expect(await chain.result(buildId)).toEqual(result);
    expect(await assay.queryFilter(assay.filters.BuildFinalized())).toHaveLength(1);
    expect((await chain.build(buildId)).openClaims).toBe(0n);
  });
});

describe("attack on rounds:", () => {
  it("14. contradicting claims: neither is final while both live, and for the reaction time after one has fallen", async () => {
    const { chain, assay, claims, verifier, lens } = await round(honest, faulty);
    const [right, wrong] = claims as [TestClaim, TestClaim];
    await chain.after(50_000);
    for (const claim of claims) {
      await expect(assay.finalize(claim.reference, claim.details)).toRevertWith(assay, "ClaimsContradict", [
        buildId,
        2n,
      ]);
    }
    expect(await lens.isChallengeable(right.reference)).toBe(true);
    await refute(wrong, verifier);
    const contradictionEndedAt = BigInt(await chain.now());
    const from = contradictionEndedAt + BigInt(reactionSeconds);
    await chain.at(from - 1n);
    const early = assay.finalize(right.reference, right.details);
    await expect(early).toRevertWith(assay, "NotYetFinalizable", [from, from - 1n]);
    await chain.at(from);
    await expect(Dispute.open(right, verifier)).toRevertWith(assay, "WindowIsOver", [from, from]);
    await right.finalize();
    expect(await chain.result(buildId)).toMatchObject({ status: buildStatus.final });
    expect((await chain.build(buildId)).finalizedAt).toBeGreaterThanOrEqual(from);
  });

  it("14. contradicting claims: until the reaction time is over they can be challenged", async () => {
    const { chain, claims, verifier } = await round(honest, faulty);
    await chain.after(50_000);
    await refute(claims[1]!, verifier);
    const end = (await chain.now()) + reactionSeconds;
    await chain.at(end - 1);
    expect(await (await Dispute.open(claims[0]!, verifier)).isOpen()).toBe(true);
  });

  it("37. a clone of a wrong claim in the last second: it has its own full window", async () => {
    const { chain, assay, claim, rival, verifier } = await claimed();
    const { joinDeadline } = await chain.build(buildId);
    await chain.at(joinDeadline! - 1n - BigInt(minCommitAgeSeconds));
    const clone = await TestClaim.commit(chain, rival, faulty);
    await chain.at(joinDeadline! - 1n);
    await clone.reveal();
    const { windowEnd } = await clone.state();
    expect(windowEnd).toBe(joinDeadline! - 1n + (await chain.lens.windowSeconds(3)));
    await chain.at(windowEnd - 1n);
    await chain.undone(async () => {
      expect(await (await Dispute.open(clone, verifier)).isOpen()).toBe(true);
    });
    await chain.at(windowEnd);
    await expect(Dispute.open(clone, verifier)).toRevertWith(assay, "WindowIsOver", [windowEnd, windowEnd]);
    expect((await claim.state()).status).toBe(claimStatus.open);
  });

  it("56. a counter that reopens a final build: refuting a sibling afterwards changes nothing but its number", async () => {
    const { chain, assay, claims, verifier, rival } = await round(honest, honest);
    const [first, sibling] = claims as [TestClaim, TestClaim];
    const { windowEnd } = await first.state();
    await chain.at(windowEnd - 3n);
    const dispute = await Dispute.open(sibling, verifier);
    await chain.at(windowEnd);
    await first.finalize();
    const before = await chain.build(buildId);
    await chain.after(solverBudgetSeconds + 1);
    await dispute.timeoutSolver();
    expect((await sibling.state()).status).toBe(claimStatus.refuted);
    expect(await chain.build(buildId)).toEqual({ ...before, openClaims: 0n });
    const late = await TestClaim.commit(chain, rival, honest, { salt: hashText("late") });
    await chain.after(minCommitAgeSeconds);
    await expect(late.reveal()).toRevertWith(assay, "BuildIsFinal", [buildId]);
    expect(await chain.balance()).toBeGreaterThanOrEqual(solverBond);
  });
});

describe("a lost challenge", () => {
  it("leaves claim and round as they were", async () => {
    const { chain, claims, verifier } = await round(honest);
    const before = await chain.build(buildId);
    const dispute = await Dispute.open(claims[0]!, verifier);
    await loseByTimeout(dispute);
    expect(await chain.build(buildId)).toEqual(before);
    expect(await claims[0]!.stored()).toMatchObject({ status: claimStatus.open, openChallenges: 0n });
  });
});
