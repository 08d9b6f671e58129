import { Interface, type Provider } from "ethers";
import type { Root } from "../../src/core/bytes.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";

const abi = new Interface(IAssay__factory.abi);

/**
 * Names of the calls of both sides that the contract took in one challenge, in their order, from the challenge to its end.
 */
export async function disputeMoves(
  { provider, deployment }: { provider: Provider; deployment: { assay: string } },
  { id }: { id: Root },
): Promise<string[]> {
  const topicOf = (name: string) => abi.getEvent(name)!.topicHash;
  const find = (names: readonly string[], ...indexed: (string | null)[]) =>
    provider.getLogs({
      address: deployment.assay,
      topics: [names.map(topicOf), ...indexed],
      fromBlock: 0,
    });
  const logs = [
    ...(await find(["Answered", "Selected"], id)),
    ...(await find(["ChallengeOpened", "ChallengeLost", "ChallengeClosed"], null, id)),
    ...(await find(["ClaimRefuted"], null, null, id)),
  ].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
  return await Promise.all(
    logs.map(async ({ transactionHash }) => {
      const { data } = (await provider.getTransaction(transactionHash))!;
      return abi.getFunction(data.slice(0, 10))?.name ?? (data.startsWith(multicallSelector) ? "multicall" : "?");
    }),
  );
}

/** `multicall(bytes[])` */
const multicallSelector = "0xac9650d8";
