import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { type ClaimFields, claimIdOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashText } from "../../src/protocol/hash.ts";
import { AssayChain, testTerms } from "../support/assayChain.ts";
import { alterTrace, madeUpRoot, TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import {
  buildId,
  challenged,
  claimed,
  claimStatus,
  faulty,
  honest,
  kept,
  paidOf,
  refute,
  scene,
} from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const { solverBond, challengerBond, minCommitAgeSeconds, reactionSeconds } = testTerms;

describe("attack on claims:", () => {
  it("5. terms changed while claims are live: nobody can change them, there is no call that does", async () => {
    const { assay } = await scene();
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
      "multicall",
      "openTick",
      "payReward",
      "postRow",
      "proveFault",
      "refundRequest",
      "request",
      "returnCommit",
      "returnStake",
      "reveal",
      "select",
      "selectFault",
      "timeoutChallenger",
      "timeoutSolver",
      "withdraw",
    ]);
  });

  it("5. terms changed while claims are live: they are no part of what is stored", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const before = await assay.parameters();
    await refute(claim, verifier);
    expect(await assay.parameters()).toEqual(before);
    const outputs = (name: "claimOf" | "stakeOf") =>
      assay.interface.getFunction(name)!.outputs[0]!.components!.map((one) => one.name);
    expect(outputs("claimOf")).toEqual(["status", "committedAt", "windowEnd", "openChallenges"]);
    expect(outputs("stakeOf")).toEqual(["status", "open", "several"]);
    expect(await chain.balance()).toBe(solverBond + challengerBond);
  });

  it("12. claim copying: a copied commitment or reveal is worth nothing to another sender", async () => {
    const { chain, assay, solver, rival } = await scene();
    const claim = await TestClaim.commit(chain, solver, honest);
    await chain.as(rival).commit(claim.claimId, { value: solverBond });
    await chain.after(minCommitAgeSeconds);
    const copied = claimIdOf(31337n, chain.address, referenceOf(rival.address as Root, claim.salt, claim.fields));
    expect(copied).not.toBe(claim.claimId);
    const refused = [copied, rival.address, claimStatus.none];
    await expect(claim.reveal(rival)).toRevertWith(assay, "NotCommitted", refused);
    await claim.reveal();
    expect((await claim.state()).status).toBe(claimStatus.open);
    expect((await assay.claimOf(rival.address, claim.claimId)).status).toBe(claimStatus.committed);
    // What is seen in a reveal can only be committed to afterwards, which makes it junior.
    await chain.as(rival).commit(copied, { value: solverBond });
    const { committedAt } = await assay.claimOf(rival.address, copied);
    expect(committedAt).toBeGreaterThan((await claim.state()).committedAt);
  });

  it("15. claims nobody can check: the window grows with the claimed ticks", async () => {
    const { chain, claim, lens } = await claimed(honest, { log2Ticks: 10, log2CheckpointTicks: 10 });
    expect(await lens.windowSeconds(0)).toBe(5_001n);
    expect(await lens.windowSeconds(16)).toBe(5_000n + 65_536n);
    expect((await claim.state()).windowEnd).toBe(BigInt(await chain.now()) + 6_024n);
  });

  it("16. wrong version: a build of another machine is refused, both versions named", async () => {
    const other = await AssayChain.start({
      stepVerifier: async (ethers) => await (await ethers.deployContract("FakeStepVerifier")).getAddress(),
    });
    // The fake takes the first word of the registers for the version: 0 in a state that is ready. Its every state has halted.
    const outcome = { endStatus: 2, code: 0, recordVersion: 1, artifactSize: 0n, artifactSha256: honest.finalRoot };
    const claim = await TestClaim.commit(other, other.accounts[1]!, honest, { fields: { outcome } });
    await other.after(minCommitAgeSeconds);
    await expect(claim.reveal()).toRevertWith(other.assay, "WrongMachineVersion", [2n, 0n]);
  });

  it("17. duplicate or malleable ids: an id binds every field, the outcome, sender, salt, contract and chain", async () => {
    const { chain, solver, rival, lens } = await scene();
    const { fields, salt, claimId, reference, details } = await TestClaim.prepare(chain, solver, honest);
    const { outcome } = fields;
    const changes: Partial<ClaimFields>[] = [
      { buildId: madeUpRoot(1) },
      { finalRoot: madeUpRoot(1) },
      { log2Ticks: 4 },
      { log2CheckpointTicks: 2 },
      { checkpointRoot: madeUpRoot(1) },
      { locator: "store:other" },
      { outcome: { ...outcome, endStatus: 3 } },
      { outcome: { ...outcome, code: 1 } },
      { outcome: { ...outcome, recordVersion: 2 } },
      { outcome: { ...outcome, artifactSize: 1n } },
      { outcome: { ...outcome, artifactSha256: madeUpRoot(1) } },
    ];
    expect(new Set(changes.flatMap((change) => Object.keys(change)))).toEqual(new Set(Object.keys(fields)));
    const idOf = (
      by = solver,
      otherSalt = salt,
      change: Partial<ClaimFields> = {},
      at: string = chain.address,
      of = 31337n,
    ) => claimIdOf(of, at, referenceOf(by.address as Root, otherSalt, { ...fields, ...change }));
    const ids = [
      idOf(),
      idOf(rival),
      idOf(solver, madeUpRoot(1)),
      ...changes.map((change) => idOf(solver, salt, change)),
    ];
    ids.push(idOf(solver, salt, {}, rival.address), idOf(solver, salt, {}, chain.address, 1n));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await lens.claimIdOf(reference)).toBe(claimId);
    expect(await lens.detailsOf(details)).toBe(reference.details);
    for (const change of changes) {
      const changed = referenceOf(solver.address as Root, salt, { ...fields, ...change });
      expect(await lens.claimIdOf(changed)).toBe(idOf(solver, salt, change));
    }
  });

  it("18. unsafe casts: an amount or a field above its width reverts", async () => {
    const { chain, assay, solver, claim, lens } = await claimed(honest);
    const amount = 2n ** 96n;
    await chain.ethers.provider.send("hardhat_setBalance", [solver.address, `0x${(amount * 2n).toString(16)}`]);
    const as = chain.as(solver);
    const other = madeUpRoot(1);
    const tooMuch = as.request(other, 2n ** 40n, 0n, "", { value: amount });
    await expect(tooMuch).toRevertWith(assay, "SafeCastOverflowedUintDowncast", [96n, amount]);
    await as.request(other, 2n ** 256n - 1n, 0n, "", { value: amount - 1n });
    const sum = as.request(other, 2n ** 256n - 1n, 1n, "", { value: 1n });
    await expect(sum).toRevertWith(assay, "SafeCastOverflowedUintDowncast", [96n, amount]);
    // One bit above the width of each narrow field of a call, which takes no dirty words.
    const data = assay.interface.encodeFunctionData("finalize", [claim.reference, claim.details]);
    const wordOf = { solver: 0, endStatus: 9, code: 10, recordVersion: 11, artifactSize: 12 };
    const width = { solver: 160, endStatus: 8, code: 32, recordVersion: 32, artifactSize: 64 };
    for (const name of Object.keys(wordOf) as (keyof typeof wordOf)[]) {
      const at = 10 + 64 * wordOf[name];
      const word = BigInt(`0x${data.slice(at, at + 64)}`) | (1n << BigInt(width[name]));
      const dirty = data.slice(0, at) + word.toString(16).padStart(64, "0") + data.slice(at + 64);
      await expect(chain.ethers.provider.call({ to: chain.address, data: dirty }), name).rejects.toThrow(
        /without a reason/,
      );
    }
    for (const ask of [lens.windowSeconds(41), lens.disputeSeconds(2n ** 200n)]) {
      await expect(ask).toRevertWith(assay, "TooManyTicks");
    }
  });

  it("19. step count: too few ticks fail, too many are harmless", async () => {
    const { chain, assay, solver, verifier } = await scene();
    const long = new LoopTrace({ ticks: 9, turns: 1 });
    const few = alterTrace(long, { resultProof: long.resultProofAfter(8) });
    const claim = await TestClaim.commit(chain, solver, few, { log2Ticks: 3 });
    await chain.after(minCommitAgeSeconds);
    await expect(claim.reveal()).toRevertWith(assay, "FinalStateNotFinal", [0n]);
    const many = await TestClaim.make(chain, solver, honest, { log2Ticks: 6 });
    const dispute = await Dispute.open(many, verifier, { checkpoint: 60 });
    expect(dispute.at.startRoot).toBe(dispute.at.endRoot);
    await dispute.playToStep(honest, 0);
    // The step of a fixed point is the fixed point.
    await expect(dispute.proveFault(honest)).toRevertWith(assay, "StepIsCorrect", [honest.finalRoot]);
  });

  it("19. step count: a game's depth is bounded, whatever is claimed", async () => {
    const { chain, assay, solver, verifier } = await scene({ maxLog2Steps: 4 });
    for (const [log2Ticks, salt] of [
      [41, "a"],
      [255, "b"],
      [256, "c"],
    ] as const) {
      const deep = await TestClaim.commit(chain, solver, honest, { fields: { log2Ticks }, salt: hashText(salt) });
      await chain.after(minCommitAgeSeconds);
      await expect(deep.reveal()).toRevertWith(assay, "TooManyTicks", [40n, BigInt(log2Ticks)]);
    }
    const claim = await TestClaim.make(chain, solver, honest);
    const dispute = await Dispute.open(claim, verifier, { checkpoint: 2 });
    await expect(dispute.answer()).toRevertWith(assay, "TooManySteps", [4n, 5n]);
    const enormous = alterTrace(honest, {
      openTick: async (tick) => ({ ...(await honest.openTick(tick)), log2Steps: 256 }),
      stepRoots: async () => [],
    });
    await expect(dispute.answer(enormous)).toRevertWith(assay, "TooManySteps", [4n, 256n]);
  });

  it("42. a build that takes longer than the window, 53. a clamped window: it is refused, never shortened", async () => {
    const { chain, assay, solver } = await scene();
    const claim = await TestClaim.commit(chain, solver, honest, { fields: { log2Ticks: 17 } });
    await chain.after(minCommitAgeSeconds);
    await expect(claim.reveal()).toRevertWith(assay, "WindowTooLong", [100_000n, 5_000n + 131_072n]);
    expect((await claim.state()).status).toBe(claimStatus.committed);
    expect((await chain.build(buildId)).openClaims).toBe(0n);
  });

  it("55. a concession that returns the bond: it is split as after a time-out", async () => {
    const { chain, assay, solver, verifier, stranger, dispute } = await challenged();
    await expect(dispute.concede(stranger)).toRevertWith(assay, "NotSolver", [solver.address, stranger.address]);
    await dispute.concede();
    const [event] = await assay.queryFilter(assay.filters.ClaimRefuted());
    const { cause, rewarded, paid, burned } = event!.args;
    expect([cause, rewarded, paid, burned]).toEqual([
      2n,
      verifier.address,
      paidOf(solverBond),
      solverBond - paidOf(solverBond),
    ]);
    expect(await chain.owed(solver)).toBe(0n);
    expect(await chain.owed(verifier)).toBe(paidOf(solverBond) - kept);
  });
});

describe("attack by many claims:", () => {
  it("67. a puppet that concedes late: for the reaction time its clones can be challenged for the first time", async () => {
    const { chain, rival, solver, verifier, accomplice } = await scene();
    const puppet = await TestClaim.make(chain, rival, honest);
    const wrong = await TestClaim.make(chain, solver, faulty);
    await chain.after(20_000);
    await (await Dispute.open(puppet, accomplice)).concede();
    await chain.after(reactionSeconds - 1);
    const dispute = await Dispute.open(wrong, verifier);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    expect((await wrong.state()).status).toBe(claimStatus.refuted);
  });
});
