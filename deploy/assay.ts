import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readDeploymentParameters } from "@nomicfoundation/hardhat-ignition/helpers";
import { network } from "hardhat";
import { assayModule } from "./modules/assay.ts";

/** Addresses of a deployment. */
export interface Deployed {
  readonly assay: string;
  readonly stepVerifier: string;
  /** Views that only people need. */
  readonly lens: string;
}

/** The parameter file of a kind of chain. */
export function parameterFile(chain: "local" | "testnet"): string {
  return fileURLToPath(new URL(`./parameters/${chain}.json`, import.meta.url));
}

/**
 * Deploys with the parameters for local chains through a JSON-RPC server on this machine; its first account pays.
 * @param terms what is to be different from `parameters/local.json`, under the names of `contracts/types/Parameters.sol`.
 */
export async function deployLocally(rpc: string, terms: Readonly<Record<string, number>> = {}): Promise<Deployed> {
  const connection = await network.create({ network: "localhost", override: { url: rpc } });
  // A chain in memory is new each time: a journal of an earlier one must not be taken up.
  const deploymentId = `local-${randomBytes(8).toString("hex")}`;
  const { Assay } = await readDeploymentParameters(parameterFile("local"));
  try {
    const { assay, stepVerifier, lens } = await connection.ignition.deploy(assayModule, {
      parameters: { Assay: { terms: { ...(Assay!.terms as object), ...terms } } },
      deploymentId,
    });
    const address = async (contract: { getAddress(): Promise<string> }) => await contract.getAddress();
    return { assay: await address(assay), stepVerifier: await address(stepVerifier), lens: await address(lens) };
  } finally {
    await connection.close();
    await rm(fileURLToPath(new URL(`./deployments/${deploymentId}`, import.meta.url)), {
      recursive: true,
      force: true,
    });
  }
}
