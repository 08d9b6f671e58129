import type { Result } from "ethers";
import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { challengeIdOf, stakeKeyOf, unpackChallenge } from "../../src/protocol/challenge.ts";
import { claimIdOf, referenceOf } from "../../src/protocol/claim.ts";
import type { Wallet } from "../../src/types/index.js";
import { type AssayChain, type Signer, testTerms } from "../support/assayChain.ts";
import { proofStruct, TestClaim } from "../support/assayClaim.ts";
import { Dispute, eventOf } from "../support/assayDispute.ts";
import { buildId, claimed, claimStatus, faulty, honest, kept, paidOf, refute, scene } from "../support/assayScene.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const { solverBond, challengerBond, solverBudgetSeconds, challengerBudgetSeconds } = testTerms;
const [accept, refuse, reenter] = [0, 1, 2];
const otherBuild = new LoopTrace({ ticks: 5, turns: 1 });

describe("what is owed", () => {
  it("is sent at once to a sender that is the payee, and credited to any other", async () => {
    const { chain, claim, solver, stranger } = await claimed(honest);
    await chain.undone(async () => {
      expect(await chain.receivedBy(solver, claim.finalize(solver))).toBe(solverBond);
      expect(await chain.owed(solver)).toBe(0n);
      expect(await chain.balance()).toBe(0n);
    });
    await claim.finalize(stranger);
    expect(await chain.owed(solver)).toBe(solverBond - kept);
    expect(await chain.balance()).toBe(solverBond);
  });

  it("is withdrawn but for one wei, that keeps the slot", async () => {
    const { chain, assay, claim, solver, rival, stranger } = await claimed(honest);
    await expect(chain.as(solver).withdraw(solver.address)).toRevertWith(assay, "NothingOwed", [solver.address]);
    await claim.finalize(stranger);
    const [before] = [await chain.balance(rival.address)];
    const sent = await chain.as(solver).withdraw(rival.address);
    const event = eventOf(chain, (await sent.wait())!, "Withdrawn");
    expect([...event]).toEqual([solver.address, rival.address, solverBond - kept]);
    expect((await chain.balance(rival.address)) - before).toBe(solverBond - kept);
    expect([await chain.owed(solver), await chain.balance()]).toEqual([0n, kept]);
    await expect(chain.as(solver).withdraw(solver.address)).toRevertWith(assay, "NothingOwed", [solver.address]);
    // What comes next comes whole.
    const again = await TestClaim.make(chain, solver, otherBuild);
    await again.finalize(stranger);
    expect(await chain.owed(solver)).toBe(solverBond);
    expect(await chain.receivedBy(solver, chain.as(solver).withdraw(solver.address))).toBe(solverBond);
  });

  it("is nothing that comes without a purpose: the contract takes no ETH but bonds and rewards", async () => {
    const { chain, verifier } = await claimed();
    await expect(verifier.sendTransaction({ to: chain.address, value: 1n })).rejects.toThrow(/revert/);
    expect(await chain.balance()).toBe(solverBond);
  });
});

