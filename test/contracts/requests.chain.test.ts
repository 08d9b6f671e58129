import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute, eventOf } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const trace = new LoopTrace({ ticks: 6, turns: 1 });
const { buildId } = trace;
const amount = 1_000n;

async function requested() {
  const chain = await AssayChain.start();
  const [, requester, solver, verifier] = chain.accounts;
  const expiry = (await chain.now()) + 20_000;
  const sent = await chain.as(requester!).request(buildId, expiry, "store:inputs", { value: amount });
  const args = eventOf(chain, (await sent.wait())!, "BuildRequested");
  const requestId = args.requestId as Root;
  return { chain, assay: chain.assay, requester: requester!, solver: solver!, verifier: verifier!, expiry, requestId };
}

describe("a request", () => {
  it("puts a reward on a build", async () => {
    const { chain, assay, requester, expiry, requestId } = await requested();
    const { requester: by, amount: paid, buildId: build, expiry: until } = await assay.requestOf(requestId);
    expect([by, paid, build, until]).toEqual([requester.address, amount, buildId, BigInt(expiry)]);
    await chain.as(requester).request(buildId, expiry, "", { value: 5n });
    expect((await assay.buildOf(buildId)).reward).toBe(amount + 5n);
    expect((await chain.result(buildId)).status).toBe(0n);
  });

  it("needs an amount and an expiry to come", async () => {
    const { chain, assay, requester } = await requested();
    const now = (await chain.now()) + 10;
    await chain.at(now);
    const empty = chain.as(requester).request(buildId, now + 10, "", { value: 0n });
    await expect(empty).toRevertWith(assay, "EmptyRequest", []);
    const past = chain.as(requester).request(buildId, now, "", { value: 1n });
    await expect(past).toRevertWith(assay, "ExpiryInThePast", [BigInt(now), BigInt(now)]);
  });

  it("is refunded to its requester from its expiry on, once", async () => {
    const { chain, assay, requester, solver, expiry, requestId } = await requested();
    await chain.at(expiry - 1);
    const args = [BigInt(expiry), BigInt(expiry - 1)];
    await expect(assay.refundRequest(requestId)).toRevertWith(assay, "RequestNotExpired", args);
    await chain.at(expiry);
    await chain.as(solver).refundRequest(requestId);
    expect(await chain.owed(requester)).toBe(amount);
    expect((await assay.buildOf(buildId)).reward).toBe(0n);
    await expect(assay.refundRequest(requestId)).toRevertWith(assay, "NoSuchRequest", [requestId]);
    await expect(assay.refundRequest(madeUpRoot(1))).toRevertWith(assay, "NoSuchRequest", [madeUpRoot(1)]);
  });

  it("is not refunded while a round is open, nor once the build is final", async () => {
    const { chain, assay, solver, verifier, expiry, requestId } = await requested();
    const claim = await TestClaim.make(chain, solver, trace);
    const dispute = await Dispute.open(claim, verifier);
    await chain.at(expiry + 1);
    await expect(assay.refundRequest(requestId)).toRevertWith(assay, "BuildNotRefundable", [buildId, 1n]);
    await dispute.timeoutSolver();
    // Refuted: the round is over, and the reward is free again. A new claim holds it anew.
    const again = await TestClaim.make(chain, solver, trace, { salt: madeUpRoot(2) });
    await expect(assay.refundRequest(requestId)).toRevertWith(assay, "BuildNotRefundable", [buildId, 1n]);
    await again.finalize();
    await expect(assay.refundRequest(requestId)).toRevertWith(assay, "BuildNotRefundable", [buildId, 3n]);
    const late = chain.as(verifier).request(buildId, 2n ** 40n - 1n, "", { value: 1n });
    await expect(late).toRevertWith(assay, "BuildIsFinal", [buildId]);
  });

  it("is refunded after the last claim of its build has fallen", async () => {
    const { chain, assay, requester, solver, verifier, expiry, requestId } = await requested();
    const claim = await TestClaim.make(chain, solver, trace);
    const dispute = await Dispute.open(claim, verifier);
    await chain.at(expiry + 1);
    await dispute.timeoutSolver();
    await assay.refundRequest(requestId);
    expect(await chain.owed(requester)).toBe(amount);
  });
});

describe("the reward on a build", () => {
  it("is paid once, after every claim of the round has had its time", async () => {
    const { chain, assay, solver } = await requested();
    await expect(assay.payReward(buildId)).toRevertWith(assay, "BuildNotFinal", [buildId, 0n]);
    const claim = await TestClaim.make(chain, solver, trace);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "BuildNotFinal", [buildId, 1n]);
    await claim.finalize();
    const { joinDeadline, finalizedAt } = await assay.buildOf(buildId);
    const due = await assay.rewardDueFrom(buildId);
    const roundOver = joinDeadline + BigInt(testTerms.maxWindowSeconds);
    expect(roundOver).toBeGreaterThan(finalizedAt);
    expect(due).toBe(roundOver + (await assay.disputeSeconds(40)) + BigInt(testTerms.minResponseSeconds));
    await chain.at(due);
    await assay.payReward(buildId);
    expect(await chain.owed(solver)).toBe(testTerms.solverBond + amount);
  });
});
