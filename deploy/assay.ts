import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { network } from "hardhat";
import { assayModule } from "./modules/assay.ts";

/** Addresses of a deployment. */
export interface Deployed {
  readonly assay: string;
  readonly stepVerifier: string;
}

/** The parameter file of a kind of chain. */
export function parameterFile(chain: "local" | "testnet"): string {
  return fileURLToPath(new URL(`./parameters/${chain}.json`, import.meta.url));
}

/** Deploys with the parameters for local chains through a JSON-RPC server on this machine; its first account pays. */
export async function deployLocally(rpc: string): Promise<Deployed> {
  const connection = await network.create({ network: "localhost", override: { url: rpc } });
  // A chain in memory is new each time: a journal of an earlier one must not be taken up.
  const deploymentId = `local-${randomBytes(8).toString("hex")}`;
  try {
    const { assay, stepVerifier } = await connection.ignition.deploy(assayModule, {
      parameters: parameterFile("local"),
      deploymentId,
    });
    return { assay: await assay.getAddress(), stepVerifier: await stepVerifier.getAddress() };
  } finally {
    await connection.close();
    await rm(fileURLToPath(new URL(`./deployments/${deploymentId}`, import.meta.url)), {
      recursive: true,
      force: true,
    });
  }
}
