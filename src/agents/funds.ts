import type { Root } from "../core/bytes.ts";
import { divideReserve, type Reserve, type WatchedBuild } from "../protocol/reserve.ts";
import type { Agent } from "./agent.ts";
import { nextStake } from "./stakes.ts";

/** What the gas of one side of one more dispute costs at today's price, in wei. */
export async function disputeGasCost({ chain }: Agent, side: "solver" | "challenger"): Promise<bigint> {
  const { parameters, provider } = chain;
  const block = await provider.getBlock("latest");
  const gasPrice = 2n * (block?.baseFeePerGas ?? 0n) + 2_000_000_000n;
  return BigInt(side === "solver" ? parameters.solverDisputeGas : parameters.challengerDisputeGas) * gasPrice;
}

/**
 * Divides the balance among the builds that are to be protected: one challenger bond and the gas of a dispute for each.
 * @param builds in the order in which they came.
 */
export async function reserveFor(agent: Agent, builds: readonly Root[]): Promise<Reserve> {
  const { chain, ledger, address } = agent;
  const { challengerBond } = chain.parameters;
  const balance = await chain.provider.getBalance(address);
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
  const balance = await agent.chain.provider.getBalance(agent.address);
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
