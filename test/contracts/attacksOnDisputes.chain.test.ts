import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot, type ProvenTrace, TestClaim } from "../support/assayClaim.ts";
import { Dispute, type PositionStruct, zero } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const { solverBond, challengerBond, solverBudgetSeconds, challengerBudgetSeconds } = testTerms;
const paidOf = (bond: bigint) => (bond * 400n) / 1000n;

async function claimed(trace: ProvenTrace = faulty, options = {}) {
  const chain = await AssayChain.start();
  const [, solver, verifier, accomplice, stranger] = chain.accounts;
  const claim = await TestClaim.make(chain, solver!, trace, options);
  const accounts = { solver: solver!, verifier: verifier!, accomplice: accomplice!, stranger: stranger! };
  return { chain, assay: chain.assay, claim, ...accounts };
}

describe("attack on a dispute:", () => {
  it("1. self-lose: a lost challenge validates nothing and bars nobody from the same range", async () => {
    const { chain, claim, verifier, accomplice } = await claimed();
    const lost = await Dispute.open(claim, accomplice);
    await lost.answer();
    await chain.after(challengerBudgetSeconds + 1);
    await lost.timeoutChallenger();
    const dispute = await Dispute.open(claim, verifier);
    expect(dispute.node).toBe(lost.node);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(2n);
  });

  it("2. delay by sequencing: challenges run side by side, all over D after the window's end at the latest", async () => {
    const { chain, assay, claim, verifier, accomplice, stranger } = await claimed(honest);
    const { windowEnd } = await claim.state();
    const disputes: Dispute[] = [];
    for (const [i, account] of [verifier, accomplice, stranger].entries()) {
      await chain.at(windowEnd - 3n + BigInt(i));
      disputes.push(await Dispute.open(claim, account));
    }
    // Every side takes all the time it has: the solver answers, each challenger selects, in the last second.
    for (;;) {
      const atStep = disputes.every(({ cursor }) => cursor.level === "steps" && cursor.log2Length === 0);
      if (atStep) break;
      for (const [i, dispute] of disputes.entries()) {
        const { movedAt, solverLeft } = dispute.clocks;
        if (i === 0) {
          await chain.at(movedAt + Math.max(solverLeft, testTerms.minResponseSeconds));
          await dispute.answer();
        }
        const postedAt = (await dispute.shown()).postedAt;
        const turn = Math.max(dispute.clocks.challengerLeft, testTerms.minResponseSeconds);
        const deadline = Math.max(dispute.clocks.movedAt, postedAt) + turn;
        // One block each: the last three seconds.
        await chain.at(deadline - 2 + i);
        await dispute.select(honest, 0);
      }
    }
    await chain.after(testTerms.minResponseSeconds + 1);
    for (const dispute of disputes) await dispute.timeoutChallenger();
    const over = BigInt(await chain.now());
    expect(over).toBeLessThanOrEqual(windowEnd + (await assay.disputeSeconds(3)));
    await claim.finalize();
    expect((await claim.state()).status).toBe(3n);
  });

  it("3. exhaustion by breadth: a second challenge on the same range costs the solver nothing", async () => {
    const { chain, claim, verifier, accomplice } = await claimed(honest);
    const first = await Dispute.open(claim, verifier);
    while (first.cursor.level === "ticks" || first.cursor.log2Length > 0) {
      await first.answer();
      await first.select(honest, 0);
    }
    const second = await Dispute.open(claim, accomplice);
    const before = await chain.ethers.provider.getTransactionCount(claim.solver.address);
    while (second.cursor.level === "ticks" || second.cursor.log2Length > 0) await second.select(honest, 0);
    expect(await chain.ethers.provider.getTransactionCount(claim.solver.address)).toBe(before);
    await chain.after(challengerBudgetSeconds + 1);
    await second.timeoutChallenger();
    expect(await chain.owed(claim.solver)).toBe(paidOf(challengerBond));
  });

  it("3. exhaustion by breadth: a lost bond pays for every move of the longest dispute", async () => {
    const { claim, verifier } = await claimed(honest);
    const dispute = await Dispute.open(claim, verifier);
    while (dispute.cursor.level === "ticks" || dispute.cursor.log2Length > 0) {
      await dispute.answer();
      await dispute.select(honest, 0);
    }
    const moves = dispute.gas.filter(({ move }) => move === "postRow" || move === "openTick");
    for (const { gas } of moves) expect(gas).toBeLessThan(BigInt(testTerms.gasPerMove));
    const price = testTerms.gasPriceCeilingWei;
    const spent = moves.reduce((sum, { gas }) => sum + gas * price, 0n);
    expect(spent).toBeLessThan(paidOf(challengerBond));
  });

  it("4. playing against oneself: both ways of losing cost the pair at least the burned half", async () => {
    const { chain, claim, solver, accomplice } = await claimed(honest);
    const inside = await chain.balance();
    const lost = await Dispute.open(claim, accomplice);
    await lost.answer();
    await chain.after(challengerBudgetSeconds + 1);
    await lost.timeoutChallenger();
    const refuting = await Dispute.open(claim, accomplice);
    await expect(refuting.concede()).toRevertWith(chain.assay, "RevealMismatch");
    await refuting.select(honest, 0);
    await refuting.concede();
    const owed = (await chain.owed(solver)) + (await chain.owed(accomplice));
    const paidIn = inside + 2n * challengerBond;
    expect(paidIn - owed).toBe(solverBond - paidOf(solverBond) + challengerBond - paidOf(challengerBond));
    expect(2n * (paidIn - owed)).toBeGreaterThanOrEqual(solverBond + challengerBond);
  });

  it("9. caller-chosen positions: whatever is not what the contract stored reverts", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    const { selection } = await dispute.selection(honest);
    const stored = await assay.challengeOf(dispute.id);
    const changes: Partial<PositionStruct>[] = [
      { startRoot: madeUpRoot(1) },
      { endRoot: madeUpRoot(1) },
      { holder: madeUpRoot(1) },
      ...[0n, 24n, 48n, 88n, 96n, 136n, 176n].map((bit) => ({ place: dispute.position.place ^ (1n << bit) })),
    ];
    for (const change of changes) {
      const position = { ...dispute.position, ...change };
      const call = chain.as(verifier).select(dispute.id, position, selection);
      await expect(call, JSON.stringify(Object.keys(change))).toRevertWith(assay, "PositionMismatch");
    }
    expect(await assay.challengeOf(dispute.id)).toBe(stored);
  });

  it("9. caller-chosen positions: roots are proven at the child's own place in the row", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    const { selection } = await dispute.selection(honest, 1);
    const changes = [
      { child: 0 },
      { startRoot: madeUpRoot(1) },
      { endRoot: madeUpRoot(1) },
      { siblings: [...selection.siblings].reverse() },
      { postedAt: selection.postedAt + 1 },
      { firstDemander: madeUpRoot(1) },
    ];
    // The whole range of 2^3 ticks is cut into two first, then into four.
    await dispute.select(honest, 0);
    await dispute.answer();
    const inFour = (await dispute.selection(honest, 1)).selection;
    expect(inFour.siblings).toHaveLength(2);
    for (const change of changes) {
      const { siblings, ...rest } = { ...inFour, ...change };
      const wrong = { ...rest, siblings: "siblings" in change ? [...inFour.siblings].reverse() : siblings };
      if ("child" in change) wrong.child = 2;
      const call = chain.as(verifier).select(dispute.id, dispute.position, wrong);
      await expect(call, Object.keys(change)[0]).toRevertWith(
        assay,
        "child" in change ? "WrongSiblingCount" : "RevealMismatch",
      );
    }
    const tooMany = { ...inFour, siblings: [...inFour.siblings, madeUpRoot(1)] };
    const call = chain.as(verifier).select(dispute.id, dispute.position, tooMany);
    await expect(call).toRevertWith(assay, "WrongSiblingCount", [2n, 3n]);
  });

  it("10. moves under a reorg: a move made for another history reverts", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    const before = dispute.position;
    const snapshot = await chain.ethers.provider.send("evm_snapshot", []);
    await dispute.select(honest, 0);
    const first = await dispute.firstDemander();
    const roots = await faulty.tickRoots([1, 2, 3]);
    const { id, position } = dispute;
    // The chain is reorganised: there the challenger selects the other child.
    await chain.ethers.provider.send("evm_revert", [snapshot]);
    dispute.position = before;
    await dispute.select(honest, 1);
    const stored = await assay.challengeOf(id);
    const row = chain.as(claim.solver).postRow(id, position, first, roots);
    await expect(row).toRevertWith(assay, "PositionMismatch");
    expect(await assay.challengeOf(id)).toBe(stored);
  });

  it("13. front-running the honest move: done twice it reverts by name, and what stands is the same", async () => {
    const { chain, assay, claim, verifier, stranger } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    const stored = await assay.revealOf(dispute.node);
    await expect(dispute.answer()).toRevertWith(assay, "RevealMismatch", [dispute.node, stored, zero]);
    await dispute.select(honest);
    await chain.after(solverBudgetSeconds + 1);
    await dispute.timeoutSolver(stranger);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, 2n]);
    expect(await chain.owed(verifier)).toBe(paidOf(solverBond) + challengerBond);
  });

  it("38. a true mid-tick state sold as the end of a tick: it cannot be opened, and the claim falls by time-out", async () => {
    const [midTick] = (await honest.stepRoots(2, [9])) as [Root];
    const seller = alterTrace(honest, {
      tickRoots: async (ticks) => (await honest.tickRoots(ticks)).map((root, i) => (ticks[i] === 3 ? midTick : root)),
      openTick: async (tick) => ({ ...(await honest.openTick(tick)), end: honest.stepRegistersProof(2, 9) }),
    });
    const { chain, assay, claim, verifier } = await claimed(seller);
    const dispute = await Dispute.open(claim, verifier, 2);
    expect(dispute.position.endRoot).toBe(midTick);
    await expect(dispute.answer()).toRevertWith(assay, "TickEndsRunning", []);
    await chain.after(solverBudgetSeconds + 1);
    await dispute.timeoutSolver();
    expect((await claim.state()).status).toBe(2n);
  });

  it("39. two stories under one key: the same range reached by other roots is another node", async () => {
    // The claim's checkpoints tell another story than its rows.
    const other = madeUpRoot(7);
    const checkpoints = alterTrace(faulty, {
      tickRoots: async (ticks) => (await faulty.tickRoots(ticks)).map((root, i) => (ticks[i] === 4 ? other : root)),
    });
    const { assay, claim, verifier, accomplice } = await claimed(checkpoints, { log2CheckpointTicks: 2 });
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer(faulty);
    await dispute.select(honest, 1);
    const colluding = await Dispute.open(claim, accomplice, 1);
    expect({ ...colluding.cursor, startRoot: 0, endRoot: 0 }).toEqual({ ...dispute.cursor, startRoot: 0, endRoot: 0 });
    await colluding.answer(honest);
    expect(colluding.node).not.toBe(dispute.node);
    expect(await assay.revealOf(dispute.node)).toBe(zero);
    expect(await assay.revealOf(colluding.node)).not.toBe(zero);
  });

  it("41. a padding child: there are none, every row is exact", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    const post = (roots: Root[]) => chain.as(claim.solver).postRow(dispute.id, dispute.position, zero, roots);
    await expect(post([])).toRevertWith(assay, "WrongRowLength", [1n, 0n]);
    await expect(post([madeUpRoot(1), madeUpRoot(2)])).toRevertWith(assay, "WrongRowLength", [1n, 2n]);
    await dispute.answer();
    const { selection } = await dispute.selection(honest, 1);
    for (const child of [2, 3, 4, 255, 2 ** 32 - 1]) {
      const call = chain.as(verifier).select(dispute.id, dispute.position, { ...selection, child });
      await expect(call).toRevertWith(assay, "NoSuchChild", [2n, BigInt(child)]);
    }
  });

  it("50. a cursor of one step: the turn is always the challenger's", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    const post = chain.as(claim.solver).postRow(dispute.id, dispute.position, zero, []);
    await expect(post).toRevertWith(assay, "WrongRange", [1n, 0n]);
    await expect(dispute.concede()).toRevertWith(assay, "NotSolversTurn", []);
    const blank = { child: 0, postedAt: 1, firstDemander: zero, startRoot: zero, endRoot: zero, siblings: [] };
    const select = chain.as(verifier).select(dispute.id, dispute.position, blank);
    await expect(select).toRevertWith(assay, "WrongRange", [1n, 0n]);
    await chain.after(solverBudgetSeconds + challengerBudgetSeconds);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await dispute.timeoutChallenger();
    expect(await dispute.isOpen()).toBe(false);
  });

  it("50. a tick of one step: it is opened without a row, and selected without siblings", async () => {
    const single = new LoopTrace({ ticks: 2, turns: 0 });
    const opening = async (tick: number) => ({ ...(await single.openTick(tick)), log2Steps: 0 });
    const { assay, claim, verifier } = await claimed(alterTrace(single, { openTick: opening }), { log2Ticks: 1 });
    const dispute = await Dispute.open(claim, verifier, 1);
    await dispute.answer();
    await dispute.select(single, 0);
    expect(dispute.cursor).toMatchObject({ level: "steps", tick: 1, from: 0, log2Length: 0 });
    expect(dispute.position.holder).toBe(dispute.id);
    await expect(dispute.timeoutSolver()).toRevertWith(assay, "NotSolversTurn", []);
    await dispute.proveFault(single);
    expect((await claim.state()).status).toBe(2n);
  });
});
