import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { stakeKeyOf } from "../../src/protocol/challenge.ts";
import { hashText } from "../../src/protocol/hash.ts";
import { type Signer, testTerms } from "../support/assayChain.ts";
import { TestClaim } from "../support/assayClaim.ts";
import { Dispute, eventOf } from "../support/assayDispute.ts";
import {
  buildId,
  challenged,
  claimed,
  claimStatus,
  faulty,
  honest,
  kept,
  loseByTimeout,
  paidOf,
  refute,
  scene,
  stakeStatus,
} from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const { solverBond, challengerBond, solverBudgetSeconds, challengerBudgetSeconds } = testTerms;
const { live, lost, returned, none } = stakeStatus;

/** Clones of a wrong claim by one solver, and a right claim of another. */
async function clones(count: number) {
  const all = await scene();
  const claims: TestClaim[] = [];
  for (let i = 0; i < count; i++) {
    claims.push(await TestClaim.make(all.chain, all.solver, faulty, { salt: hashText(`clone ${i}`) }));
  }
  const right = await TestClaim.make(all.chain, all.rival, honest);
  return { ...all, claims, right };
}

describe("a stake", () => {
  it("is paid with the first challenge of a build, exactly, and never again", async () => {
    const { chain, assay, claims, verifier } = await clones(3);
    for (const value of [0n, challengerBond - 1n, challengerBond + 1n]) {
      const args = [challengerBond, value];
      await expect(Dispute.open(claims[0]!, verifier, { value })).toRevertWith(assay, "WrongBond", args);
      await expect(Dispute.open(claims[0]!, verifier, { value, checkpoint: 1 })).toRevertWith(assay, "WrongBond", args);
    }
    const before = await chain.balance();
    const first = await Dispute.open(claims[0]!, verifier);
    expect(await first.stake()).toEqual([live, 1n, false]);
    for (const value of [1n, challengerBond]) {
      const further = Dispute.open(claims[1]!, verifier, { value });
      await expect(further).toRevertWith(assay, "WrongBond", [0n, value]);
    }
    await Dispute.open(claims[1]!, verifier);
    await Dispute.open(claims[2]!, verifier, { checkpoint: 2 });
    expect(await first.stake()).toEqual([live, 3n, true]);
    expect((await chain.balance()) - before).toBe(challengerBond);
  });

  it("covers one challenge against a claim: a second one needs a stake of its own", async () => {
    const { chain, assay, claim, dispute, verifier } = await challenged();
    const again = Dispute.open(claim, verifier, { checkpoint: 1 });
    await expect(again).toRevertWith(assay, "AlreadyChallenged", [dispute.id]);
    const before = await chain.balance();
    const second = await Dispute.open(claim, verifier, { stakeNumber: 2n ** 256n - 1n });
    expect((await chain.balance()) - before).toBe(challengerBond);
    expect(second.id).not.toBe(dispute.id);
    expect(await second.stake()).toEqual([live, 1n, false]);
    expect(await dispute.stake()).toEqual([live, 1n, false]);
    expect((await claim.state()).openChallenges).toBe(2n);
  });

  it("is not made useful again by a challenge that it has lost: the claim stays closed to it", async () => {
    const { chain, assay, claim, dispute, verifier } = await challenged();
    await loseByTimeout(dispute);
    const again = Dispute.open(claim, verifier, { value: 0n });
    await expect(again).toRevertWith(assay, "StakeNotLive", [dispute.stakeKey, lost]);
    await expect(Dispute.open(claim, verifier, { value: challengerBond })).toRevertWith(assay, "StakeNotLive");
    expect((await chain.assay.stakeOf(dispute.stakeKey)).open).toBe(0n);
  });

  it("belongs to one challenger, one build and one number", async () => {
    const { chain, dispute, verifier, stranger, rival } = await challenged();
    const key = (by: Signer, build: Root, number: bigint) => stakeKeyOf(by.address as Root, build, number);
    const others = [key(stranger, buildId, 0n), key(verifier, hashText("other"), 0n), key(verifier, buildId, 1n)];
    for (const other of others) expect((await chain.assay.stakeOf(other)).status).toBe(none);
    expect(key(verifier, buildId, 0n)).toBe(dispute.stakeKey);
    const elsewhere = new LoopTrace({ ticks: 6, turns: 1, exitCode: 9 }, { tick: 2, step: 11, kind: "memory" });
    const claim = await TestClaim.make(chain, rival, elsewhere);
    // 68: what is staked on another build counts for nothing here.
    await expect(Dispute.open(claim, verifier, { value: 0n })).toRevertWith(chain.assay, "WrongBond", [
      challengerBond,
      0n,
    ]);
    await Dispute.open(claim, verifier);
    expect(await dispute.stake()).toEqual([live, 1n, false]);
  });
});

