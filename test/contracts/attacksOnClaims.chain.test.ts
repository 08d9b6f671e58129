import { zeroPadValue } from "ethers";
import { describe, expect, it } from "vitest";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const { solverBond, challengerBond, minCommitAgeSeconds, maxCommitAgeSeconds, reactionSeconds } = testTerms;
const paidOf = (bond: bigint) => (bond * 400n) / 1000n;

async function started(terms = {}) {
  const chain = await AssayChain.start(terms);
  const [, solver, rival, verifier, stranger] = chain.accounts;
  return {
    chain,
    assay: chain.assay,
    solver: solver!,
    rival: rival!,
    verifier: verifier!,
    stranger: stranger!,
    buildId: honest.buildId,
  };
}

/** Refutes a claim by a dispute between the checkpoints around its fault. */
async function refute(claim: TestClaim, verifier: AssayChain["accounts"][number]): Promise<void> {
  const dispute = await Dispute.open(claim, verifier, 2);
  await dispute.playToStep(honest);
  await dispute.proveFault(honest);
}

describe("attack on claims:", () => {
  it("5. terms changed while claims are live: nobody can change them, and every claim has its copy", async () => {
    const { chain, assay, solver } = await started();
    const claim = await TestClaim.make(chain, solver, honest);
    const terms = await assay.parameters();
    const { solverBond: bond, challengerBond: least, burnPermille, reactionSeconds: reaction } = await claim.state();
    expect([bond, least, burnPermille, reaction]).toEqual([
      terms.solverBond,
      terms.challengerBond,
      terms.burnPermille,
      terms.reactionSeconds,
    ]);
    const names: string[] = [];
    assay.interface.forEachFunction(({ name, stateMutability }) => {
      if (stateMutability !== "view" && stateMutability !== "pure") names.push(name);
    });
    expect(names.sort()).toEqual([
      "challenge",
      "challengeCheckpoints",
      "closeChallenge",
      "commit",
      "concede",
      "expireCommit",
      "finalize",
      "openTick",
      "payReward",
      "postRow",
      "proveFault",
      "refundRequest",
      "request",
      "reveal",
      "select",
      "selectFault",
      "selectMany",
      "timeoutChallenger",
      "timeoutSolver",
      "withdraw",
    ]);
  });

  it("12. claim copying: a copied commitment or reveal is worth nothing to another sender", async () => {
    const { chain, assay, solver, rival } = await started();
    const claim = await TestClaim.commit(chain, solver, honest);
    await chain.as(rival).commit(claim.claimId, { value: solverBond });
    await chain.after(minCommitAgeSeconds);
    const copied = await assay.claimIdOf(rival.address, claim.salt, claim.fields);
    expect(copied).not.toBe(claim.claimId);
    await expect(claim.reveal(rival)).toRevertWith(assay, "NotCommitted", [copied, rival.address]);
    await claim.reveal();
    expect((await claim.state()).solver).toBe(solver.address);
    // What is seen in a reveal can only be committed to afterwards, with a higher number.
    await chain.as(rival).commit(copied, { value: solverBond });
    expect((await assay.commitmentOf(rival.address, copied)).number).toBeGreaterThan((await claim.state()).number);
  });

  it("14. contradicting claims: neither is final while both live", async () => {
    const { chain, assay, solver, rival, verifier, buildId } = await started();
    const right = await TestClaim.make(chain, solver, honest);
    const wrong = await TestClaim.make(chain, rival, faulty);
    expect((await assay.resultOf(buildId)).status).toBe(2n);
    await chain.after(50_000);
    for (const claim of [right, wrong]) {
      await expect(assay.finalize(claim.claimId)).toRevertWith(assay, "ClaimsContradict", [buildId, 2n]);
      expect(await assay.isChallengeable(claim.claimId)).toBe(true);
    }
    await refute(wrong, verifier);
    const calmSince = BigInt(await chain.now());
    const from = calmSince + BigInt(reactionSeconds);
    await chain.at(from - 1n);
    await expect(assay.finalize(right.claimId)).toRevertWith(assay, "NotYetFinalizable", [from, from - 1n]);
    expect(await assay.isChallengeable(right.claimId)).toBe(true);
    await chain.at(from);
    await assay.finalize(right.claimId);
    expect(await chain.result(buildId)).toMatchObject({ status: 3n, finalizedAt: from, finalRoot: honest.finalRoot });
  });

  it("15. claims nobody can check: the window grows with the claimed ticks", async () => {
    const { chain, assay, solver } = await started();
    expect(await assay.windowSeconds(0)).toBe(5_001n);
    expect(await assay.windowSeconds(16)).toBe(5_000n + 65_536n);
    const claim = await TestClaim.make(chain, solver, honest, { log2Ticks: 10, log2CheckpointTicks: 10 });
    expect((await claim.state()).windowEnd).toBe(BigInt(await chain.now()) + 6_024n);
  });

  it("16. wrong version: a build of another machine is refused, both versions named", async () => {
    const { chain, assay, solver } = await started();
    await expect(chain.ethers.deployContract("Assay", [testTerms, solver.address])).toRevertWith(
      assay,
      "StepVerifierMissing",
      [solver.address],
    );
    const other = await AssayChain.start({}, async (ethers) => {
      return await (await ethers.deployContract("FakeStepVerifier")).getAddress();
    });
    const claim = await TestClaim.commit(other, other.accounts[1]!, honest);
    await other.after(minCommitAgeSeconds);
    // The fake takes the first word of the registers for the version: 0 in a state that is ready.
    await expect(claim.reveal()).toRevertWith(other.assay, "WrongMachineVersion", [2n, 0n]);
  });

  it("17. duplicate or malleable ids: an id binds every field, sender, salt, contract and chain", async () => {
    const { chain, assay, solver, rival } = await started();
    const claim = await TestClaim.commit(chain, solver, honest);
    const { fields, salt } = claim;
    const changes = [
      { buildId: madeUpRoot(1) },
      { finalRoot: madeUpRoot(1) },
      { log2Ticks: 4 },
      { log2CheckpointTicks: 2 },
      { checkpointRoot: madeUpRoot(1) },
      { locator: "store:other" },
    ];
    expect(changes.map((change) => Object.keys(change)[0])).toEqual(Object.keys(fields));
    const ids = [
      claim.claimId,
      await assay.claimIdOf(rival.address, salt, fields),
      await assay.claimIdOf(solver.address, madeUpRoot(1), fields),
      await (await started()).assay.connect(solver).claimIdOf(rival.address, salt, fields),
    ];
    for (const change of changes) ids.push(await assay.claimIdOf(solver.address, salt, { ...fields, ...change }));
    const elsewhere = await chain.ethers.deployContract("Assay", [testTerms, await assay.stepVerifier()]);
    ids.push(await elsewhere.getFunction("claimIdOf")(solver.address, salt, fields));
    expect(new Set(ids).size).toBe(ids.length - 1);
  });

  it("17. duplicate ids: challenges and requests that are equal in everything are told apart", async () => {
    const { chain, assay, solver, verifier, buildId } = await started();
    const claim = await TestClaim.make(chain, solver, honest);
    const first = await Dispute.open(claim, verifier);
    const second = await Dispute.open(claim, verifier);
    expect(first.id).not.toBe(second.id);
    expect(first.id.slice(0, 42)).toBe(verifier.address.toLowerCase());
    for (let i = 0; i < 2; i++) await chain.as(verifier).request(madeUpRoot(1), 2n ** 40n - 1n, "", { value: 5n });
    const events = await assay.queryFilter(assay.filters.BuildRequested());
    expect(new Set(events.map(({ args }) => args.requestId)).size).toBe(2);
    expect((await assay.buildOf(madeUpRoot(1))).reward).toBe(10n);
    expect((await assay.buildOf(buildId)).reward).toBe(0n);
  });

  it("18. unsafe casts: an amount or a field above its width reverts", async () => {
    const { chain, assay, solver } = await started();
    const amount = 2n ** 96n;
    await chain.ethers.provider.send("hardhat_setBalance", [solver.address, `0x${(amount * 2n).toString(16)}`]);
    const request = chain.as(solver).request(madeUpRoot(1), 2n ** 40n - 1n, "", { value: amount });
    await expect(request).toRevertWith(assay, "SafeCastOverflowedUintDowncast", [96n, amount]);
    const data = assay.interface.encodeFunctionData("windowSeconds", [7]).replace(/0007$/, "0107");
    await expect(chain.ethers.provider.call({ to: await assay.getAddress(), data })).rejects.toThrow(
      /without a reason/,
    );
    await expect(assay.windowSeconds(41)).toRevertWith(assay, "TooManyTicks", [40n, 41n]);
  });

  it("19. step count: too few ticks fail, too many are harmless", async () => {
    const { chain, assay, solver, verifier } = await started();
    const long = new LoopTrace({ ticks: 9, turns: 1 });
    const few = alterTrace(long, { resultProof: long.resultProofAfter(8) });
    const claim = await TestClaim.commit(chain, solver, few, { log2Ticks: 3 });
    await chain.after(minCommitAgeSeconds);
    await expect(claim.reveal()).toRevertWith(assay, "FinalStateNotFinal", [0n]);
    const many = await TestClaim.make(chain, solver, honest, { log2Ticks: 6 });
    const dispute = await Dispute.open(many, verifier, 60);
    expect(dispute.position.startRoot).toBe(dispute.position.endRoot);
    await dispute.answer();
    await dispute.select(honest, 0);
    // The step of a fixed point is the fixed point.
    while (dispute.cursor.log2Length > 0) {
      await dispute.answer();
      await dispute.select(honest, 0);
    }
    const proof = dispute.proveFault(honest);
    await expect(proof).toRevertWith(assay, "StepIsCorrect", [honest.finalRoot]);
  });

  it("19. step count: a game's depth is bounded, whatever is claimed", async () => {
    const { chain, assay, solver, verifier } = await started({ maxLog2Steps: 4 });
    const deep = await TestClaim.commit(chain, solver, honest, { fields: { log2Ticks: 41 } });
    await chain.after(minCommitAgeSeconds);
    await expect(deep.reveal()).toRevertWith(assay, "TooManyTicks", [40n, 41n]);
    const claim = await TestClaim.make(chain, solver, honest);
    const dispute = await Dispute.open(claim, verifier, 2);
    await expect(dispute.answer()).toRevertWith(assay, "TooManySteps", [4n, 5n]);
  });

  it("42. a build that takes longer than the window, 53. a clamped window: it is refused, never shortened", async () => {
    const { chain, assay, solver } = await started();
    const claim = await TestClaim.commit(chain, solver, honest, { fields: { log2Ticks: 17 } });
    await chain.after(minCommitAgeSeconds);
    await expect(claim.reveal()).toRevertWith(assay, "WindowTooLong", [100_000n, 5_000n + 131_072n]);
    expect((await claim.state()).status).toBe(0n);
  });

  it("45. commits as free options: one that is not revealed costs the burned share", async () => {
    const { chain, assay, solver } = await started();
    const claim = await TestClaim.commit(chain, solver, honest);
    await chain.after(maxCommitAgeSeconds + 1);
    await assay.expireCommit(solver.address, claim.claimId);
    expect(await chain.owed(solver)).toBe(paidOf(solverBond));
    expect((await chain.balance()) - paidOf(solverBond)).toBe(solverBond - paidOf(solverBond));
  });

  it("54. clones that outnumber a verifier's bonds: one contradiction keeps all of them open", async () => {
    const { chain, assay, solver, verifier, buildId } = await started();
    const clones: TestClaim[] = [];
    for (let i = 0; i < 5; i++) {
      clones.push(await TestClaim.make(chain, solver, faulty, { salt: madeUpRoot(i) }));
    }
    expect(await assay.livingClaims(buildId, faulty.finalRoot)).toBe(5n);
    const own = await TestClaim.make(chain, verifier, honest);
    await chain.after(60_000);
    for (const clone of clones) {
      await expect(assay.finalize(clone.claimId)).toRevertWith(assay, "ClaimsContradict", [buildId, 2n]);
    }
    for (const clone of clones) await refute(clone, verifier);
    await own.finalize();
    expect((await assay.resultOf(buildId)).claimId).toBe(own.claimId);
  });

  it("55. a concession that returns the bond: it is split as after a time-out", async () => {
    const { chain, assay, solver, verifier, stranger } = await started();
    const claim = await TestClaim.make(chain, solver, faulty);
    const dispute = await Dispute.open(claim, verifier);
    const position = dispute.position;
    const byOther = chain.as(stranger).concede(dispute.id, position, zeroPadValue("0x", 32));
    await expect(byOther).toRevertWith(assay, "NotSolver", [solver.address, stranger.address]);
    await dispute.concede();
    expect(await chain.owed(solver)).toBe(0n);
    expect(await chain.owed(verifier)).toBe(paidOf(solverBond) + challengerBond);
  });

  it("56. a counter that reopens a final build: refuting a sibling afterwards changes nothing", async () => {
    const { chain, assay, solver, rival, verifier, buildId } = await started();
    const first = await TestClaim.make(chain, solver, honest);
    const sibling = await TestClaim.make(chain, rival, honest);
    const dispute = await Dispute.open(sibling, verifier);
    await chain.at(await assay.finalizableFrom(first.claimId));
    await first.finalize();
    await dispute.timeoutSolver();
    expect((await sibling.state()).status).toBe(2n);
    expect(await chain.result(buildId)).toMatchObject({ status: 3n, claimId: first.claimId });
    expect((await assay.buildOf(buildId)).openRoots).toBe(1n);
    const late = await TestClaim.commit(chain, rival, honest, { salt: madeUpRoot(3) });
    await chain.after(minCommitAgeSeconds);
    await expect(late.reveal()).toRevertWith(assay, "BuildIsFinal", [buildId]);
  });
});