describe("attack on payments: 11. contract wallets, reverting receivers, re-entrancy:", () => {
  it("a wallet solves, challenges itself, concedes, and has its stake back", async () => {
    const { chain, assay, solver: operator } = await scene();
    const { wallet, address, execute } = await walletOn(chain, operator);
    const { fields, salt } = await TestClaim.prepare(chain, operator, faulty);
    const reference = referenceOf(address, salt, fields);
    const claimId = claimIdOf(31337n, chain.address, reference);
    await execute(assay.interface.encodeFunctionData("commit", [claimId]), solverBond);
    await chain.after(testTerms.minCommitAgeSeconds);
    const proofs = [proofStruct(faulty.startProof), faulty.resultProof] as const;
    await execute(assay.interface.encodeFunctionData("reveal", [fields, salt, ...proofs]));
    expect((await assay.claimOf(address, claimId)).status).toBe(claimStatus.open);
    await execute(assay.interface.encodeFunctionData("challenge", [reference, 0n]), challengerBond);
    const [opened] = await assay.queryFilter(assay.filters.ChallengeOpened(claimId));
    const challenge = opened!.args.challenge as never as Result;
    expect(unpackChallenge(challenge as never)).toMatchObject({ challenger: address, solver: address });
    expect(challenge.id as Root).toBe(challengeIdOf(stakeKeyOf(address, buildId, 0n), claimId));
    await execute(assay.interface.encodeFunctionData("concede", [challenge.toObject() as never, reference, 0n]));
    await execute(assay.interface.encodeFunctionData("returnStake", [buildId, 0n]));
    await execute(assay.interface.encodeFunctionData("withdraw", [address]));
    expect(await chain.balance(address)).toBe(paidOf(solverBond) - kept + challengerBond);
    expect(await wallet.received()).toBe(2n);
  });

  it("a receiver that reverts harms only itself, and can have its ETH sent elsewhere", async () => {
    const { chain, assay, wallet, address, execute, claim, stranger } = await refutedByWallet();
    await wallet.prepare(refuse!, address, "0x");
    const calls: [string, bigint][] = [
      [assay.interface.encodeFunctionData("withdraw", [address]), await assay.owed(address)],
      [assay.interface.encodeFunctionData("returnStake", [buildId, 0n]), challengerBond],
    ];
    for (const [data, amount] of calls) {
      const reason = assay.interface.encodeErrorResult("TransferFailed", [address, amount]);
      await expect(execute(data)).toRevertWith(wallet as never, "CallFailed", [reason]);
    }
    expect(await assay.owed(address)).toBe(paidOf(solverBond) - kept);
    const elsewhere = assay.interface.encodeFunctionData("withdraw", [stranger.address]);
    const before = await chain.balance(stranger.address);
    await execute(elsewhere);
    expect((await chain.balance(stranger.address)) - before).toBe(paidOf(solverBond) - kept);
    expect((await claim.state()).status).toBe(claimStatus.refuted);
    await wallet.prepare(accept!, address, "0x");
    await execute(assay.interface.encodeFunctionData("returnStake", [buildId, 0n]));
  });

  it("a solver's wallet that reverts keeps nobody from making its claim final", async () => {
    const { chain, assay, solver: operator, stranger } = await scene();
    const { wallet, address, execute } = await walletOn(chain, operator);
    const prepared = await TestClaim.prepare(chain, operator, honest);
    const reference = referenceOf(address, prepared.salt, prepared.fields);
    const claimId = claimIdOf(31337n, chain.address, reference);
    await execute(assay.interface.encodeFunctionData("commit", [claimId]), solverBond);
    await chain.after(testTerms.minCommitAgeSeconds);
    const proofs = [proofStruct(honest.startProof), honest.resultProof] as const;
    await execute(assay.interface.encodeFunctionData("reveal", [prepared.fields, prepared.salt, ...proofs]));
    await wallet.prepare(refuse!, address, "0x");
    await chain.at(await chain.lens.finalizableFrom(reference));
    const finalize = assay.interface.encodeFunctionData("finalize", [reference, prepared.details]);
    await expect(execute(finalize)).toRevertWith(wallet as never, "CallFailed");
    await chain.as(stranger).finalize(reference, prepared.details);
    expect(await assay.owed(address)).toBe(solverBond - kept);
  });

  it("a receiver that calls again while receiving gets nothing twice, by whatever call that pays", async () => {
    const { chain, assay, wallet, address, execute, operator } = await refutedByWallet();
    const withdraw = assay.interface.encodeFunctionData("withdraw", [address]);
    const returnStake = assay.interface.encodeFunctionData("returnStake", [buildId, 0n]);
    const multicall = assay.interface.encodeFunctionData("multicall", [[withdraw, returnStake]]);
    const owed = await assay.owed(address);
    for (const [outer, paid] of [
      [withdraw, owed],
      [returnStake, challengerBond],
    ] as const) {
      for (const inner of [withdraw, returnStake, multicall]) {
        await chain.undone(async () => {
          await wallet.prepare(reenter!, chain.address, inner);
          const inside = await chain.balance();
          await execute(outer);
          expect(await wallet.reentered()).toBe(false);
          expect(await wallet.received()).toBe(1n);
          expect(inside - (await chain.balance())).toBe(paid);
        });
      }
    }
    const again = chain.as(operator).withdraw(operator.address);
    await expect(again).toRevertWith(assay, "NothingOwed", [operator.address]);
  });

  it("a receiver that calls again inside a multicall is paid for each of its calls once", async () => {
    const { chain, assay, wallet, address, execute } = await refutedByWallet();
    const withdraw = assay.interface.encodeFunctionData("withdraw", [address]);
    const returnStake = assay.interface.encodeFunctionData("returnStake", [buildId, 0n]);
    await wallet.prepare(reenter!, chain.address, returnStake);
    const inside = await chain.balance();
    await execute(assay.interface.encodeFunctionData("multicall", [[withdraw, returnStake]]));
    expect(await wallet.reentered()).toBe(false);
    expect(inside - (await chain.balance())).toBe(paidOf(solverBond) - kept + challengerBond);
  });
});

