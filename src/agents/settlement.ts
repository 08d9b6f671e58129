import { callOfMove } from "../chain/moves.ts";
import type { ChallengeRecord, ClaimRecord } from "../chain/records.ts";
import type { Agent } from "./agent.ts";

/**
 * Finalizes a claim as soon as the contract allows it.
 * @param patienceSeconds how much later than that; who has no stake in it leaves the first go to the solver.
 */
export function finalizeClaim(agent: Agent, claim: ClaimRecord, patienceSeconds: number): boolean {
  const { ledger, calls } = agent;
  const { claimId, reference, details, fields } = claim;
  if (claim.status !== "open") return false;
  if (ledger.now < ledger.finalizableFrom(claim) + patienceSeconds) return false;
  if (ledger.roundOf(fields.buildId).openRoots > 1) return false;
  if (ledger.history.challengesTo(claimId).some(({ status }) => status === "open")) return false;
  const call = calls.finalize(reference, details);
  return agent.make({ key: `finalize ${claimId}`, call, facts: { claim: claimId, kind: "finalize" } });
}

/** Has the reward on a final build paid out once it is due. */
export function collectReward(agent: Agent, claim: ClaimRecord): boolean {
  const { ledger, calls } = agent;
  const { buildId } = claim.fields;
  const build = ledger.history.builds.get(buildId);
  if (build?.finalClaim === undefined || build.rewardPaid) return false;
  if (build.requests.every((id) => ledger.history.requests.get(id)!.refunded)) return false;
  if (ledger.now < ledger.rewardDueFrom(buildId)) return false;
  const call = calls.payReward(buildId);
  return agent.make({ key: `reward ${buildId}`, call, facts: { build: buildId, kind: "payReward" } });
}

/** Ends a challenge whose claim has been refuted in another one: until then its stake cannot be taken back. */
export function closeChallenge(agent: Agent, challenge: ChallengeRecord): boolean {
  const { id, claimId, at: shown, stakeNumber } = challenge;
  const claim = agent.ledger.history.claims.get(claimId)!.reference;
  const call = callOfMove({ kind: "closeChallenge", shown, claim, stakeNumber }, agent.ports.contract.assay);
  return agent.make({ key: `close ${id}`, call, facts: { challenge: id, claim: claimId, kind: "closeChallenge" } });
}

/**
 * Takes own stakes back from builds about which no claim is open any more. Not earlier: a stake that is there covers the next
 * wrong claim at once.
 */
export function returnStakes(agent: Agent): boolean {
  const { history } = agent.ledger;
  const free = [...history.stakes.values()].filter(
    ({ challenger, buildId, stakeNumber, status }) =>
      status === "live" &&
      agent.isMine(challenger) &&
      history.openClaims(buildId).length === 0 &&
      ![...history.challenges.values()].some(
        (challenge) =>
          challenge.status === "open" &&
          challenge.challenger === challenger &&
          challenge.stakeNumber === stakeNumber &&
          history.claims.get(challenge.claimId)?.fields.buildId === buildId,
      ),
  );
  const sent = free.map(({ key, buildId, stakeNumber }) => {
    const call = agent.calls.returnStake(buildId, stakeNumber);
    return agent.make({
      key: `return stake ${key}`,
      call,
      facts: { build: buildId, stakeNumber, kind: "returnStake" },
    });
  });
  return sent.includes(true);
}

/** Fetches what the contract owes us. */
export async function withdraw(agent: Agent): Promise<boolean> {
  const { account, calls, address } = agent;
  const owed = await account.owed();
  if (owed === 0n) return false;
  return agent.make({ key: "withdraw", call: calls.withdraw(address), facts: { amount: owed, kind: "withdraw" } });
}