describe("a stake that is live", () => {
  it("returns to its challenger's call alone, directly, when none of its challenges is open", async () => {
    const { chain, assay, claims, verifier, stranger } = await clones(2);
    const dispute = await refute(claims[0]!, verifier);
    const second = await Dispute.open(claims[1]!, verifier);
    await expect(dispute.returnStake()).toRevertWith(assay, "StakeInUse", [dispute.stakeKey, 1n]);
    const foreign = stakeKeyOf(stranger.address as Root, buildId, 0n);
    await expect(dispute.returnStake(stranger)).toRevertWith(assay, "StakeNotLive", [foreign, none]);
    await second.concede();
    expect(await chain.receivedBy(verifier, dispute.returnStake())).toBe(challengerBond);
    const [event] = await assay.queryFilter(assay.filters.StakeReturned());
    expect([...event!.args]).toEqual([verifier.address, buildId, 0n]);
    expect(await dispute.stake()).toEqual([returned, 0n, true]);
    await expect(dispute.returnStake()).toRevertWith(assay, "StakeNotLive", [dispute.stakeKey, returned]);
  });

  it("74. returned never covers a claim again, whatever is paid", async () => {
    const { assay, claims, verifier } = await clones(2);
    const dispute = await refute(claims[0]!, verifier);
    await dispute.returnStake();
    for (const value of [0n, challengerBond]) {
      const again = Dispute.open(claims[1]!, verifier, { value });
      await expect(again).toRevertWith(assay, "StakeNotLive", [dispute.stakeKey, returned]);
    }
    await Dispute.open(claims[1]!, verifier, { stakeNumber: 1n });
  });

  it("74. does not return by itself: it still covers the wrong claim that comes next", async () => {
    const { chain, claims, verifier, solver } = await clones(1);
    const dispute = await refute(claims[0]!, verifier);
    expect(await dispute.stake()).toEqual([live, 0n, false]);
    const late = await TestClaim.make(chain, solver, faulty, { salt: hashText("late") });
    const before = await chain.balance();
    await refute(late, verifier);
    expect(await chain.balance()).toBe(before);
    expect(await dispute.stake()).toEqual([live, 0n, true]);
  });

  it("is freed by every end that is not its own loss: by fault, time-out, concession and closing", async () => {
    const { chain, claims, verifier, accomplice } = await clones(4);
    const first = await refute(claims[0]!, verifier);
    expect(await first.stake()).toEqual([live, 0n, false]);
    const second = await Dispute.open(claims[1]!, verifier);
    const third = await Dispute.open(claims[2]!, verifier);
    const fourth = await Dispute.open(claims[3]!, verifier);
    const other = await Dispute.open(claims[3]!, accomplice);
    expect(await first.stake()).toEqual([live, 3n, true]);
    await third.concede();
    expect(await first.stake()).toEqual([live, 2n, true]);
    await chain.after(solverBudgetSeconds + 1);
    await second.timeoutSolver();
    expect(await first.stake()).toEqual([live, 1n, true]);
    await other.timeoutSolver();
    expect(await first.stake()).toEqual([live, 1n, true]);
    await fourth.close();
    expect(await first.stake()).toEqual([live, 0n, true]);
    expect(await chain.owed(verifier)).toBe(3n * paidOf(solverBond) - kept);
    expect(await chain.receivedBy(verifier, first.returnStake())).toBe(challengerBond);
  });
});

