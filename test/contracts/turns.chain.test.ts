import { describe, expect, it } from "vitest";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const { solverBudgetSeconds: solverBudget, challengerBudgetSeconds: challengerBudget } = testTerms;
const least = testTerms.minResponseSeconds;

async function opened(trace = faulty) {
  const chain = await AssayChain.start();
  const [, solver, challenger, other] = chain.accounts;
  const claim = await TestClaim.make(chain, solver!, trace);
  const dispute = await Dispute.open(claim, challenger!);
  return { chain, assay: chain.assay, claim, dispute, other: other!, openedAt: await chain.now() };
}

describe("attack on a dispute: 6. a last-second move in the solver's turn, which", () => {
  it("lasts to its deadline: the last second is its own", async () => {
    const { chain, assay, claim, dispute, openedAt } = await opened();
    const deadline = BigInt(openedAt + solverBudget);
    await chain.at(deadline);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "DeadlineNotPassed", [deadline, deadline]);
    await dispute.answer();
    expect(BigInt(await chain.now())).toBe(deadline);
    expect((await claim.state()).status).toBe(1n);
  });

  it("is over a second later: then it cannot answer, and anyone can say so", async () => {
    const { chain, assay, claim, dispute, other, openedAt } = await opened();
    const deadline = BigInt(openedAt + solverBudget);
    await chain.at(deadline + 1n);
    await expect(dispute.answer()).toRevertWith(assay, "DeadlinePassed", [deadline, deadline + 1n]);
    await dispute.timeoutSolver(other);
    expect((await claim.state()).status).toBe(2n);
    const { solverBond, challengerBond } = testTerms;
    expect(await chain.owed(dispute.challenger)).toBe((solverBond * 400n) / 1000n + challengerBond);
    expect(await chain.owed(other)).toBe(0n);
  });

  it("costs the time from the cursor's move to the answer", async () => {
    const { chain, dispute, openedAt } = await opened();
    await chain.at(openedAt + 300);
    await dispute.answer();
    await chain.at(openedAt + 450);
    await dispute.select(honest);
    expect(dispute.clocks).toEqual({
      movedAt: openedAt + 450,
      solverLeft: solverBudget - 300,
      challengerLeft: challengerBudget - 150,
    });
  });

  it("is never shorter than the least response, however much is used up", async () => {
    const { chain, assay, dispute, openedAt } = await opened();
    await chain.at(openedAt + solverBudget);
    await dispute.answer();
    await dispute.select(honest);
    const { movedAt, solverLeft } = dispute.clocks;
    expect(solverLeft).toBe(0);
    await chain.at(movedAt + least);
    const onTime = BigInt(movedAt + least);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "DeadlineNotPassed", [onTime, onTime]);
    await chain.at(movedAt + least + 1);
    await expect(dispute.answer()).toRevertWith(assay, "DeadlinePassed", [onTime, onTime + 1n]);
    await dispute.timeoutSolver();
  });
});

