import { rowBits } from "../../src/protocol/ranges.ts";
import { AssayChain } from "./assayChain.ts";
import { TestClaim } from "./assayClaim.ts";
import { Dispute } from "./assayDispute.ts";
import { LoopTrace } from "./loopTrace.ts";
import { type PlantedPath, type PlantedStep, PlantedTrace } from "./plantedTrace.ts";
import { Random } from "./random.ts";

const real = new LoopTrace({ ticks: 4, turns: 1 });

/** Gas of each move of a dispute, from the challenge to the refutation. */
export type MoveGas = readonly { readonly move: string; readonly gas: bigint }[];

/**
 * Plays a whole dispute over a planted trace on a fresh chain, every block at a fixed second, so that it costs the same on
 * every machine.
 * @param log2CheckpointTicks distance of the checkpoints that the claim publishes; the challenge then begins between two.
 */
export async function playPlanted(
  log2Arity: number,
  path: PlantedPath,
  step: PlantedStep,
  log2CheckpointTicks?: number,
): Promise<MoveGas> {
  const chain = await AssayChain.start({ log2Arity, tickAllowanceMicroseconds: 1 });
  const [, solver, challenger] = chain.accounts;
  let second = 0x7bbb_bbbb;
  const nextBlock = () => {
    second += 17;
    return chain.at(second);
  };
  const trace = new PlantedTrace(path, real, step);
  await nextBlock();
  const claim = await TestClaim.make(chain, solver!, trace, {
    log2Ticks: path.log2Ticks,
    log2CheckpointTicks: log2CheckpointTicks ?? path.log2Ticks - (path.log2Ticks % log2Arity),
  });
  second += 1_000;
  await nextBlock();
  const checkpoint = log2CheckpointTicks === undefined ? undefined : Math.floor(path.tick / 2 ** log2CheckpointTicks);
  const dispute = await Dispute.open(claim, challenger!, checkpoint);
  for (;;) {
    const { level, from, log2Length } = dispute.cursor;
    await nextBlock();
    await dispute.answer();
    const opened = level === "ticks" && log2Length === 0;
    const [rangeLevel, first, length] = opened ? (["steps", 0, path.log2Steps] as const) : [level, from, log2Length];
    const child = trace.child(rangeLevel, first, length - rowBits(length, log2Arity));
    await nextBlock();
    if (level === "steps" && log2Length <= log2Arity) {
      await dispute.selectFault(trace, child);
      return dispute.gas;
    }
    await dispute.select(trace, child);
  }
}

/** Sum over all moves. */
export function totalGas(moves: MoveGas): number {
  return moves.reduce((sum, { gas }) => sum + Number(gas), 0);
}

/** A path of no particular kind. */
export function somePath(log2Ticks: number, log2Steps: number): PlantedPath {
  const random = new Random(1);
  const tick = random.below(2 ** log2Ticks);
  return { log2Ticks, log2Steps, tick, step: random.below(2 ** log2Steps) };
}

/** The most expensive step of the real run that the planted trace is made of: a store to memory. */
export async function realStep(): Promise<PlantedStep> {
  const steps = Array.from({ length: 28 }, (_, i) => i);
  const roots = await real.stepRoots(1, steps);
  const witnesses = await Promise.all(steps.map((step) => real.stepWitness(1, step)));
  const longest = witnesses.reduce((best, witness, i) => (witness.length > witnesses[best]!.length ? i : best), 0);
  return { root: roots[longest]!, witness: witnesses[longest]! };
}

/** Children in the middle of every row: their two paths meet at the top, so that the proofs are the longest there are. */
export function middlePath(log2Ticks: number, log2Steps: number, log2Arity: number): PlantedPath {
  const middle = (log2Length: number) => {
    let at = 0;
    for (let left = log2Length; left > 0; ) {
      const bits = rowBits(left, log2Arity);
      left -= bits;
      at += Math.max(1, 2 ** (bits - 1) - 1) * 2 ** left;
    }
    return at;
  };
  return { log2Ticks, log2Steps, tick: middle(log2Ticks), step: middle(log2Steps) };
}
