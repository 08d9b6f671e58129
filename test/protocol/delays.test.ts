import { describe, expect, it } from "vitest";
import { delays } from "../../src/protocol/delays.ts";
import { claimWindowSeconds, splitBond } from "../../src/protocol/parameters.ts";
import { leavingAtStep } from "../support/game/challengerStrategies.ts";
import { gameParameters, party } from "../support/game/gameParameters.ts";
import { brokenProperties } from "../support/game/gameProperties.ts";
import { ModelChain } from "../support/game/modelChain.ts";
import { playGame } from "../support/game/playGame.ts";
import type { ChallengeSeat, ClaimSeat } from "../support/game/scenario.ts";
import { bookSolver } from "../support/game/solverStrategies.ts";
import { lastSecond } from "../support/game/strategies.ts";
import { toyModelMachine } from "../support/game/toyModelMachine.ts";
import { toyWorld } from "../support/game/toyTrace.ts";
import type { GameTrace } from "../support/game/world.ts";

// Ticks of up to 2^6 steps, so that a dispute takes as many rounds as the terms allow.
const world = toyWorld({ ticks: 13, maxSteps: 60, seed: 1 });
const { truth } = world;
const longest = Array.from({ length: 13 }, (_, tick) => tick).sort((a, b) => truth.steps(b) - truth.steps(a))[0]!;
const faulty = world.faulty({ tick: longest, step: truth.steps(longest) });
const log2Ticks = 4;
const window = claimWindowSeconds(gameParameters, log2Ticks);
const [contradiction, challenge, both] = delays(gameParameters, log2Ticks);
const { baseWindowSeconds, reactionSeconds, solverBond, challengerBond, burnPermille } = gameParameters;

function claim(number: number, trace: GameTrace, seat: Partial<ClaimSeat>): ClaimSeat {
  const lengths = { log2Ticks, log2CheckpointTicks: 2, revealAfter: 0 };
  const right = trace === truth;
  return { party: party(number), honest: right, right, trace, strategy: bookSolver(trace), ...lengths, ...seat };
}

const late: Partial<ClaimSeat> = {
  strategy: lastSecond(bookSolver(faulty)),
  revealAfter: baseWindowSeconds - 2,
  commitAfter: 500,
};

/** A challenge to the right claim that is lost as slowly as possible. */
function stalled(after: number): ChallengeSeat {
  const strategy = lastSecond(leavingAtStep(faulty));
  return { party: party(3), honest: false, claim: 0, strategy, after, start: { kind: "whole" } };
}

/** By how much later than undisturbed the right claim is final, and what its adversaries have lost. */
async function play(wrong: readonly ClaimSeat[], challenges: readonly ChallengeSeat[]) {
  const chain = new ModelChain(gameParameters, toyModelMachine);
  const verifier = { party: party(4), funds: challengerBond, truths: [truth], lag: 0, asleep: [] };
  const claims = [claim(0, truth, {}), ...wrong];
  const report = await playGame(chain, { claims, challenges, verifiers: [verifier] });
  expect(brokenProperties(report, gameParameters)).toEqual([]);
  const { revealedAt, finalAt } = report.claims[0]!;
  const lost = [1, 3].reduce((sum, number) => sum - (report.net.get(party(number)) ?? 0n), 0n);
  return { seconds: finalAt! - revealedAt! - window, lost };
}

/** An honest party needs a second for each of its moves here. */
const honestSeconds = 30;
/** What the bounds count and no game uses: a least response beside the budget, and a round that checkpoints save. */
const slack = 2 * gameParameters.minResponseSeconds + honestSeconds;

describe("what a delay of a right claim costs and lasts", () => {
  it("2: a wrong root in the last second for joining", async () => {
    const { seconds, lost } = await play([claim(1, faulty, late)], []);
    expect(lost >= contradiction!.price).toBe(true);
    expect(seconds).toBeLessThanOrEqual(contradiction!.seconds + honestSeconds);
    expect(seconds).toBeGreaterThan(contradiction!.seconds - slack);
  });

  it("2: a challenge in the window's last second, lost on purpose", async () => {
    const { seconds, lost } = await play([], [stalled(window - 1)]);
    expect(lost).toBe(challenge!.price);
    expect(seconds).toBeLessThanOrEqual(challenge!.seconds + honestSeconds);
    expect(seconds).toBeGreaterThan(challenge!.seconds - slack);
  });

  it("2: both one after the other", async () => {
    const alone = await play([claim(1, faulty, late)], []);
    const inReaction = window + alone.seconds - 1;
    const { seconds, lost } = await play([claim(1, faulty, late)], [stalled(inReaction)]);
    expect(lost >= both!.price).toBe(true);
    expect(seconds).toBeGreaterThan(alone.seconds + reactionSeconds);
    expect(seconds).toBeLessThanOrEqual(both!.seconds + honestSeconds);
    expect(both!.price).toBe(splitBond(solverBond, burnPermille).burned + challengerBond);
  });
});
