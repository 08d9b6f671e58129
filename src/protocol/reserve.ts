import type { Root } from "../core/bytes.ts";

/**
 * What a verifier promises: one challenger bond C lies ready for every build that it protects, and is never lent to another
 * build. It covers a challenge to each claim of that build, however many there are, so the verifier relies on nobody else.
 */

/** A build with claims that are not settled. */
export interface WatchedBuild {
  readonly buildId: Root;
  /** Whether an own stake on it is live: then no more money is needed. */
  readonly staked: boolean;
}

export interface Reserve {
  /** Builds with a stake, or with money set aside for one. */
  readonly protected: ReadonlySet<Root>;
  /** Builds for which the money does not reach. */
  readonly unprotected: ReadonlySet<Root>;
  /** Set aside for builds that are protected and not staked yet, bonds and gas. Wei. */
  readonly setAside: bigint;
  /** How many more builds the rest of the money could protect. */
  readonly room: number;
}

/**
 * Divides a balance among builds, first come, first served: a build that is protected stays so.
 * @param builds in the order in which their first claims were revealed.
 * @param balance wei.
 * @param bond C, in wei.
 * @param disputeGasCost wei that the gas of one dispute costs at today's price; set aside for every build, staked or not.
 */
export function divideReserve(
  builds: readonly WatchedBuild[],
  balance: bigint,
  bond: bigint,
  disputeGasCost: bigint,
): Reserve {
  const covered = new Set<Root>();
  const uncovered = new Set<Root>();
  let left = balance;
  let setAside = 0n;
  // Stakes that are live are paid already: their gas comes first, so that no new build takes it from a dispute under way.
  for (const { buildId, staked } of [...builds].sort((a, b) => Number(b.staked) - Number(a.staked))) {
    const needed = (staked ? 0n : bond) + disputeGasCost;
    if (needed > left && !staked) {
      uncovered.add(buildId);
      continue;
    }
    covered.add(buildId);
    setAside += needed;
    left = needed > left ? 0n : left - needed;
  }
  return { protected: covered, unprotected: uncovered, setAside, room: Number(left / (bond + disputeGasCost)) };
}

/**
 * How many claims of a build can be disputed at once: each may ask for an answer about another tick, and all answers must be
 * computed in one side's budget.
 * @param tickSeconds time to interpret the build's longest tick here.
 * @param margin part of the budget that is kept for transactions and outages.
 */
export function disputeCapacity(tickSeconds: number, budgetSeconds: number, margin = 0.5): number {
  return Math.floor((budgetSeconds * (1 - margin)) / tickSeconds);
}
