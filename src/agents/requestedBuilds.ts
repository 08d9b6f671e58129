import type { Root } from "../core/bytes.ts";
import type { Agent } from "./agent.ts";
import type { Claimant } from "./claimant.ts";

/**
 * Builds that somebody pays enough for, and that are not final. What has expired, or is below the least reward, is passed over
 * without a word of its own: anybody can make as many such requests as it likes.
 */
export function requestedBuilds(agent: Agent): Set<Root> {
  const { history, now } = agent.ledger;
  const { minReward } = agent.limits;
  const wanted = new Set<Root>();
  let passedOver = 0;
  for (const build of history.builds.values()) {
    if (build.finalClaim !== undefined || build.requests.length === 0) continue;
    const open = build.requests
      .map((id) => history.requests.get(id)!)
      .filter(({ refunded, expiry }) => !refunded && expiry > now);
    const reward = open.reduce((sum, { amount }) => sum + amount, 0n);
    if (reward > 0n && reward >= minReward) wanted.add(build.buildId);
    else passedOver++;
  }
  if (passedOver > 0) {
    agent.once("passed over", () =>
      agent.log.info({ builds: passedOver, least: minReward }, "requests passed over: expired, or reward too small"),
    );
  }
  return wanted;
}

/**
 * Builds that own commitments are about, or may be, where this process has not made them: they are revealed, or taken back,
 * whatever has become of the reward. Otherwise a request that expires in between would cost part of the bond.
 */
export function buildsCommittedTo(agent: Agent, claimant: Claimant): Set<Root> {
  const { history, now } = agent.ledger;
  const { maxCommitAgeSeconds } = agent.parameters;
  const builds = new Set<Root>();
  let since = Number.POSITIVE_INFINITY;
  for (const { claimId, solver, committedAt } of history.commitments.values()) {
    // Once it can be ended by anybody, for as long again.
    if (!agent.isMine(solver) || now > committedAt + 2 * maxCommitAgeSeconds) continue;
    const buildId = claimant.buildCommittedTo(claimId);
    if (buildId === undefined) since = Math.min(since, committedAt);
    else builds.add(buildId);
  }
  // Before it was mined a commitment may have waited.
  const isRecent = (second: number) => second > since - maxCommitAgeSeconds;
  for (const { buildId, requests, finalizedAt = now } of history.builds.values()) {
    if (!isRecent(finalizedAt)) continue;
    const reward = requests
      .map((id) => history.requests.get(id)!)
      .reduce((sum, { expiry, amount }) => sum + (isRecent(expiry) ? amount : 0n), 0n);
    if (reward > 0n && reward >= agent.limits.minReward) builds.add(buildId);
  }
  return builds;
}