describe("attack on a dispute: 6. a last-second move in the challenger's turn, which", () => {
  it("lasts to its deadline: the last second is its own", async () => {
    const { chain, assay, dispute } = await opened();
    await dispute.answer();
    const deadline = BigInt((await chain.now()) + challengerBudget);
    await chain.at(deadline);
    await expect(dispute.timeoutChallenger()).toRevertWith(assay, "DeadlineNotPassed", [deadline, deadline]);
    await dispute.select(honest);
    expect(BigInt(dispute.clocks.movedAt)).toBe(deadline);
    expect(dispute.clocks.challengerLeft).toBe(0);
  });

  it("is over a second later: then it cannot move, and loses its bond", async () => {
    const { chain, assay, claim, dispute, other } = await opened();
    await dispute.answer();
    const deadline = BigInt((await chain.now()) + challengerBudget);
    await chain.at(deadline + 1n);
    await expect(dispute.select(honest)).toRevertWith(assay, "DeadlinePassed", [deadline, deadline + 1n]);
    await dispute.timeoutChallenger(other);
    expect(await dispute.isOpen()).toBe(false);
    expect(await claim.stored()).toMatchObject({ status: 1n, openChallenges: 0n });
    expect(await chain.owed(claim.solver)).toBe((testTerms.challengerBond * 400n) / 1000n);
    expect(await chain.owed(dispute.challenger)).toBe(0n);
  });

  it("is never shorter than the least response", async () => {
    const { chain, dispute } = await opened();
    await dispute.answer();
    await chain.after(challengerBudget);
    await dispute.select(honest);
    await dispute.answer();
    await chain.after(least);
    await dispute.select(honest);
    expect(dispute.clocks.challengerLeft).toBe(0);
  });

  it("begins with the cursor's move where the answer was there before", async () => {
    const { chain, claim, dispute, other } = await opened();
    await dispute.answer();
    await chain.after(500);
    const second = await Dispute.open(claim, other);
    const openedAt = await chain.now();
    await chain.at(openedAt + 70);
    await second.select(honest);
    expect(second.clocks).toEqual({
      movedAt: openedAt + 70,
      solverLeft: solverBudget,
      challengerLeft: challengerBudget - 70,
    });
  });

  it("holds at one step from the cursor's move on; the fault can be proven until the time-out is called", async () => {
    const { chain, assay, claim, dispute, other } = await opened();
    await dispute.playToStep(honest);
    const { movedAt, challengerLeft } = dispute.clocks;
    const deadline = BigInt(movedAt + challengerLeft);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await chain.at(deadline);
    await expect(dispute.timeoutChallenger()).toRevertWith(assay, "DeadlineNotPassed", [deadline, deadline]);
    await chain.at(deadline + 500n);
    await dispute.proveFault(honest, other);
    expect((await claim.state()).status).toBe(2n);
  });

  it("ends with the time-out at one step: the fault cannot be proven any more", async () => {
    const { chain, assay, dispute, openedAt } = await opened();
    await dispute.playToStep(honest);
    await chain.at(openedAt + solverBudget + challengerBudget);
    await dispute.timeoutChallenger();
    await expect(dispute.proveFault(honest)).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
  });

  it("is not the time-out's business before the solver has answered", async () => {
    const { chain, assay, dispute, openedAt } = await opened();
    await chain.at(openedAt + 10_000);
    await expect(dispute.timeoutChallenger()).toRevertWith(assay, "NotChallengersTurn", []);
  });
});

describe("several selections at once", () => {
  it("are one turn, however many rows they go through", async () => {
    const { chain, claim, dispute, other } = await opened();
    await dispute.playToStep(honest);
    const second = await Dispute.open(claim, other);
    const openedAt = await chain.now();
    const path = [];
    const third = await Dispute.open(claim, chain.accounts[4]!);
    for (let i = 0; i < 2; i++) {
      path.push((await third.selection(honest)).selection);
      await third.select(honest);
    }
    const { selection, opening } = await third.selection(honest);
    path.push(selection);
    await third.select(honest);
    await chain.at(openedAt + 33);
    const sent = await chain.as(other).selectMany(second.id, second.position, path, opening);
    const moved = chain.assay.interface.parseLog((await sent.wait())!.logs[0]!)!.args.position;
    expect([moved.startRoot, moved.endRoot]).toEqual([third.position.startRoot, third.position.endRoot]);
    expect(moved.place >> 88n).toBe(third.position.place >> 88n);
    expect(moved.place & ((1n << 88n) - 1n)).toBe(
      (BigInt(openedAt + 33) << 48n) | (BigInt(solverBudget) << 24n) | BigInt(challengerBudget - 33),
    );
  });

  it("are at least one", async () => {
    const { chain, assay, dispute } = await opened();
    const opening = { log2Steps: 0, resumedRoot: dispute.claim.claimId };
    const none = chain.as(dispute.challenger).selectMany(dispute.id, dispute.position, [], opening);
    await expect(none).toRevertWith(assay, "NothingSelected", []);
  });
});
