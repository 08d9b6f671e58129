import fc from "fast-check";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import { CheckpointTree } from "../../../src/protocol/checkpoints.ts";
import { claimWindowSeconds, type Parameters } from "../../../src/protocol/parameters.ts";
import type { Party } from "./calls.ts";
import { bookChallenger, challengerAdversaries } from "./challengerStrategies.ts";
import { chanceOf } from "./gameParameters.ts";
import type { ChallengeSeat, ClaimSeat, Scenario } from "./playGame.ts";
import { bookSolver, solverAdversaries } from "./solverStrategies.ts";
import { slowed } from "./strategies.ts";
import { checkpointRoots, type FaultPlace, fieldsOf, type GameTrace, type World } from "./world.ts";

/** A scenario in numbers; `build` makes seats of them. Fractions are between 0 and 1. */
export interface Draft {
  readonly seed: number;
  readonly extraTicks: number;
  readonly claims: readonly {
    readonly honest: boolean;
    readonly lie: number;
    readonly strategy: number;
    readonly reveal: number;
    readonly checkpoints: number;
  }[];
  readonly challenges: readonly {
    readonly honest: boolean;
    readonly claim: number;
    readonly story: number;
    readonly strategy: number;
    readonly after: number;
    readonly latency: number;
    readonly checkpoint: number;
  }[];
}

const part = fc.double({ min: 0, max: 0.999, noNaN: true });

/** Any scenario of a few claims and challenges. */
export function drafts(mostClaims: number, mostChallenges: number): fc.Arbitrary<Draft> {
  const claim = fc.record({ honest: fc.boolean(), lie: part, strategy: part, reveal: part, checkpoints: part });
  const challenge = fc.record({
    honest: fc.boolean(),
    claim: part,
    story: part,
    strategy: part,
    after: part,
    latency: part,
    checkpoint: part,
  });
  return fc.record({
    seed: fc.nat(),
    extraTicks: fc.nat(1),
    claims: fc.array(claim, { minLength: 1, maxLength: mostClaims }),
    challenges: fc.array(challenge, { minLength: 0, maxLength: mostChallenges }),
  });
}

/** What a draft is played with. */
export interface Table {
  readonly world: World;
  readonly parameters: Parameters;
  party(number: number): Party;
}

/** Turns a draft into a scenario: honest solvers claim the truth, honest verifiers challenge wrong claims only. */
export async function build(draft: Draft, { world, parameters, party }: Table): Promise<Scenario> {
  const { truth } = world;
  const chance = chanceOf(draft.seed);
  const pick = <T>(from: readonly T[], fraction: number): T => from[Math.floor(fraction * from.length)]!;
  const liar = (fraction: number): GameTrace => world.liar(placeAt(truth, fraction));
  const log2Ticks = Math.ceil(Math.log2(truth.ticks)) + draft.extraTicks;
  const { log2Arity, minResponseSeconds, maxCommitAgeSeconds, minCommitAgeSeconds } = parameters;
  const slack = maxCommitAgeSeconds - minCommitAgeSeconds - draft.claims.length;
  const claims = draft.claims.map(({ honest, lie, strategy, reveal, checkpoints }, number): ClaimSeat => {
    const trace = honest ? truth : liar(lie);
    return {
      party: party(number),
      honest,
      trace,
      strategy: honest
        ? slowed(bookSolver(trace, "honest solver"), Math.floor(strategy * minResponseSeconds))
        : pick(solverAdversaries(trace, chance), strategy),
      log2Ticks,
      log2CheckpointTicks: log2Arity * Math.floor(checkpoints * (Math.floor(log2Ticks / log2Arity) + 1)),
      revealAfter: Math.floor(reveal * slack),
    };
  });
  const window = claimWindowSeconds(parameters, log2Ticks);
  const challenges: ChallengeSeat[] = [];
  for (const [i, one] of draft.challenges.entries()) {
    const wrong = claims.flatMap((seat, number) => (seat.honest ? [] : [number]));
    if (one.honest && wrong.length === 0) continue;
    const claim = one.honest ? pick(wrong, one.claim) : pick([...claims.keys()], one.claim);
    const target = claims[claim]!;
    const honestly = slowed(bookChallenger(truth, "honest verifier"), Math.floor(one.latency * minResponseSeconds));
    challenges.push({
      party: party(draft.claims.length + i),
      honest: one.honest,
      claim,
      strategy: one.honest ? honestly : pick(challengerAdversaries(liar(one.story), truth, chance), one.strategy),
      after: 1 + Math.floor(one.after * (window - draft.challenges.length - 2)),
      start: await startOf(target, truth, one.honest, one.checkpoint),
    });
  }
  return { claims, challenges };
}

/** Between two checkpoints in half of all cases; an honest verifier only where they part. */
async function startOf(seat: ClaimSeat, truth: GameTrace, honest: boolean, fraction: number): Promise<Start> {
  const { trace, log2Ticks, log2CheckpointTicks } = seat;
  const roots = await checkpointRoots(trace, log2Ticks, log2CheckpointTicks);
  const { buildId, finalRoot } = await fieldsOf(trace, log2Ticks, log2CheckpointTicks);
  const list = [buildId, ...roots, finalRoot];
  const own = await truth.tickRoots(list.map((_, i) => i * 2 ** log2CheckpointTicks));
  const parting = list.slice(1).findIndex((root, i) => root !== own[i + 1] && list[i] === own[i]);
  const index = honest ? parting : Math.floor(fraction * 2 * (list.length - 1)) - (list.length - 1);
  if (fraction < 0.5 || index < 0) return { kind: "whole" };
  const tree = new CheckpointTree({ roots });
  const proofs = { startProof: tree.proof(index), endProof: tree.proof(index + 1) };
  return { kind: "checkpoints", index, startRoot: list[index]!, endRoot: list[index + 1]!, ...proofs };
}

function placeAt(truth: GameTrace, fraction: number): FaultPlace {
  const all = Array.from({ length: truth.ticks }, (_, tick) => truth.steps(tick));
  let number = Math.floor(fraction * all.reduce((a, b) => a + b, 0));
  for (const [tick, steps] of all.entries()) {
    if (number < steps) return { tick, step: number + 1 };
    number -= steps;
  }
  return { tick: 0, step: 1 };
}
