import { concat, keccak256, type Result } from "ethers";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/protocol/claim.ts";
import { hashPair, zeroRoot } from "../../src/protocol/hash.ts";
import { testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot, type ProvenTrace, proofStruct, TestClaim } from "../support/assayClaim.ts";
import { buildStatus, claimStatus, kept, scene } from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const trace = new LoopTrace({ ticks: 6, turns: 1, exitCode: 3 });
const { solverBond, minCommitAgeSeconds, maxCommitAgeSeconds } = testTerms;

/** A chain, and a claim that is committed but not revealed. */
async function committed(options = {}, of: ProvenTrace = trace) {
  const all = await scene();
  const claim = await TestClaim.commit(all.chain, all.solver, of, options);
  return { ...all, claim, committedAt: await all.chain.now() };
}

/** A registers leaf with these 32-bit fields, by byte offset, as the registers of a state of which nothing else is known. */
function statesRegisters(fields: Readonly<Record<number, number>>) {
  const registers = new Uint8Array(128);
  const view = new DataView(registers.buffer);
  for (const [offset, value] of Object.entries(fields)) view.setUint32(Number(offset), value, true);
  const proof = { registers, stackRoot: madeUpRoot(1), rest: madeUpRoot(2) };
  const root = hashPair(hashPair(keccak256(registers) as `0x${string}`, proof.stackRoot), proof.rest);
  return { root, proof };
}

describe("a commitment", () => {
  it("takes exactly the bond", async () => {
    const { chain, assay, solver } = await committed();
    for (const value of [0n, solverBond - 1n, solverBond + 1n]) {
      const commit = chain.as(solver).commit(madeUpRoot(1), { value });
      await expect(commit).toRevertWith(assay, "WrongBond", [solverBond, value]);
    }
    expect(await chain.balance()).toBe(solverBond);
  });

  it("notes the second it was made in, which is its seniority", async () => {
    const { assay, claim, solver, committedAt } = await committed();
    const state = {
      status: claimStatus.committed,
      committedAt: BigInt(committedAt),
      windowEnd: 0n,
      openChallenges: 0n,
    };
    expect(await claim.stored()).toEqual(state);
    const [event] = await assay.queryFilter(assay.filters.ClaimCommitted());
    expect([...event!.args]).toEqual([claim.claimId, solver.address]);
  });

  it("is made once, also after it has ended", async () => {
    const { chain, assay, claim, committedAt } = await committed();
    await expect(claim.commit()).toRevertWith(assay, "AlreadyCommitted", [claim.claimId]);
    await chain.at(committedAt + maxCommitAgeSeconds + 1);
    await assay.expireCommit(claim.solver.address, claim.claimId);
    await expect(claim.commit()).toRevertWith(assay, "AlreadyCommitted", [claim.claimId]);
  });

  it("can be revealed from the first to the last second of its time", async () => {
    for (const age of [minCommitAgeSeconds, maxCommitAgeSeconds]) {
      const { chain, claim, committedAt } = await committed();
      await chain.at(committedAt + age);
      await claim.reveal();
      expect((await claim.state()).status).toBe(claimStatus.open);
    }
  });

  it("cannot be revealed a second earlier or later", async () => {
    const { chain, assay, claim, committedAt } = await committed();
    const [from, until] = [BigInt(committedAt + minCommitAgeSeconds), BigInt(committedAt + maxCommitAgeSeconds)];
    await chain.at(from - 1n);
    await expect(claim.reveal()).toRevertWith(assay, "CommitTooYoung", [from, from - 1n]);
    await chain.at(until + 1n);
    await expect(claim.reveal()).toRevertWith(assay, "CommitTooOld", [until, until + 1n]);
  });

  it("loses the burned share of its bond when it expires, and not a second before", async () => {
    const { chain, assay, solver, claim, committedAt, stranger } = await committed();
    const until = BigInt(committedAt + maxCommitAgeSeconds);
    await chain.at(until);
    const early = assay.expireCommit(solver.address, claim.claimId);
    await expect(early).toRevertWith(assay, "CommitNotExpired", [until, until]);
    await chain.at(until + 1n);
    const returned = (solverBond * 400n) / 1000n;
    await chain.undone(async () => {
      await chain.as(stranger).expireCommit(solver.address, claim.claimId);
      expect(await chain.owed(solver)).toBe(returned - kept);
      const [event] = await assay.queryFilter(assay.filters.CommitEnded());
      expect([...event!.args]).toEqual([claim.claimId, solver.address, returned, solverBond - returned]);
    });
    const sent = chain.as(solver).expireCommit(solver.address, claim.claimId);
    expect(await chain.receivedBy(solver, sent)).toBe(returned);
    const again = assay.expireCommit(solver.address, claim.claimId);
    const args = [claim.claimId, solver.address, claimStatus.returned];
    await expect(again).toRevertWith(assay, "NotCommitted", args);
    await expect(claim.reveal()).toRevertWith(assay, "NotCommitted", args);
    expect(await chain.owed(solver)).toBe(0n);
  });

  it("cannot expire, or be used again, once it is revealed", async () => {
    const { chain, assay, solver, claim } = await committed();
    await chain.after(minCommitAgeSeconds);
    await claim.reveal();
    const args = [claim.claimId, solver.address, claimStatus.open];
    await expect(claim.reveal()).toRevertWith(assay, "NotCommitted", args);
    await chain.after(maxCommitAgeSeconds);
    await expect(assay.expireCommit(solver.address, claim.claimId)).toRevertWith(assay, "NotCommitted", args);
    await expect(claim.return()).toRevertWith(assay, "NotCommitted", args);
    await expect(claim.commit()).toRevertWith(assay, "AlreadyCommitted", [claim.claimId]);
    const never = assay.expireCommit(solver.address, madeUpRoot(9));
    await expect(never).toRevertWith(assay, "NotCommitted", [madeUpRoot(9), solver.address, claimStatus.none]);
  });
});

