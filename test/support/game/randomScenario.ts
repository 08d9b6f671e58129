import fc from "fast-check";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import { CheckpointTree } from "../../../src/protocol/checkpoints.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { Party } from "./calls.ts";
import { challengerAdversaries, silentChallenger } from "./challengerStrategies.ts";
import { chanceOf } from "./gameParameters.ts";
import type { ChallengeSeat, ClaimSeat, RewardSeat, Scenario, VerifierSeat } from "./scenario.ts";
import { bookSolver, concedingSolver, solverAdversaries } from "./solverStrategies.ts";
import { slowed } from "./strategies.ts";
import { checkpointRoots, type FaultPlace, fieldsOf, type GameTrace, type World } from "./world.ts";

/** A scenario in numbers; `build` makes seats of them. Fractions are between 0 and 1. */
export type Draft = ReturnType<typeof drafts> extends fc.Arbitrary<infer D> ? D : never;

/**
 * honest: a right claim, defended by the book. wrong: a faulty trace of its own. clone: the faulty trace of the first wrong
 * claim, revealed in the last seconds before the join deadline. puppet: a right claim that is given up when it is challenged,
 * sooner or later. sniper: a right claim that wants to be final first. late: committed to too late to be revealed, or just not.
 */
const kinds = ["honest", "honest", "wrong", "clone", "puppet", "sniper", "late"] as const;

const part = fc.noBias(fc.nat(9_999)).map((n) => n / 10_000);
const claim = fc.record({
  kind: fc.constantFrom(...kinds),
  build: fc.constantFrom(0, 0, 1),
  fault: part,
  strategy: part,
  reveal: part,
  /** Times the length of a whole round that it is revealed later: rounds are reopened. */
  rounds: fc.constantFrom(0, 0, 0, 1.1, 2.5),
  extraTicks: fc.constantFrom(0, 0, 1, 4),
  checkpoints: part,
});
const challenge = fc.record({
  claim: part,
  story: part,
  strategy: part,
  after: part,
  checkpoint: part,
  /** Made by the solver's accomplice, who loses on purpose. */
  staged: fc.boolean(),
  party: fc.noBias(fc.nat(2)),
  stakeNumber: fc.constantFrom(0n, 0n, 1n, 2n),
});
const verifier = fc.record({
  /** Builds that it can protect. */
  stakes: fc.constantFrom(1n, 2n, 2n, 3n),
  latency: part,
  outage: fc.option(fc.record({ from: part, length: part }), { freq: 2 }),
});

/** Any scenario of a few claims, challenges and verifiers on two builds. */
export function drafts(mostClaims: number, mostChallenges: number) {
  return fc.record({
    seed: fc.nat(),
    claims: fc.array(claim, { minLength: 1, maxLength: mostClaims }),
    challenges: fc.array(challenge, { maxLength: mostChallenges }),
    verifiers: fc.array(verifier, { minLength: 1, maxLength: 2 }),
    reward: fc.option(part, { freq: 2 }),
  });
}

/** What a draft is played with. */
export interface Table {
  /** One for each build. */
  readonly worlds: readonly World[];
  readonly parameters: Parameters;
  party(number: number): Party;
}

/** Number of parties that a draft's scenario has at most. */
export function partiesOf(mostClaims: number): number {
  return mostClaims + 6;
}

/** Turns a draft into a scenario: honest solvers claim the truth and can be revealed; verifiers follow the protocol. */
export async function build(draft: Draft, table: Table): Promise<Scenario> {
  const { worlds, parameters, party } = table;
  const { baseWindowSeconds, minResponseSeconds } = parameters;
  const claims = draft.claims.map((_, number) => claimSeat(draft, number, table));
  const others = draft.claims.length;
  const chance = chanceOf(draft.seed);
  const challenges: ChallengeSeat[] = [];
  for (const one of draft.challenges) {
    const number = Math.floor(one.claim * claims.length);
    const seat = claims[number]!;
    const { truth } = worldOf(draft.claims[number]!, worlds);
    const story = faulty(worldOf(draft.claims[number]!, worlds), one.story);
    challenges.push({
      party: party(others + one.party),
      honest: false,
      claim: number,
      strategy: one.staged ? silentChallenger() : pick(challengerAdversaries(story, truth, chance), one.strategy),
      after: 1 + Math.floor(one.after * (baseWindowSeconds - 10)),
      start: await startOf(seat, one.checkpoint),
      stakeNumber: one.stakeNumber,
    });
  }
  const verifiers = draft.verifiers.map(({ stakes, latency, outage }, i): VerifierSeat => {
    const from = outage === null ? 0 : Math.floor(outage.from * baseWindowSeconds);
    return {
      party: party(others + 3 + i),
      funds: stakes * parameters.challengerBond,
      truths: worlds.map(({ truth }) => truth),
      lag: Math.floor(latency * minResponseSeconds),
      asleep: outage === null ? [] : [[from, from + Math.floor(outage.length * 2 * baseWindowSeconds)]],
    };
  });
  const [buildId] = await worlds[0]!.truth.tickRoots([0]);
  const rewards = draft.reward === null ? [] : [rewardSeat(party(others + 5), buildId!, draft.reward)];
  return { claims, challenges, verifiers, rewards };
}

