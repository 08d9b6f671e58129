import type { ContractTransactionResponse } from "ethers";
import { hashText } from "../../src/protocol/hash.ts";
import { AssayChain, type Hardfork, type Signer } from "./assayChain.ts";
import { TestClaim } from "./assayClaim.ts";
import type { Move } from "./assayDispute.ts";
import { LoopTrace } from "./loopTrace.ts";
import { newWords } from "./newWords.ts";
import { middlePath, type PlantedGame, PlantedWorld, totalGas } from "./plantedDispute.ts";
import type { PlantedStep } from "./plantedTrace.ts";

/** New storage words of several transactions, each on top of those before it. */
export async function wordsOf(chain: AssayChain, sent: readonly Pick<Move, "hash">[]): Promise<number> {
  let words = 0;
  for (const { hash } of sent) words += await newWords(chain, hash);
  return words;
}

/** Gas of the challenger's transactions against one more clone of a claim that it has refuted, with the stake it has. */
export async function measureClone(world: PlantedWorld): Promise<number> {
  const clone = await world.claim("clone");
  const { moves } = await world.refute(clone);
  return gasOf(moves, "challenger");
}

/** What a build costs that nobody challenges. */
export async function measureBuild(hardfork?: Hardfork) {
  const terms = { tickAllowanceMicroseconds: 0 };
  const chain = await AssayChain.start({ terms, hardfork });
  const [, solver, other] = chain.accounts as [Signer, Signer, Signer];
  const sent: { hash: string }[] = [];
  const gasUsed = async (sending: Promise<ContractTransactionResponse>) => {
    const { hash, gasUsed } = (await (await sending).wait())!;
    sent.push({ hash });
    return Number(gasUsed);
  };
  let second = 0x7bbb_bbbb;
  const nextBlock = (seconds: number) => {
    second += seconds;
    return chain.at(second);
  };
  const claimGas = async (exitCode: number) => {
    const trace = new LoopTrace({ ticks: 6, turns: 1, exitCode });
    const options = { log2Ticks: 16, log2CheckpointTicks: 16, salt: hashText(`build ${exitCode}`) };
    const claim = await TestClaim.prepare(chain, solver, trace, options);
    await nextBlock(17);
    const commit = await gasUsed(claim.commit());
    await nextBlock(1_000);
    return { claim, gas: commit + (await gasUsed(claim.reveal())) };
  };
  const own = await claimGas(0);
  await nextBlock(10_000);
  const gas = own.gas + (await gasUsed(own.claim.finalize(solver)));
  const words = await wordsOf(chain, sent);

  const byOther = await claimGas(1);
  await nextBlock(17);
  await chain.as(other).request(byOther.claim.fields.buildId, 2n ** 40n, 0n, "", { value: 1_000n });
  await nextBlock(10_000);
  const finalized = await gasUsed(byOther.claim.finalize(other));
  await nextBlock(17);
  const withdrawn = await gasUsed(chain.as(solver).withdraw(solver.address));
  await nextBlock(17);
  const rewardGas = await gasUsed(chain.as(solver).payReward(byOther.claim.fields.buildId));
  return { gas, words, gasIfCredited: byOther.gas + finalized + withdrawn, rewardGas };
}

/** Terms of a deployment that hold what a side sends in the longest dispute. */
export interface DisputeGas {
  readonly solverDisputeGas: number;
  readonly challengerDisputeGas: number;
}

/**
 * What either side's transactions cost in the longest dispute there can be, 2^40 ticks of 2^32 steps, through the middle of every
 * row, to the given step: of the solver its answers and the time-out that ends a dispute it wins, of the challenger
 * everything from the challenge to the return of its stake and the withdrawal of its reward.
 */
export async function longestDispute(
  game: Pick<PlantedGame, "log2Arity" | "hardfork"> & { readonly step: PlantedStep; readonly log2Steps?: number },
): Promise<DisputeGas> {
  const path = middlePath(40, game.log2Steps ?? 32, game.log2Arity);
  const world = await PlantedWorld.start({ ...game, path });
  const dispute = await world.refute(await world.claim());
  await world.nextBlock();
  await dispute.returnStake();
  await world.nextBlock();
  const withdrawal = await (await world.chain.as(world.challenger).withdraw(world.challenger.address)).wait();
  const challengerDisputeGas = gasOf(dispute.moves, "challenger") + Number(withdrawal!.gasUsed);

  const lost = await world.refute(await world.claim("lost"), { untilLastSelection: true, stakeNumber: 1n });
  await world.nextBlock(world.chain.terms.challengerBudgetSeconds + 17);
  await lost.timeoutChallenger();
  return { solverDisputeGas: gasOf(lost.moves, "solver"), challengerDisputeGas };
}

function gasOf(moves: readonly Move[], side: Move["side"]): number {
  return totalGas(moves.filter((move) => move.side === side));
}
