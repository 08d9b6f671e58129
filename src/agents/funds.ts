import type { Root } from "../core/bytes.ts";
import { divideReserve, type Reserve, type WatchedBuild } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { nextStake } from "./stakes.ts";

/** What the gas of one side of one more dispute costs at today's price, in wei. */
export async function disputeGasCost({ account, parameters }: Agent, side: "solver" | "challenger"): Promise<bigint> {
  const gas = side === "solver" ? parameters.solverDisputeGas : parameters.challengerDisputeGas;
  return BigInt(gas) * (await account.gasPrice());
}

/**
 * Divides the balance among the builds that are to be protected: one challenger bond and the gas of a dispute for each.
 * @param builds in the order in which they came.
 */
export async function reserveFor(agent: Agent, builds: readonly Root[]): Promise<Reserve> {
  const { ledger, account, address } = agent;
  const { challengerBond } = agent.parameters;
  const balance = await account.balance();
  const gasCost = await disputeGasCost(agent, "challenger");
  const isLive = (buildId: Root) => ledger.history.stakesOn(buildId, address).some(({ status }) => status === "live");
  const divide = (watched: readonly WatchedBuild[]) => divideReserve(watched, balance, challengerBond, gasCost);
  const reserve = divide(builds.map((buildId) => ({ buildId, staked: isLive(buildId) })));
  if (reserve.unprotected.size === 0) return reserve;
  // Before money is said to be missing: it may be in stakes that are mined and not confirmed yet.
  const watched: WatchedBuild[] = [];
  for (const buildId of builds) {
    watched.push({ buildId, staked: isLive(buildId) || (await nextStake(agent, buildId)).value === 0n });
  }
  return divide(watched);
}

/** Warns, once for each time it happens, when the balance does not pay for what may come next. */
export async function warnAboutBalance(agent: Agent, needed: bigint, what: string): Promise<void> {
  const balance = await agent.account.balance();
  if (balance >= needed) {
    agent.forget("balance");
    return;
  }
  agent.once("balance", () =>
    agent.log.warn(
      { address: agent.address, balance, needed },
      `the balance does not pay for ${what}: send ether to this address`,
    ),
  );
}
