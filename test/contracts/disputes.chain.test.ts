import { describe, expect, it } from "vitest";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { alterTrace, type ProvenTrace, TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { type LoopFault, LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const fault: LoopFault = { tick: 2, step: 11, kind: "memory" };
const faulty = new LoopTrace(program, fault);
const { solverBond, challengerBond } = testTerms;
const reward = (solverBond * 400n) / 1000n;

async function claimed(trace: ProvenTrace = faulty, options = {}, terms = {}) {
  const chain = await AssayChain.start(terms);
  const [, solver, verifier] = chain.accounts;
  const claim = await TestClaim.make(chain, solver!, trace, options);
  return { chain, assay: chain.assay, claim, solver: solver!, verifier: verifier! };
}

describe("a dispute over a wrong claim", () => {
  it("ends in a fault that the contract executes, and splits the bond", async () => {
    const { chain, claim, solver, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    expect(dispute.cursor).toMatchObject({ level: "steps", tick: 2, from: 10, log2Length: 0 });
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(2n);
    expect(await chain.owed(verifier)).toBe(reward + challengerBond);
    expect(await chain.owed(solver)).toBe(0n);
    expect(await chain.balance()).toBe(solverBond + challengerBond);
    const before = await chain.ethers.provider.getBalance(solver.address);
    await chain.as(verifier).withdraw(solver.address);
    expect((await chain.ethers.provider.getBalance(solver.address)) - before).toBe(reward + challengerBond);
  });

  it("can end with the last selection and the fault in one transaction", async () => {
    const { chain, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    while (dispute.cursor.level === "ticks" || dispute.cursor.log2Length > 2) {
      await dispute.answer();
      await dispute.select(honest);
    }
    await dispute.answer();
    await dispute.selectFault(honest);
    expect((await claim.state()).status).toBe(2n);
    expect(await chain.owed(verifier)).toBe(reward + challengerBond);
  });

  it("ends early between two checkpoints", async () => {
    const { claim, verifier } = await claimed(faulty, { log2Ticks: 4, log2CheckpointTicks: 2 });
    const dispute = await Dispute.open(claim, verifier, 0);
    expect(dispute.cursor).toMatchObject({ level: "ticks", from: 0, log2Length: 2, startRoot: honest.buildId });
    await dispute.playToStep(honest);
    expect(dispute.cursor).toMatchObject({ tick: 2, from: 10 });
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(2n);
  });

  it.each([
    ["in the first step of the first tick", { tick: 0, step: 1, kind: "memory" }],
    ["in the last step of a tick", { tick: 3, step: 28, kind: "memory" }],
    ["in the last step of all", { tick: 5, step: 28, kind: "memory" }],
    ["in a register", { tick: 1, step: 5, kind: "register" }],
  ] as const)("finds a fault %s", async (_, of) => {
    const { claim, verifier } = await claimed(new LoopTrace(program, of));
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    expect(dispute.cursor).toMatchObject({ tick: of.tick, from: of.step - 1 });
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(2n);
  });

  it("finds the fault at any arity", async () => {
    for (const log2Arity of [1, 3, 4, 6]) {
      const { claim, verifier } = await claimed(faulty, {}, { log2Arity });
      const dispute = await Dispute.open(claim, verifier);
      await dispute.playToStep(honest);
      await dispute.proveFault(honest);
      expect((await claim.state()).status).toBe(2n);
    }
  });

  it("is won by silence too", async () => {
    const { chain, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await chain.after(testTerms.solverBudgetSeconds + 1);
    await dispute.timeoutSolver();
    expect((await claim.state()).status).toBe(2n);
    expect(await chain.owed(verifier)).toBe(reward + challengerBond);
  });

  it("cannot be escaped by telling too few or too many steps", async () => {
    for (const log2Steps of [3, 8]) {
      const liar = alterTrace(honest, {
        openTick: async (tick) => ({ ...(await honest.openTick(tick)), log2Steps }),
      });
      const { claim, verifier } = await claimed(liar);
      const dispute = await Dispute.open(claim, verifier, 2);
      await dispute.answer();
      // 2^8 steps end where the tick ends, as a fixed point; 2^3 do not.
      await dispute.select(honest, log2Steps === 3 ? undefined : 0);
      while (dispute.cursor.log2Length > 0) {
        await dispute.answer();
        await dispute.select(honest);
      }
      if (log2Steps === 3) {
        await dispute.proveFault(honest);
        expect((await claim.state()).status).toBe(2n);
      } else {
        await expect(dispute.proveFault(honest)).toRevertWith(claim.chain.assay, "StepIsCorrect");
      }
    }
  });
});

describe("a dispute over a right claim", () => {
  it("cannot be won: every step it can lead to is correct", async () => {
    const { chain, assay, claim, verifier } = await claimed(honest);
    for (const tick of [0, 3, 5, 6, 7]) {
      const dispute = await Dispute.open(claim, verifier, tick);
      while (dispute.cursor.level === "ticks" || dispute.cursor.log2Length > 0) {
        if ((await dispute.shown()).postedAt === 0) await dispute.answer();
        await dispute.select(honest, tick < 6 ? tick % 2 : 0);
      }
      const { endRoot } = dispute.position;
      await expect(dispute.proveFault(honest)).toRevertWith(assay, "StepIsCorrect", [endRoot]);
      await chain.after(testTerms.challengerBudgetSeconds + 1);
      await dispute.timeoutChallenger();
    }
    expect(await chain.owed(claim.solver)).toBe(5n * ((challengerBond * 400n) / 1000n));
    await claim.finalize();
    expect(await chain.result(honest.buildId)).toMatchObject({ status: 3n, endStatus: 2n, claimId: claim.claimId });
  });

  it("keeps it from being final while it is open", async () => {
    const { chain, assay, claim, verifier } = await claimed(honest);
    const { windowEnd } = await claim.state();
    await chain.at(windowEnd - 5n);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    await chain.at(windowEnd);
    await expect(assay.finalize(claim.claimId)).toRevertWith(assay, "ChallengesStillOpen", [claim.claimId, 1n]);
  });
});

describe("a challenge", () => {
  it("takes exactly the claim's bond", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    for (const value of [0n, challengerBond + 1n]) {
      const args = [challengerBond, value];
      await expect(chain.as(verifier).challenge(claim.claimId, { value })).toRevertWith(assay, "WrongBond", args);
      const at = chain.as(verifier).challengeCheckpoints(claim.claimId, claim.pair(1), { value });
      await expect(at).toRevertWith(assay, "WrongBond", args);
    }
  });

  it("between checkpoints proves both, except the claim's own ends", async () => {
    const { chain, assay, claim, verifier } = await claimed(faulty, { log2Ticks: 4, log2CheckpointTicks: 2 });
    const at = (pair: object) =>
      chain.as(verifier).challengeCheckpoints(claim.claimId, { ...claim.pair(1), ...pair }, { value: challengerBond });
    const { startRoot, endRoot, endProof } = claim.pair(1);
    const wrong = claim.fields.checkpointRoot;
    await expect(at({ startRoot: wrong })).toRevertWith(assay, "CheckpointNotProven", [1n, wrong]);
    await expect(at({ endRoot: wrong })).toRevertWith(assay, "CheckpointNotProven", [2n, wrong]);
    await expect(at({ index: 2 })).toRevertWith(assay, "CheckpointNotProven", [2n, startRoot]);
    await expect(at({ endProof: endProof.slice(1) })).toRevertWith(assay, "CheckpointNotProven", [2n, endRoot]);
    await expect(at({ index: 4 })).toRevertWith(assay, "NoSuchCheckpoint", [4n, 4n]);
    await expect(at({ index: 2n ** 256n - 1n })).toRevertWith(assay, "NoSuchCheckpoint", [4n, 2n ** 256n - 1n]);
    for (const index of [0, 3]) {
      const dispute = await Dispute.open(claim, verifier, index);
      expect(dispute.cursor).toMatchObject({ from: 4 * index, log2Length: 2 });
      expect(index === 0 ? dispute.position.startRoot : dispute.position.endRoot).toBe(
        index === 0 ? claim.fields.buildId : claim.fields.finalRoot,
      );
    }
  });
});