describe("attack on rounds:", () => {
  it("37. a clone of a wrong claim in the last second: it has its own full window", async () => {
    const { chain, assay, solver, rival, verifier } = await started();
    const claim = await TestClaim.make(chain, solver, faulty);
    const { joinDeadline } = await assay.buildOf(honest.buildId);
    await chain.at(joinDeadline - 1n - BigInt(minCommitAgeSeconds));
    const clone = await TestClaim.commit(chain, rival, faulty);
    await chain.at(joinDeadline - 1n);
    await clone.reveal();
    const { windowEnd } = await clone.state();
    expect(windowEnd).toBe(joinDeadline - 1n + (await assay.windowSeconds(3)));
    await chain.at(windowEnd - 1n);
    const dispute = await Dispute.open(clone, verifier);
    expect(await dispute.isOpen()).toBe(true);
    await chain.at(windowEnd);
    const late = chain.as(verifier).challenge(clone.claimId, { value: challengerBond });
    await expect(late).toRevertWith(assay, "WindowIsOver", [windowEnd, windowEnd]);
    expect((await claim.state()).status).toBe(1n);
  });

  it("37. a clone after the last second: the round is closed", async () => {
    const { chain, assay, solver, rival } = await started();
    await TestClaim.make(chain, solver, honest);
    const { joinDeadline } = await assay.buildOf(honest.buildId);
    await chain.at(joinDeadline - BigInt(minCommitAgeSeconds));
    const clone = await TestClaim.commit(chain, rival, honest);
    await chain.at(joinDeadline);
    await expect(clone.reveal()).toRevertWith(assay, "RoundIsClosed", [joinDeadline, joinDeadline]);
  });

  it("43. the reward stolen by a copier who becomes final first: it waits for the most senior claim", async () => {
    const { chain, assay, solver, rival, stranger, buildId } = await started();
    await chain.as(stranger).request(buildId, 2n ** 40n - 1n, "", { value: 1_000n });
    const senior = await TestClaim.commit(chain, solver, honest);
    const copier = await TestClaim.commit(chain, rival, honest);
    await chain.after(minCommitAgeSeconds);
    await copier.reveal();
    await chain.after(2_000);
    await senior.reveal();
    await copier.finalize();
    expect((await assay.resultOf(buildId)).claimId).toBe(copier.claimId);
    const due = await assay.rewardDueFrom(buildId);
    await chain.at(due - 1n);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "RewardNotDue", [due, due - 1n]);
    await senior.finalize();
    await chain.at(due);
    await assay.payReward(buildId);
    expect(await chain.owed(solver)).toBe(solverBond + 1_000n);
    expect(await chain.owed(rival)).toBe(solverBond);
    await expect(assay.payReward(buildId)).toRevertWith(assay, "NoReward", [buildId]);
  });
});
