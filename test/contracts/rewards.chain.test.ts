import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { requestIdOf } from "../../src/protocol/claim.ts";
import { hashText } from "../../src/protocol/hash.ts";
import { rewardDelaySeconds } from "../../src/protocol/parameters.ts";
import { testTerms } from "../support/assayChain.ts";
import { madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute, eventOf } from "../support/assayDispute.ts";
import { buildId, buildStatus, faulty, honest, kept, refute, scene } from "../support/assayScene.ts";

const amount = 1_000n;
const { minCommitAgeSeconds, minResponseSeconds, maxWindowSeconds, solverBudgetSeconds } = testTerms;
const forever = 2n ** 256n - 1n;

async function requested() {
  const all = await scene();
  const requester = all.stranger;
  const expiry = (await all.chain.now()) + 20_000;
  const made = { requester: requester.address as Root, buildId, expiry, number: 7n };
  const sent = await all.chain.as(requester).request(buildId, expiry, made.number, "store:inputs", { value: amount });
  const event = eventOf(all.chain, (await sent.wait())!, "BuildRequested");
  return { ...all, requester, expiry, made, event, requestId: requestIdOf(made) };
}

describe("a request", () => {
  it("puts a reward on a build, under an id of its fields alone", async () => {
    const { chain, assay, requester, expiry, event, requestId } = await requested();
    const told = [requestId, buildId, requester.address, amount, BigInt(expiry), 7n, "store:inputs"];
    expect([...event]).toEqual(told);
    expect(await assay.requestOf(requestId)).toBe(amount);
    await chain.as(requester).request(buildId, expiry, 8n, "", { value: 5n });
    expect((await assay.rewardOf(buildId)).amount).toBe(amount + 5n);
    expect((await chain.result(buildId)).status).toBe(buildStatus.unknown);
  });

  it("is made once with the same fields: one that is equal in everything needs another number", async () => {
    const { chain, assay, requester, expiry, requestId } = await requested();
    const again = chain.as(requester).request(buildId, expiry, 7n, "store:other", { value: 1n });
    await expect(again).toRevertWith(assay, "AlreadyRequested", [requestId]);
    expect((await assay.rewardOf(buildId)).amount).toBe(amount);
  });

  it("needs an amount, an expiry to come, and a locator of at most 256 bytes", async () => {
    const { chain, assay, requester } = await requested();
    const now = (await chain.now()) + 10;
    await chain.at(now);
    const as = chain.as(requester);
    await expect(as.request(buildId, now + 10, 0n, "", { value: 0n })).toRevertWith(assay, "EmptyRequest", []);
    const past = as.request(buildId, now, 0n, "", { value: 1n });
    await expect(past).toRevertWith(assay, "ExpiryInThePast", [BigInt(now), BigInt(now)]);
    const long = as.request(buildId, now + 10, 0n, "x".repeat(257), { value: 1n });
    await expect(long).toRevertWith(assay, "LocatorTooLong", [256n, 257n]);
    await as.request(buildId, now + 10, 0n, "x".repeat(256), { value: 1n });
  });

  it("is refunded to its requester from its expiry on, once", async () => {
    const { chain, assay, requester, expiry, made, requestId, solver } = await requested();
    await chain.at(expiry - 1);
    const early = [BigInt(expiry), BigInt(expiry - 1)];
    await expect(assay.refundRequest(made)).toRevertWith(assay, "RequestNotExpired", early);
    await chain.at(expiry);
    await chain.undone(async () => {
      await chain.as(solver).refundRequest(made);
      expect(await chain.owed(requester)).toBe(amount - kept);
    });
    expect(await chain.receivedBy(requester, chain.as(requester).refundRequest(made))).toBe(amount);
    expect((await assay.rewardOf(buildId)).amount).toBe(0n);
    await expect(assay.refundRequest(made)).toRevertWith(assay, "NoSuchRequest", [requestId]);
    const other = { ...made, number: 8n };
    await expect(assay.refundRequest(other)).toRevertWith(assay, "NoSuchRequest", [requestIdOf(other)]);
    expect(await chain.balance()).toBe(0n);
  });

  it("is not refunded while a round is open, nor once the build is final", async () => {
    const { chain, assay, solver, verifier, expiry, made } = await requested();
    const claim = await TestClaim.make(chain, solver, honest);
    const dispute = await Dispute.open(claim, verifier);
    await chain.at(expiry + 1);
    const refused = (status: bigint) => [buildId, status];
    await expect(assay.refundRequest(made)).toRevertWith(assay, "BuildNotRefundable", refused(buildStatus.open));
    await dispute.timeoutSolver();
    await chain.undone(async () => {
      await assay.refundRequest(made);
    });
    // Refuted: the round is over, and the reward is free again. A new claim holds it anew.
    const again = await TestClaim.make(chain, solver, honest, { salt: hashText("again") });
    const wrong = await TestClaim.make(chain, solver, faulty, { salt: hashText("wrong") });
    await expect(assay.refundRequest(made)).toRevertWith(
      assay,
      "BuildNotRefundable",
      refused(buildStatus.contradicted),
    );
    await refute(wrong, verifier, 1n);
    await again.finalize();
    await expect(assay.refundRequest(made)).toRevertWith(assay, "BuildNotRefundable", refused(buildStatus.final));
    const late = chain.as(verifier).request(buildId, forever, 0n, "", { value: 1n });
    await expect(late).toRevertWith(assay, "BuildIsFinal", [buildId]);
  });
});

