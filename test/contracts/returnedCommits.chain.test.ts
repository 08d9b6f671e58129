import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { claimIdOf } from "../../src/protocol/claim.ts";
import { hashText } from "../../src/protocol/hash.ts";
import { testTerms } from "../support/assayChain.ts";
import { TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { buildId, claimStatus, faulty, honest, kept, scene } from "../support/assayScene.ts";

const { solverBond, minCommitAgeSeconds, maxCommitAgeSeconds, solverBudgetSeconds } = testTerms;

/** A round that one claim has opened, and the last second before which others can join it. */
async function round() {
  const all = await scene();
  const opener = await TestClaim.make(all.chain, all.solver, faulty);
  const { joinDeadline } = await all.chain.build(buildId);
  return { ...all, opener, joinDeadline: Number(joinDeadline) };
}

/** A commitment of `rival` to the right claim, made at a second. */
async function commitAt({ chain, rival }: Awaited<ReturnType<typeof scene>>, second: number, salt = "late") {
  await chain.at(second);
  return await TestClaim.commit(chain, rival, honest, { salt: hashText(salt) });
}

describe("attack on commitments: 71. one that can no longer be revealed returns in full", () => {
  it("from the first second of commitment that is too late, and not a second before", async () => {
    const all = await round();
    const { assay, chain, rival, joinDeadline } = all;
    const onTime = await commitAt(all, joinDeadline - 1 - minCommitAgeSeconds, "on time");
    const late = await commitAt(all, joinDeadline - minCommitAgeSeconds);
    const args = [BigInt(joinDeadline - 1), BigInt(joinDeadline)];
    await expect(onTime.return()).toRevertWith(assay, "CommitRevealable", args);
    await chain.undone(async () => {
      await chain.at(joinDeadline - 1);
      await onTime.reveal();
      expect((await onTime.state()).status).toBe(claimStatus.open);
    });
    await chain.undone(async () => {
      await chain.at(joinDeadline);
      const args = [BigInt(joinDeadline), BigInt(joinDeadline)];
      await expect(late.reveal()).toRevertWith(assay, "RoundIsClosed", args);
    });
    // Before it could have been revealed, and before it expires.
    expect(await chain.receivedBy(rival, late.return())).toBe(solverBond);
    const [event] = await assay.queryFilter(assay.filters.CommitEnded());
    expect([...event!.args]).toEqual([late.claimId, rival.address, solverBond, 0n]);
  });

  it("on anybody's call that knows its fields, to its solver", async () => {
    const all = await round();
    const { assay, chain, rival, stranger, joinDeadline } = all;
    const late = await commitAt(all, joinDeadline);
    await late.return(stranger);
    expect(await chain.owed(rival)).toBe(solverBond - kept);
    const again = [late.claimId, rival.address, claimStatus.returned];
    await expect(late.return()).toRevertWith(assay, "NotCommitted", again);
    await expect(late.commit()).toRevertWith(assay, "AlreadyCommitted", [late.claimId]);
    await chain.after(maxCommitAgeSeconds + 1);
    await expect(assay.expireCommit(rival.address, late.claimId)).toRevertWith(assay, "NotCommitted", again);
  });

  it("not by fields that it does not have: neither another build nor another solver", async () => {
    const all = await round();
    const { assay, chain, joinDeadline, stranger } = all;
    const late = await commitAt(all, joinDeadline);
    for (const change of [{ buildId: hashText("other") }, { log2Ticks: 4 }, { solver: stranger.address as Root }]) {
      const reference = { ...late.reference, ...change };
      const id = claimIdOf(31337n, chain.address, reference);
      const args = [id, reference.solver, claimStatus.none];
      await expect(assay.returnCommit(reference)).toRevertWith(assay, "NotCommitted", args);
    }
  });

  it("not while no round is open, or there never was one", async () => {
    const all = await scene();
    const { assay, chain } = all;
    const early = await TestClaim.commit(chain, all.rival, honest);
    const from = BigInt((await chain.now()) + minCommitAgeSeconds);
    await expect(early.return()).toRevertWith(assay, "CommitRevealable", [from, 0n]);
  });

  it("not in a later round that it can join: what counts is the round at the time of the call", async () => {
    const all = await round();
    const { assay, chain, opener, verifier, joinDeadline, stranger } = all;
    const dispute = await Dispute.open(opener, verifier);
    const late = await commitAt(all, joinDeadline);
    expect(dispute.at.since + solverBudgetSeconds).toBeLessThan(joinDeadline);
    await dispute.timeoutSolver();
    // The round is over: the old deadline means nothing, and the claim opens the next one.
    const from = BigInt(joinDeadline + minCommitAgeSeconds);
    await expect(late.return()).toRevertWith(assay, "CommitRevealable", [from, BigInt(joinDeadline)]);
    await chain.undone(async () => {
      await chain.at(from);
      await late.reveal();
    });
    const next = await TestClaim.make(chain, stranger, honest, { salt: hashText("next round") });
    expect((await next.state()).status).toBe(claimStatus.open);
    const reopened = (await chain.build(buildId)).joinDeadline!;
    expect(reopened).toBeGreaterThan(BigInt(joinDeadline));
    await expect(late.return()).toRevertWith(assay, "CommitRevealable", [from, reopened]);
    await late.reveal();
  });

  it("also when its build has become final, and not if it was revealable before its join deadline", async () => {
    const all = await scene();
    const { assay, chain, solver } = all;
    const first = await TestClaim.make(chain, solver, honest);
    const joinDeadline = Number((await chain.build(buildId)).joinDeadline);
    const onTime = await commitAt(all, joinDeadline - 1 - minCommitAgeSeconds, "on time");
    const late = await commitAt(all, joinDeadline - minCommitAgeSeconds);
    await first.finalize();
    expect((await chain.build(buildId)).joinDeadline).toBe(BigInt(joinDeadline));
    const args = [BigInt(joinDeadline - 1), BigInt(joinDeadline)];
    await expect(onTime.return()).toRevertWith(assay, "CommitRevealable", args);
    await expect(late.reveal()).toRevertWith(assay, "BuildIsFinal", [buildId]);
    expect(await chain.receivedBy(all.rival, late.return())).toBe(solverBond);
    const afterwards = await TestClaim.commit(chain, all.rival, honest, { salt: hashText("afterwards") });
    expect(await chain.receivedBy(all.rival, afterwards.return())).toBe(solverBond);
  });

  it("also after its time, as long as nobody has let it expire", async () => {
    const all = await round();
    const { chain, rival, joinDeadline } = all;
    const late = await commitAt(all, joinDeadline);
    await chain.after(maxCommitAgeSeconds + 1_000);
    expect(await chain.receivedBy(rival, late.return())).toBe(solverBond);
  });
});
