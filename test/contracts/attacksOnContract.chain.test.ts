import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import type { Wallet } from "../../src/types/index.js";
import { AssayChain, type Signer, testTerms } from "../support/assayChain.ts";
import { madeUpRoot, proofStruct, TestClaim } from "../support/assayClaim.ts";
import { Dispute, toPosition, zero } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
const { solverBond, challengerBond } = testTerms;

async function claimed(trace = faulty) {
  const chain = await AssayChain.start();
  const [, solver, verifier, stranger] = chain.accounts as [Signer, Signer, Signer, Signer];
  const claim = await TestClaim.make(chain, solver, trace);
  return { chain, assay: chain.assay, claim, solver, verifier, stranger };
}

/** Every call that concerns a claim or a challenge, by name. */
function calls(chain: AssayChain, dispute: Dispute): Record<string, () => Promise<unknown>> {
  const { id, position, claim } = dispute;
  const [solver, challenger] = [chain.as(claim.solver), chain.as(dispute.challenger)];
  const selection = { child: 0, postedAt: 1, firstDemander: zero, startRoot: zero, endRoot: zero, siblings: [] };
  const opening = { log2Steps: 0, resumedRoot: zero };
  const shown = { content: zero, postedAt: 0, firstDemander: zero };
  const registers = proofStruct(honest.startProof);
  return {
    challenge: () => challenger.challenge(claim.claimId, { value: challengerBond }),
    challengeCheckpoints: () =>
      challenger.challengeCheckpoints(claim.claimId, claim.pair(0), { value: challengerBond }),
    postRow: () => solver.postRow(id, position, zero, []),
    openTick: () => solver.openTick(id, position, zero, { log2Steps: 0, start: registers, end: registers }, []),
    select: () => challenger.select(id, position, selection),
    selectMany: () => challenger.selectMany(id, position, [selection], opening),
    proveFault: () => challenger.proveFault(id, position, "0x"),
    selectFault: () => challenger.selectFault(id, position, selection, "0x"),
    timeoutSolver: () => challenger.timeoutSolver(id, position, shown),
    timeoutChallenger: () => solver.timeoutChallenger(id, position, shown),
    concede: () => solver.concede(id, position, zero),
    finalize: () => solver.finalize(claim.claimId),
  };
}

