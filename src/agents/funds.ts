import { maxMoves } from "../protocol/parameters.ts";
import type { Agent } from "./agent.ts";

/**
 * What one more dispute can cost: the bond, and gas for every move at today's price.
 * @returns wei.
 */
export async function disputeCost(agent: Agent, bond: bigint): Promise<bigint> {
  const { parameters, provider } = agent.chain;
  const block = await provider.getBlock("latest");
  const gasPrice = 2n * (block?.baseFeePerGas ?? 0n) + 2_000_000_000n;
  return bond + BigInt(maxMoves(parameters)) * BigInt(parameters.gasPerMove) * gasPrice;
}

/** Warns, once for each time it happens, when the balance does not pay for the next dispute. */
export async function warnAboutBalance(agent: Agent, bond: bigint): Promise<void> {
  const balance = await agent.chain.provider.getBalance(agent.address);
  const needed = await disputeCost(agent, bond);
  if (balance >= needed) {
    agent.forget("balance");
    return;
  }
  agent.once("balance", () =>
    agent.log.warn(
      { address: agent.address, balance, needed, bond },
      "the balance does not pay for the next dispute: send ether to this address",
    ),
  );
}