describe("a reveal", () => {
  async function revealed(options = {}, of: ProvenTrace = trace) {
    const all = await committed(options, of);
    await all.chain.after(minCommitAgeSeconds);
    return all;
  }

  it("opens the claim, and its event holds all that its id is made of", async () => {
    const { claim, chain, assay } = await revealed({ log2Ticks: 4, log2CheckpointTicks: 2 });
    const { committedAt } = await claim.state();
    await claim.reveal();
    const now = BigInt(await chain.now());
    const windowEnd = now + BigInt(testTerms.baseWindowSeconds) + 16n;
    expect(await claim.stored()).toEqual({ status: claimStatus.open, committedAt, windowEnd, openChallenges: 0n });
    const [event] = await assay.queryFilter(assay.filters.ClaimRevealed());
    const { claimId, buildId, solver, fields, salt, outcome, opensRound, joinDeadline } = event!.args;
    expect([claimId, buildId, solver, salt]).toEqual([claim.claimId, trace.buildId, claim.solver.address, claim.salt]);
    expect([event!.args.windowEnd, joinDeadline, opensRound]).toEqual([
      windowEnd,
      now + BigInt(testTerms.baseWindowSeconds),
      true,
    ]);
    const told = (fields as unknown as Result).toObject();
    const { outcome: expected, ...rest } = claim.fields;
    expect(told).toEqual({ ...rest, log2Ticks: 4n, log2CheckpointTicks: 2n });
    expect((outcome as unknown as Result).toObject()).toEqual(numbersOf(expected));
  });

  it("reads the outcome from the final state", async () => {
    const artifactSha256 = `0x${"ab".repeat(32)}` as const;
    expect(await outcomeOf(trace)).toEqual(
      numbersOf({ endStatus: 2, code: 3, recordVersion: 1, artifactSize: 123_456n, artifactSha256 }),
    );
  });

  it("gives a trapped end its trap code as result, and nothing of its record", async () => {
    const traps = new LoopTrace({ ticks: 6, turns: 1, traps: true });
    const nothing = { recordVersion: 0, artifactSize: 0n, artifactSha256: zeroRoot };
    expect(await outcomeOf(traps)).toEqual(numbersOf({ endStatus: 3, code: 1, ...nothing }));
  });

  it("leads to a final result with the trap code, where the program trapped", async () => {
    const traps = new LoopTrace({ ticks: 6, turns: 1, traps: true });
    const { chain, solver, lens } = await scene();
    const claim = await TestClaim.make(chain, solver, traps);
    await claim.finalize();
    const { finalizedAt, ...result } = await chain.result(traps.buildId);
    expect(finalizedAt).toBe(BigInt(await chain.now()));
    expect(await lens.rewardDueFrom(traps.buildId)).toBe(finalizedAt);
    const nothing = { recordVersion: 0n, exitCode: 0n, artifactSize: 0n, artifactSha256: zeroRoot };
    expect(result).toEqual({ status: buildStatus.final, endStatus: 3n, trapCode: 1n, ...nothing });
  });

  it("reports a record of a version it does not know", async () => {
    const other = new LoopTrace({ ticks: 6, turns: 1, recordVersion: 9 });
    expect(await outcomeOf(other)).toMatchObject({ recordVersion: 9n });
  });

  it("73. of another outcome than the one committed to is refused: nobody can choose a result", async () => {
    const { outcome } = (await TestClaim.prepare((await scene()).chain, (await scene()).solver, trace)).fields;
    const others: Partial<Outcome>[] = [
      { endStatus: 3 },
      { code: 0 },
      { recordVersion: 2 },
      { artifactSize: 123_455n },
      { artifactSha256: madeUpRoot(1) },
    ];
    for (const other of others) {
      const { claim, assay } = await revealed({ fields: { outcome: { ...outcome, ...other } } });
      const right = await TestClaim.prepare(claim.chain, claim.solver, trace);
      const args = [right.claimId, claim.solver.address, claimStatus.none];
      expect(right.claimId).not.toBe(claim.claimId);
      await expect(claim.reveal()).toRevertWith(assay, "NotCommitted", args);
    }
  });

  it("takes a locator of 256 bytes, and none of 257", async () => {
    for (const [locator, bytes] of [
      ["x".repeat(257), 257n],
      ["é".repeat(129), 258n],
    ] as const) {
      const { claim, assay } = await revealed({ fields: { locator } });
      await expect(claim.reveal()).toRevertWith(assay, "LocatorTooLong", [256n, bytes]);
    }
    const { claim } = await revealed({ fields: { locator: "é".repeat(128) } });
    await claim.reveal();
    expect((await claim.state()).status).toBe(claimStatus.open);
  });

  it("refuses a first state that is not ready", async () => {
    const cases = [
      [statesRegisters({ 12: 1, 32: 1 }), [1n, true]],
      [statesRegisters({ 12: 2, 32: 1 }), [2n, true]],
      [statesRegisters({ 12: 0, 32: 1, 36: 1 }), [0n, false]],
      [statesRegisters({ 12: 0, 32: 1, 124: 1 }), [0n, false]],
    ] as const;
    for (const [{ root, proof }, args] of cases) {
      const { claim, chain, assay } = await revealed({ fields: { buildId: root } });
      const { salt } = claim;
      const { outcome: _, ...fields } = claim.fields;
      const reveal = chain.as(claim.solver).reveal(fields, salt, proofStruct(proof), trace.resultProof);
      await expect(reveal).toRevertWith(assay, "BuildNotReady", args);
    }
  });

  it("refuses a final state that is neither halted nor trapped", async () => {
    const longer = new LoopTrace({ ticks: 9, turns: 1 });
    const yielded = alterTrace(longer, { resultProof: longer.resultProofAfter(8) });
    const { claim, assay } = await revealed({ log2Ticks: 3 }, yielded);
    await expect(claim.reveal()).toRevertWith(assay, "FinalStateNotFinal", [0n]);
  });

  it("refuses proofs of other states", async () => {
    const { claim, chain, assay } = await revealed();
    const { salt, solver } = claim;
    const { outcome: _, ...fields } = claim.fields;
    const other = new LoopTrace({ ticks: 5, turns: 1 });
    const verifier = chain.verifier;
    const wrongStart = chain.as(solver).reveal(fields, salt, proofStruct(other.startProof), trace.resultProof);
    await expect(wrongStart).toRevertWith(verifier, "RootMismatch");
    const wrongEnd = chain.as(solver).reveal(fields, salt, proofStruct(trace.startProof), other.resultProof);
    await expect(wrongEnd).toRevertWith(verifier, "RootMismatch");
    const longer = concat([trace.resultProof, "0x00"]);
    const tooLong = chain.as(solver).reveal(fields, salt, proofStruct(trace.startProof), longer);
    await expect(tooLong).toRevertWith(verifier, "ProofLengthMismatch", [1216n, 1217n]);
    await expect(claim.reveal()).resolves.toBeDefined();
    expect((await assay.resultOf(fields.buildId)).status).toBe(buildStatus.open);
  });

  it("refuses checkpoints that are no nodes of the whole range", async () => {
    const cases = [
      [1, 3],
      [4, 3],
    ] as const;
    for (const [checkpoints, ticks] of cases) {
      const { claim, assay } = await revealed({ fields: { log2Ticks: ticks, log2CheckpointTicks: checkpoints } });
      const args = [BigInt(checkpoints), BigInt(ticks), 2n];
      await expect(claim.reveal()).toRevertWith(assay, "CheckpointsMisaligned", args);
    }
  });
});

/** What the event of a reveal says about the end of a run. */
async function outcomeOf(of: LoopTrace) {
  const { chain, solver, assay } = await scene();
  await TestClaim.make(chain, solver, of);
  const [event] = await assay.queryFilter(assay.filters.ClaimRevealed());
  return (event!.args.outcome as unknown as Result).toObject();
}

/** The numbers of an outcome as the contracts give them. */
function numbersOf({ endStatus, code, recordVersion, ...rest }: Outcome) {
  return { endStatus: BigInt(endStatus), code: BigInt(code), recordVersion: BigInt(recordVersion), ...rest };
}