describe("attack on the contract:", () => {
  it("7. acting after the end: nothing moves on a refuted claim", async () => {
    const { chain, assay, claim, verifier, stranger } = await claimed();
    const other = await Dispute.open(claim, stranger);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.playToStep(honest);
    await dispute.proveFault(honest);
    const owed = [await chain.owed(verifier), await chain.owed(stranger), await chain.owed(claim.solver)];
    for (const at of [dispute, other]) {
      for (const [name, call] of Object.entries(calls(chain, at))) {
        await expect(call(), name).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, 2n]);
      }
    }
    await expect(dispute.close()).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    expect([await chain.owed(verifier), await chain.owed(stranger), await chain.owed(claim.solver)]).toEqual(owed);
  });

  it("7. acting after the end: nothing moves on a final claim", async () => {
    const { chain, assay, claim, verifier } = await claimed(honest);
    const dispute = await Dispute.open(claim, verifier);
    await chain.after(testTerms.challengerBudgetSeconds);
    await dispute.answer();
    await chain.after(testTerms.challengerBudgetSeconds + 1);
    await dispute.timeoutChallenger();
    await claim.finalize();
    for (const [name, call] of Object.entries(calls(chain, dispute))) {
      await expect(call(), name).toRevertWith(assay, "ClaimNotOpen", [claim.claimId, 3n]);
    }
    await expect(dispute.close()).toRevertWith(assay, "ClaimNotRefuted", [claim.claimId, 3n]);
    expect(await chain.owed(claim.solver)).toBe(solverBond + (challengerBond * 400n) / 1000n);
  });

  it("7. acting after the end: nothing moves in a lost challenge, or on a claim that never was", async () => {
    const { chain, assay, claim, verifier } = await claimed(honest);
    const dispute = await Dispute.open(claim, verifier);
    await dispute.answer();
    await chain.after(testTerms.challengerBudgetSeconds + 1);
    await dispute.timeoutChallenger();
    const { challenge, challengeCheckpoints, finalize, ...moves } = calls(chain, dispute);
    for (const [name, call] of Object.entries(moves)) {
      await expect(call(), name).toRevertWith(assay, "ChallengeNotOpen", [dispute.id]);
    }
    const unknown = madeUpRoot(1);
    const value = challengerBond;
    await expect(chain.as(verifier).challenge(unknown, { value })).toRevertWith(assay, "ClaimNotOpen", [unknown, 0n]);
    await expect(assay.finalize(unknown)).toRevertWith(assay, "ClaimNotOpen", [unknown, 0n]);
    expect([challenge, challengeCheckpoints, finalize]).toHaveLength(3);
  });

  it("8. unbounded loops: settling costs the same with one challenge and with a hundred", async () => {
    const gasOfRefuting = async (others: number) => {
      const { chain, claim, verifier, stranger } = await claimed();
      const dispute = await Dispute.open(claim, verifier);
      for (let i = 0; i < others; i++) {
        await (await chain.as(stranger).challenge(claim.claimId, { value: challengerBond })).wait();
      }
      await dispute.playToStep(honest);
      return (await (await dispute.proveFault(honest)).wait())!.gasUsed;
    };
    const [few, many] = [await gasOfRefuting(1), await gasOfRefuting(100)];
    // Bytes of calldata that happen to be zero, nothing else.
    expect(Math.abs(Number(many - few))).toBeLessThan(200);
  });

  it("11. contract wallets: one solves, one challenges", async () => {
    const chain = await AssayChain.start();
    const [, operator] = chain.accounts as [Signer, Signer];
    const { assay } = chain;
    const wallet = (await chain.ethers.deployContract("Wallet")) as unknown as Wallet;
    const address = await wallet.getAddress();
    const execute = async (data: string, value = 0n) =>
      await (await wallet.connect(operator).execute(await assay.getAddress(), data, { value })).wait();
    const prepared = await TestClaim.commit(chain, operator, faulty);
    const { fields, salt } = prepared;
    const claimId = (await assay.claimIdOf(address, salt, fields)) as Root;
    await execute(assay.interface.encodeFunctionData("commit", [claimId]), solverBond);
    await chain.after(testTerms.minCommitAgeSeconds);
    const proofs = [proofStruct(faulty.startProof), faulty.resultProof] as const;
    await execute(assay.interface.encodeFunctionData("reveal", [fields, salt, ...proofs]));
    expect((await assay.claimOf(claimId)).solver).toBe(address);
    await execute(assay.interface.encodeFunctionData("challenge", [claimId]), challengerBond);
    const [opened] = await assay.queryFilter(assay.filters.ChallengeOpened(claimId));
    expect(opened!.args.challengeId.slice(0, 42)).toBe(address.toLowerCase());
    const [id, position] = [opened!.args.challengeId, toPosition(opened!.args.position)];
    await execute(assay.interface.encodeFunctionData("concede", [id, position, zero]));
    await execute(assay.interface.encodeFunctionData("withdraw", [address]));
    expect(await chain.ethers.provider.getBalance(address)).toBe((solverBond * 400n) / 1000n + challengerBond);
  });

  it("11. reverting receivers: one harms only itself, and can have its ETH sent elsewhere", async () => {
    const { chain, assay, wallet, address, operator, stranger } = await refutedByWallet();
    const owed = await assay.owed(address);
    await wallet.prepare(1, address, "0x");
    const target = await assay.getAddress();
    const toItself = wallet
      .connect(operator)
      .execute(target, assay.interface.encodeFunctionData("withdraw", [address]));
    const reason = assay.interface.encodeErrorResult("TransferFailed", [address, owed]);
    await expect(toItself).toRevertWith(wallet as never, "CallFailed", [reason]);
    expect(await assay.owed(address)).toBe(owed);
    const before = await chain.ethers.provider.getBalance(stranger.address);
    const elsewhere = assay.interface.encodeFunctionData("withdraw", [stranger.address]);
    await wallet.connect(operator).execute(target, elsewhere);
    expect((await chain.ethers.provider.getBalance(stranger.address)) - before).toBe(owed);
  });

  it("11. re-entrancy: a receiver that withdraws again while receiving gets nothing twice", async () => {
    const { chain, assay, wallet, address, operator } = await refutedByWallet();
    const owed = await assay.owed(address);
    const target = await assay.getAddress();
    const withdraw = assay.interface.encodeFunctionData("withdraw", [address]);
    await wallet.prepare(2, target, withdraw);
    const inside = await chain.balance();
    await wallet.connect(operator).execute(target, withdraw);
    expect(await wallet.reentered()).toBe(false);
    expect(await wallet.received()).toBe(1n);
    expect(inside - (await chain.balance())).toBe(owed);
    const again = chain.as(operator).withdraw(operator.address);
    await expect(again).toRevertWith(assay, "NothingOwed", [operator.address]);
  });

  it("takes no ETH that is not a bond or a reward", async () => {
    const { chain, verifier, assay } = await claimed();
    const to = await assay.getAddress();
    await expect(verifier.sendTransaction({ to, value: 1n })).rejects.toThrow(/revert/);
    expect(await chain.balance()).toBe(solverBond);
  });
});

/** A wallet contract that is owed a reward. */
async function refutedByWallet() {
  const { chain, assay, claim, verifier: operator, stranger } = await claimed();
  const wallet = (await chain.ethers.deployContract("Wallet")) as unknown as Wallet;
  const address = await wallet.getAddress();
  const data = assay.interface.encodeFunctionData("challenge", [claim.claimId]);
  await wallet.connect(operator).execute(await assay.getAddress(), data, { value: challengerBond });
  const [opened] = await assay.queryFilter(assay.filters.ChallengeOpened(claim.claimId));
  await chain.after(testTerms.solverBudgetSeconds + 1);
  const shown = { content: zero, postedAt: 0, firstDemander: zero };
  await assay.timeoutSolver(opened!.args.challengeId, toPosition(opened!.args.position), shown);
  return { chain, assay, claim, wallet, address, operator, stranger };
}
