import { describe, expect, it } from "vitest";
import { testTerms } from "../support/assayChain.ts";
import { challenged, claimStatus, honest, kept, paidOf } from "../support/assayScene.ts";

const { solverBudgetSeconds: solverBudget, challengerBudgetSeconds: challengerBudget, solverBond } = testTerms;
const least = testTerms.minResponseSeconds;

describe("attack on a dispute: 6. a last-second move in the solver's turn, which", () => {
  it("lasts to its deadline: the last second is its own", async () => {
    const { chain, assay, claim, dispute, openedAt } = await challenged();
    const deadline = BigInt(openedAt + solverBudget);
    await chain.at(deadline);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "DeadlineNotPassed", [deadline, deadline]);
    await dispute.answer();
    expect(BigInt(dispute.at.since)).toBe(deadline);
    expect((await claim.state()).status).toBe(claimStatus.open);
  });

  it("is over a second later: then it cannot answer, and anyone can say so", async () => {
    const { chain, assay, claim, dispute, stranger, openedAt } = await challenged();
    const deadline = BigInt(openedAt + solverBudget);
    await chain.at(deadline + 1n);
    await expect(dispute.answer()).toRevertWith(assay, "DeadlinePassed", [deadline, deadline + 1n]);
    await dispute.timeoutSolver(stranger);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
    expect(await chain.owed(dispute.challenger)).toBe(paidOf(solverBond) - kept);
    expect(await chain.owed(stranger)).toBe(0n);
  });

  it("costs each side the time from the other's move to its own", async () => {
    const { chain, dispute, openedAt } = await challenged();
    expect(dispute.at).toMatchObject({ since: openedAt, solverLeft: solverBudget, challengerLeft: challengerBudget });
    await chain.at(openedAt + 300);
    await dispute.answer();
    const solverLeft = solverBudget - 300;
    expect(dispute.at).toMatchObject({ since: openedAt + 300, solverLeft, challengerLeft: challengerBudget });
    await chain.at(openedAt + 450);
    await dispute.select(honest);
    expect(dispute.at).toMatchObject({ since: openedAt + 450, solverLeft, challengerLeft: challengerBudget - 150 });
  });

  it("is never shorter than the least response, however much is used up", async () => {
    const { chain, assay, dispute, openedAt } = await challenged();
    await chain.at(openedAt + solverBudget);
    await dispute.answer();
    await dispute.select(honest);
    const { since, solverLeft } = dispute.at;
    expect(solverLeft).toBe(0);
    const onTime = BigInt(since + least);
    await chain.at(onTime);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "DeadlineNotPassed", [onTime, onTime]);
    await chain.at(onTime + 1n);
    await expect(dispute.answer()).toRevertWith(assay, "DeadlinePassed", [onTime, onTime + 1n]);
    await dispute.timeoutSolver();
  });

  it("takes no more than is left when it goes on beyond it", async () => {
    const { chain, dispute, openedAt } = await challenged();
    await chain.at(openedAt + solverBudget - 10);
    await dispute.answer();
    await dispute.select(honest);
    expect(dispute.at.solverLeft).toBe(10);
    await chain.at(dispute.at.since + least);
    await dispute.answer();
    expect(dispute.at.solverLeft).toBe(0);
  });
});

describe("attack on a dispute: 6. a last-second move in the challenger's turn, which", () => {
  it("lasts to its deadline: the last second is its own", async () => {
    const { chain, assay, dispute } = await challenged();
    await dispute.answer();
    const deadline = BigInt(dispute.at.since + challengerBudget);
    await chain.at(deadline);
    await expect(dispute.timeoutChallenger()).toRevertWith(assay, "DeadlineNotPassed", [deadline, deadline]);
    await dispute.select(honest);
    expect(BigInt(dispute.at.since)).toBe(deadline);
    expect(dispute.at.challengerLeft).toBe(0);
  });

  it("is over a second later: then it cannot move, and loses its stake", async () => {
    const { chain, assay, claim, dispute, stranger } = await challenged();
    await dispute.answer();
    const deadline = BigInt(dispute.at.since + challengerBudget);
    await chain.at(deadline + 1n);
    await expect(dispute.select(honest)).toRevertWith(assay, "DeadlinePassed", [deadline, deadline + 1n]);
    await dispute.timeoutChallenger(stranger);
    expect(await dispute.isOpen()).toBe(false);
    expect(await claim.stored()).toMatchObject({ status: claimStatus.open, openChallenges: 0n });
    expect(await chain.owed(claim.solver)).toBe(paidOf(testTerms.challengerBond) - kept);
    expect(await chain.owed(dispute.challenger)).toBe(0n);
  });

  it("is over for the last selection too, though it carries a fault", async () => {
    const { chain, assay, dispute } = await challenged();
    while (dispute.at.range.level === "ticks" || dispute.at.range.log2Length > 2) {
      await dispute.answer();
      await dispute.select(honest);
    }
    await dispute.answer();
    const deadline = BigInt(dispute.at.since + dispute.at.challengerLeft);
    await chain.at(deadline + 1n);
    await expect(dispute.selectFault(honest)).toRevertWith(assay, "DeadlinePassed", [deadline, deadline + 1n]);
  });

  it("is never shorter than the least response", async () => {
    const { chain, dispute } = await challenged();
    await dispute.answer();
    await chain.after(challengerBudget);
    await dispute.select(honest);
    await dispute.answer();
    await chain.after(least);
    await dispute.select(honest);
    expect(dispute.at.challengerLeft).toBe(0);
  });

  it("holds at one step; the fault can be proven until the time-out is called", async () => {
    const { chain, assay, claim, dispute, stranger } = await challenged();
    await dispute.playToStep(honest);
    const { since, challengerLeft } = dispute.at;
    const deadline = BigInt(since + challengerLeft);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await chain.at(deadline);
    await expect(dispute.timeoutChallenger()).toRevertWith(assay, "DeadlineNotPassed", [deadline, deadline]);
    await chain.at(deadline + 500n);
    await dispute.proveFault(honest, stranger);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });

  it("ends with the time-out at one step: the fault cannot be proven any more", async () => {
    const { chain, assay, dispute, openedAt } = await challenged();
    await dispute.playToStep(honest);
    await chain.at(openedAt + solverBudget + challengerBudget);
    await dispute.timeoutChallenger();
    await expect(dispute.proveFault(honest)).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
  });

  it("is not the time-out's business before the solver has answered", async () => {
    const { chain, assay, dispute, openedAt } = await challenged();
    await chain.at(openedAt + 10_000);
    await expect(dispute.timeoutChallenger()).toRevertWith(assay, "NotChallengersTurn", []);
  });
});
