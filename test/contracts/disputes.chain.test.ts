import { describe, expect, it } from "vitest";
import { challengeWord } from "../../src/protocol/challenge.ts";
import { claimIdOf, detailsHash } from "../../src/protocol/claim.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";
import { rowRoot } from "../../src/protocol/row.ts";
import { testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import {
  buildId,
  buildStatus,
  challenged,
  claimed,
  claimStatus,
  faulty,
  honest,
  kept,
  paidOf,
} from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const { solverBond, challengerBond } = testTerms;
const reward = paidOf(solverBond);

describe("a dispute over a wrong claim", () => {
  it("ends in a fault that the contract executes, and splits the bond", async () => {
    const { chain, assay, claim, solver, verifier, dispute } = await challenged();
    await dispute.playToStep(honest);
    expect(dispute.at.range).toMatchObject({ level: "steps", tick: 2, from: 10, log2Length: 0 });
    await dispute.proveFault(honest);
    const [refuted] = await assay.queryFilter(assay.filters.ClaimRefuted());
    const fault = 0n;
    expect([...refuted!.args]).toEqual([
      claim.claimId,
      buildId,
      dispute.id,
      fault,
      verifier.address,
      reward,
      solverBond - reward,
    ]);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
    expect(await chain.owed(verifier)).toBe(reward - kept);
    expect(await chain.owed(solver)).toBe(0n);
    expect(await chain.balance()).toBe(solverBond + challengerBond);
    expect(await chain.receivedBy(solver, chain.as(verifier).withdraw(solver.address))).toBe(reward - kept);
    expect(await chain.receivedBy(verifier, dispute.returnStake())).toBe(challengerBond);
  });

  it("can end with the last selection and the fault in one transaction", async () => {
    const { chain, claim, verifier, dispute } = await challenged();
    while (dispute.at.range.level === "ticks" || dispute.at.range.log2Length > 2) {
      await dispute.answer();
      await dispute.select(honest);
    }
    await dispute.answer();
    await dispute.selectFault(honest);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
    expect(await chain.owed(verifier)).toBe(reward - kept);
  });

  it("ends early between two checkpoints", async () => {
    const { claim, verifier } = await claimed(faulty, { log2Ticks: 4, log2CheckpointTicks: 2 });
    const dispute = await Dispute.open(claim, verifier, { checkpoint: 0 });
    expect(dispute.at).toMatchObject({ range: { level: "ticks", from: 0, log2Length: 2 }, startRoot: buildId });
    await dispute.playToStep(honest);
    expect(dispute.at.range).toMatchObject({ tick: 2, from: 10 });
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });

  it.each([
    ["in the first step of the first tick", { tick: 0, step: 1, kind: "memory" }],
    ["in the last step of a tick", { tick: 3, step: 28, kind: "memory" }],
    ["in the last step of all", { tick: 5, step: 28, kind: "memory" }],
    ["in a register", { tick: 1, step: 5, kind: "register" }],
  ] as const)("finds a fault %s", async (_, of) => {
    const { claim, dispute } = await challenged(new LoopTrace(honest.program, of));
    await dispute.playToStep(honest);
    expect(dispute.at.range).toMatchObject({ tick: of.tick, from: of.step - 1 });
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });

  it("finds the fault at any arity", async () => {
    for (const log2Arity of [1, 3, 4, 6]) {
      const { claim, dispute } = await challenged(faulty, {}, { log2Arity });
      await dispute.playToStep(honest);
      await dispute.proveFault(honest);
      expect((await claim.state()).status).toBe(claimStatus.refuted);
    }
  });

  it("is won by silence too", async () => {
    const { chain, claim, verifier, dispute } = await challenged();
    await chain.after(testTerms.solverBudgetSeconds + 1);
    await dispute.timeoutSolver();
    expect((await claim.state()).status).toBe(claimStatus.refuted);
    expect(await chain.owed(verifier)).toBe(reward - kept);
  });

  it("cannot be escaped by telling too few or too many steps", async () => {
    for (const log2Steps of [3, 8]) {
      const faultyTrace = alterTrace(honest, {
        openTick: async (tick) => ({ ...(await honest.openTick(tick)), log2Steps }),
      });
      const { claim, verifier } = await claimed(faultyTrace);
      const dispute = await Dispute.open(claim, verifier, { checkpoint: 2 });
      await dispute.answer();
      // 2^8 steps end where the tick ends, as a fixed point; 2^3 do not.
      await dispute.select(honest, log2Steps === 3 ? undefined : 0);
      while (!dispute.isAtOneStep) {
        await dispute.answer();
        await dispute.select(honest);
      }
      if (log2Steps === 3) {
        await dispute.proveFault(honest);
        expect((await claim.state()).status).toBe(claimStatus.refuted);
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
      const dispute = await Dispute.open(claim, verifier, { checkpoint: tick, stakeNumber: BigInt(tick) });
      await dispute.playToStep(honest, tick < 6 ? tick % 2 : 0);
      const { endRoot } = dispute.at;
      await expect(dispute.proveFault(honest)).toRevertWith(assay, "StepIsCorrect", [endRoot]);
      await chain.after(testTerms.challengerBudgetSeconds + 1);
      await dispute.timeoutChallenger();
    }
    expect(await chain.owed(claim.solver)).toBe(5n * paidOf(challengerBond) - kept);
    await claim.finalize();
    expect(await chain.result(buildId)).toMatchObject({ status: buildStatus.final, endStatus: 2n });
  });

  it("keeps it from being final while it is open", async () => {
    const { chain, assay, claim, verifier } = await claimed(honest);
    const { windowEnd } = await claim.state();
    await chain.at(windowEnd - 5n);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    await chain.at(windowEnd);
    await expect(claim.finalize()).toRevertWith(assay, "ChallengesStillOpen", [claim.claimId, 1n]);
  });
});

describe("a challenge", () => {
  it("begins with full budgets, and tells all of it in its event", async () => {
    const { assay, claim, dispute, openedAt } = await challenged();
    const [opened] = await assay.queryFilter(assay.filters.ChallengeOpened());
    expect([...opened!.args.slice(0, 4)]).toEqual([claim.claimId, dispute.id, dispute.challenger.address, 0n]);
    expect(dispute.at).toEqual({
      id: dispute.id,
      challenger: dispute.challenger.address.toLowerCase(),
      solver: claim.solver.address.toLowerCase(),
      range: { level: "ticks", tick: 0, from: 0, log2Length: 3 },
      since: openedAt,
      solverLeft: testTerms.solverBudgetSeconds,
      challengerLeft: testTerms.challengerBudgetSeconds,
      startRoot: buildId,
      endRoot: faulty.finalRoot,
      row: zeroRoot,
    });
    expect(await assay.challengeOf(dispute.id)).toBe(challengeWord(dispute.at));
    expect((await claim.state()).openChallenges).toBe(1n);
  });

  it("is followed through events that hold the whole of it", async () => {
    const { assay, dispute } = await challenged();
    while (!dispute.isAtOneStep) {
      const before = dispute.at;
      await dispute.answer();
      expect(dispute.at).toMatchObject({ id: before.id, challenger: before.challenger, endRoot: before.endRoot });
      expect(dispute.at.row).toBe(rowRoot(dispute.at.startRoot, dispute.roots));
      expect(await assay.challengeOf(dispute.id)).toBe(challengeWord(dispute.at));
      await dispute.select(honest);
      expect(dispute.at.row).toBe(zeroRoot);
      expect(await assay.challengeOf(dispute.id)).toBe(challengeWord(dispute.at));
    }
  });

  it("between checkpoints proves both, except the claim's own ends", async () => {
    const { chain, assay, claim, verifier } = await claimed(faulty, { log2Ticks: 4, log2CheckpointTicks: 2 });
    const at = (pair: object) =>
      chain.as(verifier).challengeCheckpoints(claim.reference, claim.details, { ...claim.pair(1), ...pair }, 9n, {
        value: challengerBond,
      });
    const { startRoot, endRoot, endProof } = claim.pair(1);
    const wrong = claim.fields.checkpointRoot;
    await expect(at({ startRoot: wrong })).toRevertWith(assay, "CheckpointNotProven", [1n, wrong]);
    await expect(at({ endRoot: wrong })).toRevertWith(assay, "CheckpointNotProven", [2n, wrong]);
    await expect(at({ index: 2 })).toRevertWith(assay, "CheckpointNotProven", [2n, startRoot]);
    await expect(at({ endProof: endProof.slice(1) })).toRevertWith(assay, "CheckpointNotProven", [2n, endRoot]);
    await expect(at({ index: 4 })).toRevertWith(assay, "NoSuchCheckpoint", [4n, 4n]);
    await expect(at({ index: 2n ** 256n - 1n })).toRevertWith(assay, "NoSuchCheckpoint", [4n, 2n ** 256n - 1n]);
    for (const index of [0, 3]) {
      const dispute = await Dispute.open(claim, verifier, { checkpoint: index, stakeNumber: BigInt(index) });
      expect(dispute.at.range).toMatchObject({ from: 4 * index, log2Length: 2 });
      expect(index === 0 ? dispute.at.startRoot : dispute.at.endRoot).toBe(index === 0 ? buildId : faulty.finalRoot);
    }
    // What stands in for the claim's own ends is not looked at.
    const first = { ...claim.pair(0), startRoot: wrong, startProof: [wrong] };
    const value = challengerBond;
    await chain.as(verifier).challengeCheckpoints(claim.reference, claim.details, first, 7n, { value });
    const details = { ...claim.details, checkpointRoot: madeUpRoot(3) };
    const hash = detailsHash(details);
    const other = chain.as(verifier).challengeCheckpoints(claim.reference, details, claim.pair(0), 8n, { value });
    await expect(other).toRevertWith(assay, "DetailsMismatch", [claim.reference.details, hash]);
    const reference = { ...claim.reference, details: hash };
    const unknown = chain.as(verifier).challengeCheckpoints(reference, details, claim.pair(0), 8n, { value });
    const id = claimIdOf(31337n, chain.address, reference);
    await expect(unknown).toRevertWith(assay, "ClaimNotOpen", [id, claimStatus.none]);
  });
});
