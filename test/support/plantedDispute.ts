import { hashText } from "../../src/protocol/hash.ts";
import { rowBits } from "../../src/protocol/ranges.ts";
import { AssayChain, type Hardfork, type Signer } from "./assayChain.ts";
import { TestClaim } from "./assayClaim.ts";
import { Dispute, type Move } from "./assayDispute.ts";
import { LoopTrace } from "./loopTrace.ts";
import { type PlantedPath, type PlantedStep, PlantedTrace } from "./plantedTrace.ts";
import { Random } from "./random.ts";

const real = new LoopTrace({ ticks: 4, turns: 1 });

/** A dispute to be played over a planted trace. */
export interface PlantedGame {
  readonly log2Arity: number;
  readonly path: PlantedPath;
  readonly step: PlantedStep;
  readonly hardfork?: Hardfork | undefined;
  /** Distance of the checkpoints that the claim publishes; the challenge then begins between two. */
  readonly log2CheckpointTicks?: number;
}

/**
 * Plays whole disputes over a planted trace on a fresh chain, every block at a fixed second, so that they cost the same on
 * every machine.
 */
export class PlantedWorld {
  readonly trace: PlantedTrace;
  readonly solver: Signer;
  readonly challenger: Signer;
  private second = 0x7bbb_bbbb;

  private constructor(
    readonly chain: AssayChain,
    readonly game: PlantedGame,
  ) {
    this.trace = new PlantedTrace(game.path, real, game.step);
    [, this.solver, this.challenger] = chain.accounts as [Signer, Signer, Signer];
  }

  static async start(game: PlantedGame): Promise<PlantedWorld> {
    const { log2Arity, hardfork } = game;
    const chain = await AssayChain.start({ terms: { log2Arity, tickAllowanceMicroseconds: 0 }, hardfork });
    return new PlantedWorld(chain, game);
  }

  /** The next transaction is mined at a second that is the same on every machine. */
  async nextBlock(seconds = 17): Promise<void> {
    this.second += seconds;
    await this.chain.at(this.second);
  }

  async claim(salt = "salt"): Promise<TestClaim> {
    const { path, log2Arity, log2CheckpointTicks } = this.game;
    await this.nextBlock();
    const claim = await TestClaim.commit(this.chain, this.solver, this.trace, {
      log2Ticks: path.log2Ticks,
      log2CheckpointTicks: log2CheckpointTicks ?? path.log2Ticks - (path.log2Ticks % log2Arity),
      salt: hashText(salt),
    });
    await this.nextBlock(1_000);
    await claim.reveal();
    return claim;
  }

  /**
   * Challenges a claim and plays to its refutation.
   * @param untilLastSelection leaves the dispute when all answers are given.
   */
  async refute(claim: TestClaim, { untilLastSelection = false, stakeNumber = 0n } = {}): Promise<Dispute> {
    const { path, log2Arity, log2CheckpointTicks } = this.game;
    const checkpoint = log2CheckpointTicks === undefined ? undefined : Math.floor(path.tick / 2 ** log2CheckpointTicks);
    await this.nextBlock();
    const dispute = await Dispute.open(claim, this.challenger, { checkpoint, stakeNumber });
    for (;;) {
      await this.nextBlock();
      await dispute.answer();
      // After an opening this is the range of the tick's steps.
      const { level, from, log2Length } = dispute.at.range;
      const child = this.trace.child(level, from, log2Length - rowBits(log2Length, log2Arity));
      const isLast = level === "steps" && log2Length <= log2Arity;
      if (isLast && untilLastSelection) return dispute;
      await this.nextBlock();
      if (isLast) {
        await dispute.selectFault(this.trace, child);
        return dispute;
      }
      await dispute.select(this.trace, child);
    }
  }
}

/** The moves of one dispute, from the challenge to the refutation. */
export async function playPlanted(game: PlantedGame): Promise<readonly Move[]> {
  const world = await PlantedWorld.start(game);
  return (await world.refute(await world.claim())).moves;
}

/** Sum over all moves. */
export function totalGas(moves: readonly Pick<Move, "gas">[]): number {
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