describe("a multicall", () => {
  it("carries 64 answers of a solver in one transaction", async () => {
    const { chain, assay, claim, solver } = await claimed(honest);
    const disputes: Dispute[] = [];
    for (let i = 0; i < 64; i++) {
      const challenger = chain.accounts[6 + (i % 8)]!;
      disputes.push(await Dispute.open(claim, challenger, { stakeNumber: BigInt(i) }));
    }
    const answer = await honest.tickRoots([4]);
    const calls = disputes.map(({ shown }) => assay.interface.encodeFunctionData("postRow", [shown, answer]));
    const receipt = await (await chain.as(solver).multicall(calls)).wait();
    expect(receipt!.logs.map((log) => assay.interface.parseLog(log)?.name)).toEqual(Array(64).fill("Answered"));
    await chain.after(challengerBudgetSeconds + 1);
    const answered = receipt!.logs.map((log) => assay.interface.parseLog(log)!.args.challenge);
    const endings = answered.map((shown, i) =>
      assay.interface.encodeFunctionData("timeoutChallenger", [shown.toObject(), claim.reference, BigInt(i)]),
    );
    await (await chain.as(solver).multicall(endings)).wait();
    expect((await claim.state()).openChallenges).toBe(0n);
    expect(await chain.owed(solver)).toBe(64n * paidOf(challengerBond) - kept);
  });

  it("carries no ETH, and no call that takes some", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    const { data } = await assay.challenge.populateTransaction(claim.reference, 0n);
    const call = chain.as(verifier).multicall([data]);
    await expect(call).toRevertWith(assay, "WrongBond", [challengerBond, 0n]);
    const multicall = assay.interface.encodeFunctionData("multicall", [[data]]);
    const paid = verifier.sendTransaction({ to: chain.address, data: multicall, value: challengerBond });
    await expect(paid).rejects.toThrow(/non-payable/);
  });

  it("reverts as a whole with the error of the call that fails", async () => {
    const { chain, assay, claim, verifier, solver } = await claimed();
    const [first, second] = [
      await Dispute.open(claim, verifier),
      await Dispute.open(claim, verifier, { stakeNumber: 1n }),
    ];
    const answer = (await faulty.tickRoots([4])) as Root[];
    const calls = [first.shown, { ...second.shown, startRoot: answer[0]! }].map((shown) =>
      assay.interface.encodeFunctionData("postRow", [shown, answer]),
    );
    await expect(chain.as(solver).multicall(calls)).toRevertWith(assay, "ChallengeMismatch");
    await chain.after(solverBudgetSeconds + 1);
    await first.timeoutSolver();
  });

  it("pays several times in one transaction", async () => {
    const { chain, assay, claim, verifier } = await claimed();
    await refute(claim, verifier);
    const calls = [
      assay.interface.encodeFunctionData("returnStake", [buildId, 0n]),
      assay.interface.encodeFunctionData("withdraw", [verifier.address]),
    ];
    const received = await chain.receivedBy(verifier, chain.as(verifier).multicall(calls));
    expect(received).toBe(challengerBond + paidOf(solverBond) - kept);
  });
});

/** A wallet contract of an operator, which calls the protocol. */
async function walletOn(chain: AssayChain, operator: Signer) {
  const wallet = (await chain.ethers.deployContract("Wallet")) as unknown as Wallet;
  const address = (await wallet.getAddress()).toLowerCase() as Root;
  const execute = async (data: string, value = 0n) =>
    await (await wallet.connect(operator).execute(chain.address, data, { value })).wait();
  return { wallet, address, execute };
}

/** A wallet contract that is owed a reward, and whose stake can return. */
async function refutedByWallet() {
  const { chain, assay, claim, verifier: operator, stranger } = await claimed();
  const { wallet, address, execute } = await walletOn(chain, operator);
  await execute(assay.interface.encodeFunctionData("challenge", [claim.reference, 0n]), challengerBond);
  const [opened] = await assay.queryFilter(assay.filters.ChallengeOpened(claim.claimId));
  await chain.after(solverBudgetSeconds + 1);
  await assay.timeoutSolver((opened!.args.challenge as never as Result).toObject() as never, claim.reference, 0n);
  return { chain, assay, claim, wallet, address, execute, operator, stranger };
}
