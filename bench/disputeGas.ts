import type { Hardfork } from "../test/support/assayChain.ts";
import { measureBuild, measureClone, wordsOf } from "../test/support/disputeGas.ts";
import { middlePath, PlantedWorld, playPlanted, realStep, somePath, totalGas } from "../test/support/plantedDispute.ts";
import { worstSteps } from "../test/support/worstStep.ts";
import type { Figure } from "./figure.ts";

const log2Ticks = 16;
const log2Steps = 24;
const log2Arity = 4;

/**
 * Gas, transactions and new storage words of a dispute over 2^16 ticks of 2^24 steps, both sides, from challenge to
 * refutation: real transactions on an in-process chain, under today's rules and under those scheduled for the Amsterdam fork. The
 * figures are those of a path of no particular kind, which ends in a store to memory, with real machine states wherever one
 * is proven. Beside it the worst: the path through the middle of every row, where proofs are longest, to the most expensive
 * step that can be constructed. Then what a build costs that nobody challenges, and a clone of a wrong claim.
 */
export async function run(): Promise<Figure[]> {
  const step = await realStep();
  const path = somePath(log2Ticks, log2Steps);
  for (const hardfork of ["prague", "osaka", "amsterdam"] as const) await printArities(hardfork);

  const today = await measure("prague");
  const amsterdam = await measure("amsterdam");
  const part = await playPlanted({ log2Arity, path, step, log2CheckpointTicks: 8 });
  console.log("move              today  amsterdam");
  for (const [i, { move, gas }] of today.moves.entries()) {
    const cells = [Number(gas), Number(amsterdam.moves[i]!.gas)].map((cell) => cell.toLocaleString("en").padStart(11));
    console.log(move.padEnd(13) + cells.join(""));
  }
  const lower = { unit: "gas", better: "lower" } as const;
  const count = { ...lower, unit: "transactions" };
  const words = { ...lower, unit: "words" };
  return [
    { name: "dispute.gas", value: totalGas(today.moves), target: 1_150_000, baseline: 9_500_000, ...lower },
    { name: "dispute.gasAmsterdam", value: totalGas(amsterdam.moves), target: 1_650_000, ...lower },
    { name: "dispute.gasPerClone", value: today.clone, target: 700_000, ...lower },
    { name: "dispute.words", value: today.words, target: 3, ...words },
    { name: "dispute.transactions", value: today.moves.length, target: 22, baseline: 40, ...count },
    { name: "dispute.transactionsFromCheckpoint", value: part.length, target: 18, baseline: 40, ...count },
    { name: "build.gas", value: today.build.gas, target: 280_000, ...lower },
    { name: "build.gasAmsterdam", value: amsterdam.build.gas, target: 620_000, ...lower },
    { name: "build.words", value: today.build.words, target: 3, ...words },
  ];

  async function printArities(hardfork: Hardfork): Promise<void> {
    const columns = [hardfork, "transactions", "gas", "from a checkpoint", "gas", "rows", "selections", "rest"];
    console.log(columns.map((name, i) => name.padStart(i === 0 ? 9 : 18)).join(""));
    for (const arity of [1, 2, 3, 4, 5]) {
      const game = { log2Arity: arity, path, step, hardfork };
      const whole = await playPlanted(game);
      // The multiple of log2Arity nearest to 2^8 ticks.
      const between = await playPlanted({ ...game, log2CheckpointTicks: Math.round(8 / arity) * arity });
      const rows = totalGas(whole.filter(({ move }) => move === "postRow"));
      const selects = totalGas(whole.filter(({ move }) => move.startsWith("select")));
      const cells = [2 ** arity, whole.length, totalGas(whole), between.length, totalGas(between)];
      cells.push(rows, selects, totalGas(whole) - rows - selects);
      console.log(cells.map((cell, i) => cell.toLocaleString("en").padStart(i === 0 ? 9 : 18)).join(""));
    }
  }

  async function measure(hardfork: Hardfork) {
    const world = await PlantedWorld.start({ log2Arity, path, step, hardfork });
    const { moves } = await world.refute(await world.claim());
    const words = await wordsOf(world.chain, moves);
    const clone = await measureClone(world);
    const build = await measureBuild(hardfork);
    const worstStep = worstSteps().reduce((a, b) => (b.witness.length > a.witness.length ? b : a));
    const worstPath = middlePath(log2Ticks, log2Steps, log2Arity);
    const worst = await playPlanted({ log2Arity, path: worstPath, step: worstStep, hardfork });
    console.log(`${hardfork}, arity 16:`);
    const print = (what: string, gas: number) =>
      console.log(`  ${what.padEnd(60)}${gas.toLocaleString("en").padStart(12)}`);
    print("dispute", totalGas(moves));
    print(`the same, longest proofs, ${worstStep.opcode.name}`, totalGas(worst));
    print("a clone of the claim, the challenger's part", clone);
    print("a build: commit, reveal, finalize by its solver", build.gas);
    print("a build: the same, finalized by another, and withdrawn", build.gasIfCredited);
    print("a build: its reward, paid to its solver's call", build.rewardGas);
    return { moves, words, clone, build };
  }
}