describe("a stake that is lost", () => {
  it("is divided when it has covered one claim only", async () => {
    const { chain, assay, claim, dispute } = await challenged(honest);
    await loseByTimeout(dispute);
    const [event] = await assay.queryFilter(assay.filters.ChallengeLost());
    const paid = paidOf(challengerBond);
    expect([...event!.args]).toEqual([claim.claimId, dispute.id, paid, challengerBond - paid]);
    expect(await chain.owed(claim.solver)).toBe(paid - kept);
    expect(await dispute.stake()).toEqual([lost, 0n, false]);
    await expect(dispute.returnStake()).toRevertWith(assay, "StakeNotLive", [dispute.stakeKey, lost]);
  });

  it("69. burns in full when it has covered several, also when the other challenges are long over", async () => {
    const { chain, claims, right, verifier } = await clones(1);
    await refute(claims[0]!, verifier);
    const dispute = await Dispute.open(right, verifier);
    await dispute.answer();
    await chain.after(challengerBudgetSeconds + 1);
    const receipt = await (await dispute.timeoutChallenger()).wait();
    const event = eventOf(chain, receipt!, "ChallengeLost");
    expect([event.paid, event.burned]).toEqual([0n, challengerBond]);
    expect(await chain.owed(right.solver)).toBe(0n);
    expect(await dispute.stake()).toEqual([lost, 0n, true]);
  });

  it("leaves its other challenges to go on, which win and earn the reward", async () => {
    const { chain, claims, right, verifier } = await clones(2);
    const losing = await Dispute.open(right, verifier);
    const winning = await Dispute.open(claims[0]!, verifier);
    const closing = await Dispute.open(claims[1]!, verifier);
    await loseByTimeout(losing);
    expect(await losing.stake()).toEqual([lost, 2n, true]);
    await winning.playToStep(honest);
    await winning.proveFault(honest);
    expect((await claims[0]!.state()).status).toBe(claimStatus.refuted);
    expect(await chain.owed(verifier)).toBe(paidOf(solverBond) - kept);
    expect(await winning.stake()).toEqual([lost, 1n, true]);
    await chain.after(solverBudgetSeconds + 1);
    await closing.timeoutSolver();
    expect(await winning.stake()).toEqual([lost, 0n, true]);
    await expect(winning.returnStake()).toRevertWith(chain.assay, "StakeNotLive", [winning.stakeKey, lost]);
  });

  it("moves no more money when another of its challenges is lost", async () => {
    const { chain, right, claims, verifier } = await clones(1);
    const first = await Dispute.open(right, verifier);
    const second = await Dispute.open(claims[0]!, verifier);
    await loseByTimeout(first);
    const owed = [await chain.owed(right.solver), await chain.owed(claims[0]!.solver)];
    await second.answer();
    await chain.after(challengerBudgetSeconds + 1);
    const receipt = await (await second.timeoutChallenger()).wait();
    const event = eventOf(chain, receipt!, "ChallengeLost");
    expect([event.paid, event.burned]).toEqual([0n, 0n]);
    expect([await chain.owed(right.solver), await chain.owed(claims[0]!.solver)]).toEqual(owed);
    expect((await claims[0]!.state()).openChallenges).toBe(0n);
    expect(await first.stake()).toEqual([lost, 0n, true]);
  });

  it("covers no further claim", async () => {
    const { assay, right, claims, verifier } = await clones(1);
    const dispute = await Dispute.open(right, verifier);
    await loseByTimeout(dispute);
    const further = Dispute.open(claims[0]!, verifier, { value: 0n });
    await expect(further).toRevertWith(assay, "StakeNotLive", [dispute.stakeKey, lost]);
  });
});

describe("a challenge that is over", () => {
  it("ends no second time, and its word is cleared", async () => {
    const { assay, chain, claim, verifier } = await claimed();
    const dispute = await refute(claim, verifier);
    expect(await dispute.isOpen()).toBe(false);
    for (const call of [() => dispute.close(), () => dispute.timeoutChallenger(), () => dispute.timeoutSolver()]) {
      await expect(call()).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    }
    const again = Dispute.open(claim, verifier, { value: 0n });
    await expect(again).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, claimStatus.refuted]);
    expect((await chain.assay.stakeOf(dispute.stakeKey)).open).toBe(0n);
  });
});
