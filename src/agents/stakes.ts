import type { Root } from "../core/bytes.ts";
import { stakeKeyOf } from "../protocol/challenge.ts";
import type { Address } from "../protocol/claim.ts";
import type { Agent } from "./agent.ts";

/** The stake that covers the next challenge to a claim of a build. */
export interface NextStake {
  readonly stakeNumber: bigint;
  /** What the challenge must bring along, in wei: 0 if the stake is live. */
  readonly value: bigint;
}

/**
 * The own stake on a build that is live, or the next one after those that are lost or returned; as the newest block has it, so
 * that a process that was killed finds what it has sent.
 */
export async function nextStake({ account, parameters, address }: Agent, buildId: Root): Promise<NextStake> {
  for (let stakeNumber = 0n; ; stakeNumber++) {
    const key = stakeKeyOf(address as Address, buildId, stakeNumber);
    const status = await account.stakeStatus(key);
    if (status === "none") return { stakeNumber, value: parameters.challengerBond };
    if (status === "live") return { stakeNumber, value: 0n };
  }
}
