import { stakeKeyOf } from "../../../src/protocol/challenge.ts";
import type { Call } from "./calls.ts";
import type { ModelChain } from "./modelChain.ts";
import { seniorOf } from "./modelClaims.ts";
import { claimsOf, type ModelState } from "./modelState.ts";
import type { PlayedCall } from "./scenario.ts";

/**
 * What holds after every call. I1, that the contract's counters equal recounts, is the twin's comparison: the model counts
 * anew whenever it is asked. Here are I2 (solvency), I3 (order of times), I4 (a dead stake moves nothing) and T5 (who gets the
 * reward). Returns a function that is told of each call and says what does not hold.
 */
export function invariantsOf(chain: ModelChain): (played: Pick<PlayedCall, "call" | "outcome">) => string[] {
  let money = moneyOf(chain.state);
  let dead = deadStakes(chain.state);
  const finals = new Map<string, number>();
  return ({ call, outcome }) => {
    const { state } = chain;
    const broken: string[] = [];
    const held = liabilities(chain);
    if (held !== state.balance) broken.push(`I2: ${state.balance} wei are there for ${held}`);
    for (const [buildId, build] of state.builds) {
      for (const { windowEnd } of claimsOf(state, buildId, "open", "final")) {
        if (windowEnd < build.joinDeadline)
          broken.push(`I3: a window ends at ${windowEnd}, before ${build.joinDeadline}`);
      }
      if (build.final === undefined) continue;
      const known = finals.get(buildId) ?? build.final.at;
      finals.set(buildId, known);
      if (known !== build.final.at) broken.push(`I3: ${buildId} is final twice`);
      const senior = seniorOf(state, buildId)!.solver;
      if (build.paidTo !== undefined && build.paidTo !== senior) broken.push(`T5: the reward belongs to ${senior}`);
    }
    const now = moneyOf(state);
    if (outcome.ok && isLossOf(call, dead) && now !== money) broken.push("I4: a dead stake has moved money");
    [money, dead] = [now, deadStakes(state)];
    return broken;
  };
}

/** What the protocol can be asked for, as the sum of everything: equal to its balance, always. */
function liabilities({ state, parameters }: ModelChain): bigint {
  const sum = (values: Iterable<bigint>) => [...values].reduce((a, b) => a + b, 0n);
  const bonded = [...state.claims.values()].filter(({ status }) => status === "committed" || status === "open");
  const staked = [...state.stakes.values()].filter(({ status }) => status === "live");
  return (
    state.burned +
    sum(state.credits.values()) +
    BigInt(bonded.length) * parameters.solverBond +
    BigInt(staked.length) * parameters.challengerBond +
    sum([...state.builds.values()].map(({ reward }) => reward))
  );
}

function moneyOf({ balance, burned, credits }: ModelState): string {
  return [balance, burned, ...[...credits].map(String)].join(" ");
}

function deadStakes({ stakes }: ModelState): ReadonlySet<string> {
  return new Set([...stakes].filter(([, { status }]) => status === "lost").map(([key]) => key));
}

function isLossOf(call: Call, dead: ReadonlySet<string>): boolean {
  if (call.kind !== "move" || call.move.kind !== "timeoutChallenger") return false;
  const { shown, claim, stakeNumber } = call.move;
  return dead.has(stakeKeyOf(shown.challenger, claim.buildId, stakeNumber));
}