function rewardSeat(party: Party, buildId: RewardSeat["buildId"], when: number): RewardSeat {
  return { party, buildId, amount: 7n * 10n ** 16n, expiresAfter: 1 + Math.floor(when * 5_000) };
}

function claimSeat(draft: Draft, number: number, { worlds, parameters, party }: Table): ClaimSeat {
  const { baseWindowSeconds, log2Arity, minResponseSeconds, maxCommitAgeSeconds, minCommitAgeSeconds } = parameters;
  const one = draft.claims[number]!;
  const { kind, fault, strategy, reveal, checkpoints, extraTicks, rounds } = one;
  const chance = chanceOf(draft.seed);
  const world = worldOf(one, worlds);
  const original = draft.claims.find((other) => other.build === one.build && other.kind === "wrong") ?? one;
  const right = kind !== "wrong" && kind !== "clone";
  const trace = right ? world.truth : faulty(world, kind === "clone" ? original.fault : fault);
  const log2Ticks = Math.ceil(Math.log2(trace.ticks)) + extraTicks;
  const common = {
    party: party(number),
    honest: kind === "honest",
    trace,
    right,
    log2Ticks,
    log2CheckpointTicks: log2Arity * Math.floor(checkpoints * (Math.floor(log2Ticks / log2Arity) + 1)),
  };
  const slack = maxCommitAgeSeconds - minCommitAgeSeconds - draft.claims.length - 5;
  if (kind === "honest") {
    const slow = Math.floor(strategy * minResponseSeconds);
    const revealAfter = Math.floor(reveal * slack);
    return { ...common, strategy: slowed(bookSolver(trace, "honest solver"), slow), revealAfter };
  }
  const tactic = {
    wrong: () => pick(solverAdversaries(trace, chance), strategy),
    clone: () => pick(solverAdversaries(trace, chance), strategy),
    puppet: () => concedingSolver(Math.floor(strategy * 700), bookSolver(trace)),
    sniper: () => bookSolver(trace, "sniper"),
    late: () => bookSolver(trace, "latecomer"),
  }[kind]();
  const last = Math.floor(reveal * 20);
  const revealAfter =
    kind === "clone" || kind === "late"
      ? Math.max(0, baseWindowSeconds - 10 + (kind === "late" ? last : -last))
      : Math.floor((reveal + rounds) * slack);
  const early = revealAfter < slack && kind !== "late";
  // Some commitments are too old when they are revealed.
  const age = minCommitAgeSeconds + Math.floor(strategy * (strategy < 0.9 ? 30 : 1_000));
  const commitAfter = revealAfter - age;
  return { ...common, strategy: tactic, revealAfter, ...(!early && { commitAfter }) };
}

/** Between two checkpoints in half of all cases. */
async function startOf(seat: ClaimSeat, fraction: number): Promise<Start> {
  const { trace, log2Ticks, log2CheckpointTicks } = seat;
  const roots = await checkpointRoots(trace, log2Ticks, log2CheckpointTicks);
  const { buildId, finalRoot } = await fieldsOf(trace, log2Ticks, log2CheckpointTicks);
  const list = [buildId, ...roots, finalRoot];
  const index = Math.floor(fraction * 2 * (list.length - 1)) - (list.length - 1);
  if (index < 0) return { kind: "whole" };
  const tree = new CheckpointTree({ roots });
  const proofs = { startProof: tree.proof(index), endProof: tree.proof(index + 1) };
  return { kind: "checkpoints", index, startRoot: list[index]!, endRoot: list[index + 1]!, ...proofs };
}

function pick<T>(from: readonly T[], fraction: number): T {
  return from[Math.floor(fraction * from.length)]!;
}

function worldOf({ build }: { readonly build: number }, worlds: readonly World[]): World {
  return worlds[build % worlds.length]!;
}

function faulty(world: World, fraction: number): GameTrace {
  return world.faulty(placeAt(world.truth, fraction));
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
