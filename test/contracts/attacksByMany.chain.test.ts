import { describe, expect, it } from "vitest";
import { testTerms } from "../support/assayChain.ts";
import { Dispute } from "../support/assayDispute.ts";
import { challenged, claimed, claimStatus, honest, kept, loseByTimeout, paidOf } from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const { solverBond, challengerBond, solverBudgetSeconds, challengerBudgetSeconds } = testTerms;
const reward = paidOf(solverBond);

describe("attack by several challengers:", () => {
  it("40. a time-out called where the row was posted for somebody else: each challenge has its own answer and its own time", async () => {
    const { chain, assay, claim, dispute, accomplice } = await challenged(honest);
    await chain.after(100);
    const second = await Dispute.open(claim, accomplice);
    await dispute.answer();
    // An answer in one is none in the other, and no time-out in it either.
    await expect(second.timeoutSolver()).toRevertWith(assay, "DeadlineNotPassed");
    await second.answer();
    await chain.after(solverBudgetSeconds + 1);
    for (const answered of [dispute, second]) {
      await expect(answered.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
      await answered.timeoutChallenger();
    }
    expect((await claim.state()).status).toBe(claimStatus.open);
  });

  it("44. a last selection copied from the mempool: only the challenger can send it", async () => {
    const { chain, assay, dispute, verifier, stranger } = await challenged();
    while (dispute.at.range.level === "ticks" || dispute.at.range.log2Length > 2) {
      await dispute.answer();
      await dispute.select(honest);
    }
    await dispute.answer();
    const selection = await dispute.selection(honest);
    const witness = await honest.stepWitness(dispute.at.range.tick, dispute.at.range.from + selection.child);
    const copied = chain.as(stranger).selectFault(...dispute.ending, selection, witness);
    await expect(copied).toRevertWith(assay, "NotChallenger", [verifier.address, stranger.address]);
    await dispute.selectFault(honest);
    expect(await chain.owed(verifier)).toBe(reward - kept);
  });

  it("52. sixty challenges side by side on different ticks: each is answered on its own", async () => {
    const long = new LoopTrace({ ticks: 64, turns: 0 });
    const { chain, claim } = await claimed(long, { log2Ticks: 6 });
    const disputes: Dispute[] = [];
    for (let i = 0; i < 60; i++) {
      const challenger = chain.accounts[5 + (i % 10)]!;
      disputes.push(await Dispute.open(claim, challenger, { checkpoint: i, stakeNumber: BigInt(i) }));
    }
    expect((await claim.state()).openChallenges).toBe(60n);
    for (const dispute of disputes) await dispute.answer();
    await chain.after(challengerBudgetSeconds + 1);
    for (const dispute of disputes) await dispute.timeoutChallenger();
    expect((await claim.state()).openChallenges).toBe(0n);
    expect(await chain.owed(claim.solver)).toBe(60n * paidOf(challengerBond) - kept);
    await claim.finalize();
    expect((await claim.state()).status).toBe(claimStatus.final);
  });

  it("57. an accomplice who comes first, loses, and still collects: a challenge that is over gets nothing", async () => {
    const { chain, claim, verifier, accomplice } = await claimed();
    const early = await Dispute.open(claim, accomplice);
    while (early.at.range.level === "ticks" || early.at.range.log2Length > 2) {
      await early.answer();
      await early.select(honest);
    }
    await loseByTimeout(early);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    expect(await chain.owed(accomplice)).toBe(0n);
    expect(await chain.owed(verifier)).toBe(reward - kept);
  });

  it("58. a late row that erases an overrun: a challenge has no other row than that posted for it, in time", async () => {
    const { chain, assay, claim, dispute: late, openedAt, accomplice } = await challenged();
    await chain.after(900);
    const fresh = await Dispute.open(claim, accomplice);
    await chain.at(openedAt + solverBudgetSeconds + 1);
    await expect(late.answer()).toRevertWith(assay, "DeadlinePassed");
    await fresh.answer();
    await expect(fresh.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await expect(late.answer()).toRevertWith(assay, "DeadlinePassed");
    await late.timeoutSolver();
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });
});

describe("challengers of a refuted claim", () => {
  it("have their stakes freed, also those whose clock had run out", async () => {
    const { chain, assay, claim, verifier, accomplice, stranger } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    const silent = await Dispute.open(claim, accomplice);
    await silent.answer();
    await dispute.answer();
    await chain.after(challengerBudgetSeconds);
    await dispute.playToStep(honest);
    await chain.after(5);
    await dispute.proveFault(honest);
    await expect(silent.timeoutChallenger()).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, claimStatus.refuted]);
    await silent.close(stranger);
    expect(await silent.stake()).toEqual([1n, 0n, false]);
    expect(await chain.receivedBy(accomplice, silent.returnStake())).toBe(challengerBond);
    await expect(silent.close()).toRevertWith(assay, "ChallengeNotOpen", [silent.id]);
  });

  it("are not freed while the claim stands, nor once it is final", async () => {
    const { chain, assay, claim, verifier, accomplice } = await claimed(honest);
    const dispute = await Dispute.open(claim, verifier);
    await expect(dispute.close()).toRevertWith(assay, "ClaimNotRefuted", [claim.claimId, claimStatus.open]);
    await loseByTimeout(dispute);
    const other = await Dispute.open(claim, accomplice);
    await loseByTimeout(other);
    await claim.finalize();
    await expect(other.close()).toRevertWith(assay, "ChallengeNotOpen", [other.id]);
    expect((await chain.assay.stakeOf(other.stakeKey)).open).toBe(0n);
  });

  it("can still be answered and select, which moves no money, and are closed from wherever they stand", async () => {
    const { chain, claim, verifier, accomplice } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    const others: Dispute[] = [];
    for (let i = 0; i < 4; i++) others.push(await Dispute.open(claim, accomplice, { stakeNumber: BigInt(i) }));
    await others[2]!.answer();
    await others[3]!.playToStep(honest);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    const owed = [await chain.owed(claim.solver), await chain.owed(accomplice)];
    const balance = await chain.balance();
    await others[0]!.answer();
    await others[0]!.select(honest);
    await others[2]!.select(honest);
    for (const other of others) {
      await other.close();
      expect(await other.isOpen()).toBe(false);
    }
    expect([await chain.owed(claim.solver), await chain.owed(accomplice)]).toEqual(owed);
    expect(await chain.balance()).toBe(balance);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });
});
