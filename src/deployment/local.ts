import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import { chainIdOf, defaultRpcLimits, RpcProvider } from "../chain/rpcProvider.ts";
import { localAccounts } from "./localAccounts.ts";
import { readParameters } from "./parameterFile.ts";
import { runDeployment } from "./run.ts";

/** Addresses of a deployment. */
export interface LocalDeployment {
  readonly assay: string;
  readonly stepVerifier: string;
  /** Views that only people need. */
  readonly lens: string;
}

/** The node is on this machine. */
const limits = { ...defaultRpcLimits, timeoutMilliseconds: 60_000, retryMilliseconds: 50, pollMilliseconds: 50 };

/**
 * Deploys with the parameters for local chains through a JSON-RPC server on this machine, as `assay deploy` does; the first of a
 * local chain's well-known accounts pays.
 * @param terms what is to be different from `parameters/local.json`, under the names of `contracts/types/Parameters.sol`.
 */
export async function deployLocally(
  rpc: string,
  terms: Readonly<Record<string, number>> = {},
): Promise<LocalDeployment> {
  const chainId = await chainIdOf([rpc], limits);
  const provider = new RpcProvider(rpc, chainId, limits);
  // A chain in memory is new each time: there is no journal to go on with.
  const folder = await mkdtemp(join(tmpdir(), "assay-deployment-"));
  try {
    const { record } = await runDeployment({
      provider,
      chainId,
      genesis: (await provider.getBlock(0))!.hash!,
      wallet: new Wallet(localAccounts(1)[0]!.key),
      terms: { ...(await readParameters("local")), ...terms },
      folder,
      maxFeePerGas: 10n ** 12n,
    });
    const { assay, stepVerifier, lens } = record.contracts;
    return { assay: assay.address, stepVerifier: stepVerifier.address, lens: lens.address };
  } finally {
    provider.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}