/** Claims of the right result that are committed in this order and revealed in the other one. */
async function race(count = 2) {
  const all = await requested();
  const { chain } = all;
  const claims: TestClaim[] = [];
  for (let i = 0; i < count; i++) {
    claims.push(await TestClaim.commit(chain, chain.accounts[10 + i]!, honest, { salt: hashText(`${i}`) }));
  }
  await chain.after(minCommitAgeSeconds);
  for (const claim of [...claims].reverse()) await claim.reveal();
  return { ...all, claims };
}

describe("the reward on a build", () => {
  it("is paid once, as soon as the build is final and no claim of its round is open", async () => {
    const { chain, assay, solver, lens } = await requested();
    await expect(assay.payReward(buildId)).toRevertWith(assay, "BuildNotFinal", [buildId, buildStatus.unknown]);
    const claim = await TestClaim.make(chain, solver, honest);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "BuildNotFinal", [buildId, buildStatus.open]);
    expect(await lens.rewardDueFrom(buildId)).toBe(0n);
    await claim.finalize();
    expect(await lens.rewardDueFrom(buildId)).toBe((await chain.build(buildId)).finalizedAt);
    expect(await chain.receivedBy(solver, chain.as(solver).payReward(buildId))).toBe(amount);
    const [event] = await assay.queryFilter(assay.filters.RewardPaid());
    expect([...event!.args]).toEqual([buildId, solver.address, amount]);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "NoReward", [buildId]);
    expect(await chain.balance()).toBe(0n);
  });

  it("is credited when somebody else calls", async () => {
    const { chain, assay, solver, requester } = await requested();
    await (await TestClaim.make(chain, solver, honest)).finalize();
    await chain.as(requester).payReward(buildId);
    expect(await chain.owed(solver)).toBe(amount - kept);
    expect((await assay.rewardOf(buildId)).amount).toBe(0n);
  });

  it("43. stolen by a copier who becomes final first: while claims are open it waits for the most senior", async () => {
    const { chain, assay, claims, lens } = await race();
    const [senior, copier] = claims as [TestClaim, TestClaim];
    const { windowEnd } = await copier.state();
    await chain.at(windowEnd);
    await copier.finalize();
    expect((await assay.rewardOf(buildId)).seniorSolver).toBe(copier.solver.address);
    const { joinDeadline, finalizedAt } = await chain.build(buildId);
    const due = await lens.rewardDueFrom(buildId);
    expect(joinDeadline! + BigInt(maxWindowSeconds)).toBeGreaterThan(finalizedAt!);
    const delay = (await lens.disputeSeconds(40)) + BigInt(minResponseSeconds);
    expect(due).toBe(joinDeadline! + BigInt(maxWindowSeconds) + delay);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "RewardNotDue");
    await chain.undone(async () => {
      // The early rule sends it where the late one would.
      await senior.finalize();
      expect(await chain.receivedBy(senior.solver, chain.as(senior.solver).payReward(buildId))).toBe(amount);
    });
    await chain.at(due - 1n);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "RewardNotDue", [due, 1n, due - 1n]);
    // Nobody has settled the senior claim in all that time: the one that is settled has it.
    await chain.at(due);
    expect(await chain.receivedBy(copier.solver, chain.as(copier.solver).payReward(buildId))).toBe(amount);
    await senior.finalize();
    await expect(assay.payReward(buildId)).toRevertWith(assay, "NoReward", [buildId]);
  });

  it("is due by the finality where that came after the longest window of the round", async () => {
    const { chain, assay, claims, lens } = await race();
    const { joinDeadline } = await chain.build(buildId);
    const finalizedAt = joinDeadline! + BigInt(maxWindowSeconds) + 9n;
    const [, copier] = claims as [TestClaim, TestClaim];
    await chain.at(finalizedAt);
    await chain.as(copier.solver).finalize(copier.reference, copier.details);
    const due = finalizedAt + BigInt(rewardDelaySeconds(testTerms));
    expect(await lens.rewardDueFrom(buildId)).toBe(due);
    await chain.at(due - 1n);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "RewardNotDue", [due, 1n, due - 1n]);
    await chain.at(due);
    await assay.payReward(buildId);
    expect(await chain.owed(copier.solver)).toBe(amount - kept);
  });

  it("43. waits for a senior claim that is challenged, and goes on when that has fallen", async () => {
    const { chain, assay, claims, verifier } = await race();
    const [senior, copier] = claims as [TestClaim, TestClaim];
    const { windowEnd } = await senior.state();
    await chain.at(windowEnd - 2n);
    const dispute = await Dispute.open(senior, verifier);
    await copier.finalize();
    await expect(assay.payReward(buildId)).toRevertWith(assay, "RewardNotDue");
    await chain.after(solverBudgetSeconds + 1);
    await dispute.timeoutSolver();
    await assay.payReward(buildId);
    expect(await chain.owed(copier.solver)).toBe(amount - kept);
  });

  it("goes to the first to commit in whatever order claims are settled", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const { chain, assay, claims } = await race(3);
      for (const i of order) await claims[i]!.finalize();
      await assay.payReward(buildId);
      expect(await chain.owed(claims[0]!.solver)).toBe(amount - kept);
      expect((await assay.rewardOf(buildId)).amount).toBe(0n);
    }
  });

  it("goes to the lowest id of those that were committed in one second", async () => {
    for (const reverse of [false, true]) {
      const { chain, assay } = await requested();
      const claims: TestClaim[] = [];
      for (let i = 0; i < 3; i++) {
        claims.push(await TestClaim.prepare(chain, chain.accounts[10 + i]!, honest, { salt: hashText(`${i}`) }));
      }
      await chain.ethers.provider.send("evm_setAutomine", [false]);
      for (const claim of claims) {
        await chain.as(claim.solver).commit(claim.claimId, { value: testTerms.solverBond, gasLimit: 200_000 });
      }
      await chain.ethers.provider.send("evm_mine", []);
      await chain.ethers.provider.send("evm_setAutomine", [true]);
      expect(new Set(await Promise.all(claims.map(async (claim) => (await claim.state()).committedAt))).size).toBe(1);
      await chain.after(minCommitAgeSeconds);
      for (const claim of claims) await claim.reveal();
      const byId = [...claims].sort((a, b) => (a.claimId < b.claimId ? -1 : 1));
      for (const claim of reverse ? [...byId].reverse() : byId) await claim.finalize();
      expect((await assay.rewardOf(buildId)).seniorClaim).toBe(byId[0]!.claimId);
    }
  });

  it("is noted for nobody where there is none", async () => {
    const { chain, assay, solver } = await scene();
    await (await TestClaim.make(chain, solver, honest)).finalize();
    expect((await assay.rewardOf(buildId)).seniorClaim).toBe(`0x${"0".repeat(64)}`);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "NoReward", [buildId]);
    await expect(assay.payReward(madeUpRoot(1))).toRevertWith(assay, "BuildNotFinal", [madeUpRoot(1), 0n]);
  });
});
