import { callOfMove } from "../chain/moves.ts";
import type { ChallengeRecord, ClaimRecord } from "../chain/records.ts";
import type { Agent } from "./agent.ts";

/**
 * Finalizes a claim as soon as the contract allows it.
 * @param patienceSeconds how much later than that; who has no stake in it leaves the first go to the solver.
 */
export async function finalizeClaim(agent: Agent, claim: ClaimRecord, patienceSeconds: number): Promise<boolean> {
  const { ledger, chain, calls } = agent;
  if (claim.status !== "open") return false;
  if (ledger.now < Math.max(claim.windowEnd, claim.joinDeadline) + patienceSeconds) return false;
  const living = ledger.history.livingClaims(claim.fields.buildId);
  if (living.some(({ fields }) => fields.finalRoot !== claim.fields.finalRoot)) return false;
  if (ledger.history.challengesTo(claim.claimId).some(({ status }) => status === "open")) return false;
  const from = Number(await chain.contract.finalizableFrom(claim.claimId));
  if (from === 0 || ledger.now < from + patienceSeconds) return false;
  const { claimId } = claim;
  return await agent.make(`finalize ${claimId}`, calls.finalize(claimId), { claim: claimId, kind: "finalize" });
}

/** Has the reward on a final build paid out once it is due. */
export async function collectReward(agent: Agent, claim: ClaimRecord): Promise<boolean> {
  const { ledger, chain, calls } = agent;
  const { buildId } = claim.fields;
  const build = ledger.history.builds.get(buildId);
  if (build?.finalClaim === undefined || build.rewardPaid) return false;
  if (build.requests.every((id) => ledger.history.requests.get(id)!.refunded)) return false;
  const from = Number(await chain.contract.rewardDueFrom(buildId));
  if (from === 0 || ledger.now < from) return false;
  return await agent.make(`reward ${buildId}`, calls.payReward(buildId), { build: buildId, kind: "payReward" });
}

/** Takes the bond of a challenge back whose claim has been refuted. */
export async function closeChallenge(agent: Agent, { id, claimId, position }: ChallengeRecord): Promise<boolean> {
  const call = callOfMove({ kind: "closeChallenge", position }, id, agent.chain.deployment.assay);
  return await agent.make(`close ${id}`, call, { challenge: id, claim: claimId, kind: "closeChallenge" });
}

/** Fetches what the contract owes us. */
export async function withdraw(agent: Agent): Promise<boolean> {
  const { chain, calls, address } = agent;
  const owed = await chain.contract.owed(address);
  if (owed === 0n) return false;
  const facts = { amount: owed, kind: "withdraw" };
  return await agent.make("withdraw", calls.withdraw(address), facts);
}
