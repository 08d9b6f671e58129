import { Interface } from "ethers";
import type { AssayChain } from "../../src/chain/assay.ts";
import type { ChallengeRecord, ClaimRecord } from "../../src/chain/records.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";

const abi = new Interface(IAssay__factory.abi);

/**
 * Names of the calls of both sides that the contract took in one challenge, in their order, from the challenge to the
 * refutation of its claim.
 */
export async function disputeMoves(
  { provider, deployment }: AssayChain,
  challenge: ChallengeRecord,
  { claimId, refutation }: ClaimRecord,
): Promise<string[]> {
  const moves: string[] = [];
  const isChallenger = (address: string) => address.toLowerCase() === challenge.challenger.toLowerCase();
  for (let number = challenge.block; number <= refutation!.block; number++) {
    const block = await provider.getBlock(number, true);
    for (const { to, from, data, hash } of block?.prefetchedTransactions ?? []) {
      if (to?.toLowerCase() !== deployment.assay.toLowerCase()) continue;
      const name = abi.getFunction(data.slice(0, 10))?.name ?? "?";
      const opens = name.startsWith("challenge") && isChallenger(from) && data.includes(claimId.slice(2));
      if (!opens && !data.includes(challenge.id.slice(2))) continue;
      if ((await provider.getTransactionReceipt(hash))!.status === 1) moves.push(name);
    }
  }
  return moves;
}
