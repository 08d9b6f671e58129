import { describe, expect, it } from "vitest";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { TestClaim } from "../support/assayClaim.ts";
import { Dispute, zero } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const { solverBond, challengerBond, solverBudgetSeconds, challengerBudgetSeconds } = testTerms;
const reward = (solverBond * 400n) / 1000n;

async function claimed(trace = faulty, options = {}) {
  const chain = await AssayChain.start();
  const [, solver, verifier, accomplice, stranger] = chain.accounts;
  const claim = await TestClaim.make(chain, solver!, trace, options);
  const accounts = { solver: solver!, verifier: verifier!, accomplice: accomplice!, stranger: stranger! };
  return { chain, assay: chain.assay, claim, ...accounts };
}

describe("attack by several challengers:", () => {
  it("40. a time-out called where the row was posted for somebody else: the answer counts for everyone", async () => {
    const { chain, assay, claim, verifier, accomplice } = await claimed(honest);
    const first = await Dispute.open(claim, verifier);
    await first.answer();
    await chain.after(100);
    const second = await Dispute.open(claim, accomplice);
    await chain.after(solverBudgetSeconds + 1);
    await expect(second.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    const unanswered = { content: zero, postedAt: 0, firstDemander: zero };
    const blind = chain.as(accomplice).timeoutSolver(second.id, second.position, unanswered);
    await expect(blind).toRevertWith(assay, "RevealMismatch");
    await second.timeoutChallenger();
    expect((await claim.state()).status).toBe(1n);
  });

  it("44. a fault proof copied from the mempool: the reward is the challenger's", async () => {
    const { chain, claim, verifier, stranger } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest, stranger);
    expect(await chain.owed(stranger)).toBe(0n);
    expect(await chain.owed(verifier)).toBe(reward + challengerBond);
  });

  it("44. a whole dispute copied at its end: the reward is that of who came to the step's row first", async () => {
    const { chain, claim, verifier, stranger } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    const copy = await Dispute.open(claim, stranger);
    await copy.playToStep(honest);
    expect(copy.position.holder).toBe(dispute.id);
    await copy.proveFault(honest);
    expect(await chain.owed(verifier)).toBe(reward);
    expect(await chain.owed(stranger)).toBe(challengerBond);
    await dispute.close(stranger);
    expect(await chain.owed(verifier)).toBe(reward + challengerBond);
  });

  it("52. sixty challenges side by side on different ticks: each is answered on its own", async () => {
    const long = new LoopTrace({ ticks: 64, turns: 0 });
    const { chain, claim } = await claimed(long, { log2Ticks: 6 });
    const disputes: Dispute[] = [];
    for (let i = 0; i < 60; i++) disputes.push(await Dispute.open(claim, chain.accounts[5 + (i % 10)]!, i));
    expect((await claim.state()).openChallenges).toBe(60n);
    for (const dispute of disputes) await dispute.answer();
    await chain.after(challengerBudgetSeconds + 1);
    for (const dispute of disputes) await dispute.timeoutChallenger();
    expect((await claim.state()).openChallenges).toBe(0n);
    expect(await chain.owed(claim.solver)).toBe(60n * ((challengerBond * 400n) / 1000n));
    await claim.finalize();
    expect((await claim.state()).status).toBe(3n);
  });

  it("57. an accomplice who comes first, loses, and still collects: a challenge that is over gets nothing", async () => {
    const { chain, claim, verifier, accomplice } = await claimed();
    const early = await Dispute.open(claim, accomplice);
    while (early.cursor.level === "ticks" || early.cursor.log2Length > 2) {
      await early.answer();
      await early.select(honest);
    }
    await early.answer();
    await chain.after(challengerBudgetSeconds + 1);
    await early.timeoutChallenger();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    expect(dispute.position.holder).toBe(early.id);
    await dispute.proveFault(honest);
    expect(await chain.owed(accomplice)).toBe(0n);
    expect(await chain.owed(verifier)).toBe(reward + challengerBond);
  });

  it("58. a late row that erases an overrun: the time-out stands until the challenger goes on", async () => {
    const { chain, assay, claim, verifier, accomplice } = await claimed();
    const late = await Dispute.open(claim, verifier);
    const openedAt = await chain.now();
    await chain.after(900);
    const fresh = await Dispute.open(claim, accomplice);
    await chain.at(openedAt + solverBudgetSeconds + 1);
    await expect(late.answer()).toRevertWith(assay, "DeadlinePassed");
    await fresh.answer();
    await expect(fresh.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    const snapshot = await chain.ethers.provider.send("evm_snapshot", []);
    await late.timeoutSolver();
    expect((await claim.state()).status).toBe(2n);
    await chain.ethers.provider.send("evm_revert", [snapshot]);
    const position = late.position;
    await late.select(honest);
    expect(late.clocks.solverLeft).toBe(0);
    const shown = await fresh.shown();
    const stale = chain.as(verifier).timeoutSolver(late.id, position, shown);
    await expect(stale).toRevertWith(assay, "PositionMismatch");
    expect((await claim.state()).status).toBe(1n);
  });
});

describe("challengers of a refuted claim", () => {
  it("get their bonds back, also those whose clock had run out", async () => {
    const { chain, assay, claim, verifier, accomplice, stranger } = await claimed();
    const silent = await Dispute.open(claim, accomplice);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    await chain.after(challengerBudgetSeconds - 1);
    await dispute.playToStep(honest);
    await chain.after(5);
    await dispute.proveFault(honest);
    await expect(silent.timeoutChallenger()).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, 2n]);
    await silent.close(stranger);
    expect(await chain.owed(accomplice)).toBe(challengerBond);
    await expect(silent.close()).toRevertWith(assay, "ChallengeNotOpen", [silent.id]);
  });

  it("get no bond back while the claim stands", async () => {
    const { assay, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await expect(dispute.close()).toRevertWith(assay, "ClaimNotRefuted", [claim.claimId, 1n]);
  });
});
