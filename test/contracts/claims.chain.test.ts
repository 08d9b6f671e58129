import { concat, keccak256, zeroPadValue } from "ethers";
import { describe, expect, it } from "vitest";
import { hashPair } from "../../src/protocol/hash.ts";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot, type ProvenTrace, proofStruct, TestClaim } from "../support/assayClaim.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const trace = new LoopTrace({ ticks: 6, turns: 1, exitCode: 3 });
const { solverBond, minCommitAgeSeconds, maxCommitAgeSeconds } = testTerms;

/** A chain, and a claim that is committed but not revealed. */
async function committed(options = {}, of: ProvenTrace = trace) {
  const chain = await AssayChain.start();
  const solver = chain.accounts[1]!;
  const claim = await TestClaim.commit(chain, solver, of, options);
  return { chain, solver, claim, assay: chain.assay, committedAt: await chain.now() };
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
      await expect(chain.as(solver).commit(madeUpRoot(1), { value })).toRevertWith(assay, "WrongBond", [
        solverBond,
        value,
      ]);
    }
  });

  it("counts up: its number is its seniority", async () => {
    const { chain, assay, solver, claim } = await committed();
    await expect(chain.as(solver).commit(madeUpRoot(1), { value: solverBond })).resolves.toBeDefined();
    expect((await assay.commitmentOf(solver.address, claim.claimId)).number).toBe(1n);
    expect((await assay.commitmentOf(solver.address, madeUpRoot(1))).number).toBe(2n);
  });

  it("is made once", async () => {
    const { chain, assay, solver, claim } = await committed();
    const again = chain.as(solver).commit(claim.claimId, { value: solverBond });
    await expect(again).toRevertWith(assay, "AlreadyCommitted", [claim.claimId]);
  });

  it("can be revealed from the first to the last second of its time", async () => {
    for (const age of [minCommitAgeSeconds, maxCommitAgeSeconds]) {
      const { chain, claim, committedAt } = await committed();
      await chain.at(committedAt + age);
      await claim.reveal();
      expect((await claim.state()).status).toBe(1n);
    }
  });

  it("cannot be revealed a second earlier or later", async () => {
    const { chain, assay, claim, committedAt } = await committed();
    const [from, until] = [committedAt + minCommitAgeSeconds, committedAt + maxCommitAgeSeconds];
    await chain.at(from - 1);
    await expect(claim.reveal()).toRevertWith(assay, "CommitTooYoung", [BigInt(from), BigInt(from - 1)]);
    await chain.at(until + 1);
    await expect(claim.reveal()).toRevertWith(assay, "CommitTooOld", [BigInt(until), BigInt(until + 1)]);
  });

  it("loses the burned share of its bond when it expires, and not a second before", async () => {
    const { chain, assay, solver, claim, committedAt } = await committed();
    const until = committedAt + maxCommitAgeSeconds;
    await chain.at(until);
    const early = assay.expireCommit(solver.address, claim.claimId);
    await expect(early).toRevertWith(assay, "CommitNotExpired", [BigInt(until), BigInt(until)]);
    await chain.at(until + 1);
    await assay.expireCommit(solver.address, claim.claimId);
    expect(await chain.owed(solver)).toBe((solverBond * 400n) / 1000n);
    const again = assay.expireCommit(solver.address, claim.claimId);
    await expect(again).toRevertWith(assay, "NotCommitted", [claim.claimId, solver.address]);
  });

  it("cannot expire, or be used again, once it is revealed", async () => {
    const { chain, assay, solver, claim } = await committed();
    await chain.after(minCommitAgeSeconds);
    await claim.reveal();
    await expect(claim.reveal()).toRevertWith(assay, "NotCommitted", [claim.claimId, solver.address]);
    await chain.after(maxCommitAgeSeconds);
    const expired = assay.expireCommit(solver.address, claim.claimId);
    await expect(expired).toRevertWith(assay, "NotCommitted", [claim.claimId, solver.address]);
    const again = chain.as(solver).commit(claim.claimId, { value: solverBond });
    await expect(again).toRevertWith(assay, "AlreadyCommitted", [claim.claimId]);
  });
});

describe("a reveal", () => {
  async function revealed(options = {}, of: ProvenTrace = trace) {
    const all = await committed(options, of);
    await all.chain.after(minCommitAgeSeconds);
    return all;
  }

  it("copies the parameters into the claim", async () => {
    const { claim, chain } = await revealed({ log2Ticks: 4, log2CheckpointTicks: 2 });
    await claim.reveal();
    const now = BigInt(await chain.now());
    expect(await claim.stored()).toMatchObject({
      solver: claim.solver.address,
      log2Ticks: 4n,
      log2CheckpointTicks: 2n,
      log2Arity: BigInt(testTerms.log2Arity),
      maxLog2Steps: BigInt(testTerms.maxLog2Steps),
      minResponseSeconds: BigInt(testTerms.minResponseSeconds),
      solverBond,
      challengerBond: testTerms.challengerBond,
      solverBudgetSeconds: BigInt(testTerms.solverBudgetSeconds),
      challengerBudgetSeconds: BigInt(testTerms.challengerBudgetSeconds),
      burnPermille: BigInt(testTerms.burnPermille),
      reactionSeconds: BigInt(testTerms.reactionSeconds),
      openChallenges: 0n,
      revealedAt: now,
      windowEnd: now + BigInt(testTerms.baseWindowSeconds) + 16n,
      buildId: trace.buildId,
      finalRoot: trace.finalRoot,
      checkpointRoot: claim.checkpoints.root,
    });
  });

  it("reads the result from the final state", async () => {
    const { claim } = await revealed();
    await claim.reveal();
    expect(await claim.stored()).toMatchObject({
      endStatus: 2n,
      trapCode: 0n,
      recordVersion: 1n,
      exitCode: 3n,
      artifactSize: 123_456n,
      artifactSha256: `0x${"ab".repeat(32)}`,
    });
  });

  it("gives a trapped end its trap code as result, and nothing of its record", async () => {
    const { claim } = await revealed({}, new LoopTrace({ ticks: 6, turns: 1, traps: true }));
    await claim.reveal();
    expect(await claim.stored()).toMatchObject({
      endStatus: 3n,
      trapCode: 1n,
      recordVersion: 0n,
      exitCode: 0n,
      artifactSize: 0n,
      artifactSha256: zeroPadValue("0x", 32),
    });
  });

  it("reports a record of a version it does not know", async () => {
    const { claim } = await revealed({}, new LoopTrace({ ticks: 6, turns: 1, recordVersion: 9 }));
    await claim.reveal();
    expect((await claim.state()).recordVersion).toBe(9n);
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
      const { fields, salt } = claim;
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
    const { fields, salt, solver } = claim;
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
    expect((await assay.resultOf(fields.buildId)).status).toBe(1n);
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
