import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";
import { testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { challenged, claimed, claimStatus, faulty, honest } from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const { solverBudgetSeconds, challengerBudgetSeconds } = testTerms;

describe("attack on a dispute:", () => {
  it("3. exhaustion by breadth: a lost stake that has covered one claim pays for the solver's part of the dispute", async () => {
    const { chain, claim, dispute } = await challenged(honest);
    await dispute.playToStep(honest, 0);
    await chain.after(challengerBudgetSeconds + 1);
    await dispute.timeoutChallenger();
    const moves = dispute.moves.filter(({ side }) => side === "solver");
    const spent = moves.reduce((sum, { gas }) => sum + gas * testTerms.gasPriceCeilingWei, 0n);
    expect(spent).toBeLessThan(BigInt(testTerms.solverDisputeGas) * testTerms.gasPriceCeilingWei);
    expect(await chain.owed(claim.solver)).toBeGreaterThan(spent);
  });

  it("9. caller-chosen positions: roots are proven at the child's own place in the row", async () => {
    const { chain, assay, verifier, dispute } = await challenged();
    // The whole range of 2^3 ticks is cut into two first, then into four.
    await dispute.answer();
    await dispute.select(honest, 0);
    await dispute.answer();
    const { row } = dispute.at;
    const right = await dispute.selection(honest, 1);
    expect(right.siblings).toHaveLength(2);
    const refused = async (change: object, error: string, args?: unknown[]) => {
      const call = chain.as(verifier).select(dispute.shown, { ...right, ...change });
      await expect(call, Object.keys(change)[0]).toRevertWith(assay, error, args);
    };
    await refused({ startRoot: madeUpRoot(1) }, "RowMismatch");
    await refused({ endRoot: madeUpRoot(1) }, "RowMismatch");
    await refused({ siblings: [...right.siblings].reverse() }, "RowMismatch");
    await refused({ child: 0 }, "WrongSiblingCount", [1n, 2n]);
    await refused({ child: 2 }, "WrongSiblingCount", [1n, 2n]);
    await refused({ child: 3 }, "RowMismatch");
    await refused({ siblings: [...right.siblings, madeUpRoot(1)] }, "WrongSiblingCount", [2n, 3n]);
    await refused({ siblings: [] }, "WrongSiblingCount", [2n, 0n]);
    // The first child's start and the last one's end are the range's own, whatever is said of them.
    const first = { ...(await dispute.selection(honest, 0)), startRoot: madeUpRoot(1) };
    const last = { ...(await dispute.selection(honest, 3)), endRoot: madeUpRoot(1) };
    const before = dispute.at;
    for (const selection of [first, last]) {
      await chain.undone(async () => {
        const receipt = await (await chain.as(verifier).select(dispute.shown, selection)).wait();
        const { challenge } = assay.interface.parseLog(receipt!.logs[0]!)!.args;
        if (selection === first) expect(challenge.startRoot).toBe(before.startRoot);
        else expect(challenge.endRoot).toBe(before.endRoot);
      });
    }
    expect(dispute.at.row).toBe(row);
  });

  it("38. a true mid-tick state sold as the end of a tick: it cannot be opened, and the claim falls by time-out", async () => {
    const [midTick] = (await honest.stepRoots(2, [9])) as [Root];
    const seller = alterTrace(honest, {
      tickRoots: async (ticks) => (await honest.tickRoots(ticks)).map((root, i) => (ticks[i] === 3 ? midTick : root)),
      openTick: async (tick) => ({ ...(await honest.openTick(tick)), end: honest.stepRegistersProof(2, 9) }),
    });
    const { chain, assay, claim, verifier } = await claimed(seller);
    const dispute = await Dispute.open(claim, verifier, { checkpoint: 2 });
    expect(dispute.at.endRoot).toBe(midTick);
    await expect(dispute.answer()).toRevertWith(assay, "TickEndsRunning", []);
    // The registers of another state prove nothing about this one.
    const otherEnd = alterTrace(seller, { openTick: (tick) => honest.openTick(tick) });
    await expect(dispute.answer(otherEnd)).toRevertWith(chain.verifier, "RootMismatch");
    await chain.after(solverBudgetSeconds + 1);
    await dispute.timeoutSolver();
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });

  it("39. two stories under one key: nothing that is answered in one challenge is seen in another", async () => {
    const { chain, assay, claim, dispute, accomplice, verifier } = await challenged();
    const other = await Dispute.open(claim, accomplice);
    const before = await assay.challengeOf(other.id);
    // The same range with the same ends, and another story in each.
    await dispute.answer(faulty);
    expect(await assay.challengeOf(other.id)).toBe(before);
    await other.answer(alterTrace(faulty, { tickRoots: async (ticks) => ticks.map(madeUpRoot) }));
    expect(other.at.row).not.toBe(dispute.at.row);
    const selection = await other.selection(honest, 1);
    const call = chain.as(verifier).select(dispute.shown, selection);
    await expect(call).toRevertWith(assay, "RowMismatch", [dispute.at.row, other.at.row]);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });

  it("41. a padding child: there are none, every row is exact", async () => {
    const { chain, assay, claim, verifier, dispute } = await challenged();
    const post = (roots: Root[]) => chain.as(claim.solver).postRow(dispute.shown, roots);
    await expect(post([])).toRevertWith(assay, "WrongRowLength", [1n, 0n]);
    await expect(post([madeUpRoot(1), madeUpRoot(2)])).toRevertWith(assay, "WrongRowLength", [1n, 2n]);
    await dispute.answer();
    const selection = await dispute.selection(honest, 1);
    for (const child of [2n, 3n, 4n, 255n, 2n ** 256n - 1n]) {
      const call = chain.as(verifier).select(dispute.shown, { ...selection, child });
      await expect(call).toRevertWith(assay, "NoSuchChild", [2n, child]);
    }
    await dispute.select(honest, 1);
    for (const length of [0, 1, 2, 4, 7]) {
      const roots = Array.from({ length }, (_, i) => madeUpRoot(i));
      await expect(post(roots)).toRevertWith(assay, "WrongRowLength", [3n, BigInt(length)]);
    }
  });

  it("41. a padding child: nor in the row over an opened tick's steps", async () => {
    const { chain, assay, claim, dispute } = await challenged();
    for (let i = 0; i < 2; i++) {
      await dispute.answer();
      await dispute.select(honest);
    }
    for (const [log2Steps, expected] of [
      [5, 1n],
      [4, 3n],
      [0, 0n],
    ] as const) {
      const short = alterTrace(faulty, {
        openTick: async (tick) => ({ ...(await faulty.openTick(tick)), log2Steps }),
        stepRoots: async () => Array.from({ length: 2 }, () => madeUpRoot(1)),
      });
      await expect(dispute.answer(short)).toRevertWith(assay, "WrongRowLength", [expected, 2n]);
    }
    await dispute.answer();
    expect(dispute.at.range).toEqual({ level: "steps", tick: 2, from: 0, log2Length: 5 });
    expect([chain.terms.log2Arity, claim.fields.log2Ticks]).toEqual([2, 3]);
  });

  it("50. a right claim walked to one step: it is not lost by silence", async () => {
    const { chain, assay, claim, dispute } = await challenged(honest);
    await dispute.playToStep(honest, 0);
    await chain.after(solverBudgetSeconds + challengerBudgetSeconds);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await expect(dispute.proveFault(honest)).toRevertWith(assay, "StepIsCorrect", [dispute.at.endRoot]);
    await dispute.timeoutChallenger();
    await claim.finalize();
    expect((await claim.state()).status).toBe(claimStatus.final);
  });

  it("50. a tick of one step: it is opened without a row, and its step is proven at once", async () => {
    const single = new LoopTrace({ ticks: 2, turns: 0 });
    const opening = async (tick: number) => ({ ...(await single.openTick(tick)), log2Steps: 0 });
    const { assay, claim, verifier } = await claimed(alterTrace(single, { openTick: opening }), { log2Ticks: 1 });
    const dispute = await Dispute.open(claim, verifier, { checkpoint: 1 });
    await dispute.answer();
    expect(dispute.at.range).toEqual({ level: "steps", tick: 1, from: 0, log2Length: 0 });
    expect([dispute.at.row, dispute.isAtOneStep]).toEqual([zeroRoot, true]);
    await expect(dispute.select(single, 0)).toRevertWith(assay, "NotAnswered", [dispute.id]);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await dispute.proveFault(single);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
  });
});
