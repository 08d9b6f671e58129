import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { AssayError } from "../core/errors.ts";
import { packageFiles } from "../core/node/packageFiles.ts";
import { deployLocally } from "../deployment/local.ts";
import { type LocalAccount, localAccounts } from "../deployment/localAccounts.ts";
import { requireHardhat } from "./hardhat.ts";
import { localChainId, localNetwork } from "./localNetwork.ts";

/** A chain on this machine with everything deployed, for trying out and for tests. */
export interface LocalChain {
  readonly facts: LocalChainFacts;
  /** The text of a configuration file for it. */
  readonly configuration: string;
  close(): Promise<void>;
}

export interface LocalChainFacts {
  readonly rpc: string;
  readonly chainId: number;
  readonly assay: string;
  readonly stepVerifier: string;
  /** Those that hold ether. */
  readonly accounts: readonly LocalAccount[];
}

/**
 * Starts a Hardhat network behind a JSON-RPC server on 127.0.0.1 and deploys the contracts with Ignition.
 * @param port 0 takes a free one.
 * @throws AssayError `cli/refused` when Hardhat is not installed; `cli/port-taken`
 */
export async function startLocalChain(port: number): Promise<LocalChain> {
  requireHardhat();
  await checkPort(port);
  // On a terminal Hardhat reports its use to its makers unless somebody has said no; the user of this command was never asked.
  process.env.HARDHAT_DISABLE_TELEMETRY ??= "true";
  const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
  const configuration = { networks: { default: localNetwork } };
  const { network } = await createHardhatRuntimeEnvironment(configuration, {}, fileURLToPath(packageFiles.root));
  const server = await network.createServer("default", "127.0.0.1", port);
  const listening = await server.listen();
  const rpc = `http://127.0.0.1:${listening.port}`;
  try {
    const { assay, stepVerifier } = await deployLocally(rpc);
    await followTheClock(rpc);
    const facts = { rpc, chainId: localChainId, assay, stepVerifier, accounts: localAccounts(10) };
    return { facts, configuration: configurationOf(facts), close: async () => await server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Looks whether one can listen there: Hardhat's server ends the process when it cannot. */
async function checkPort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(port, error as NodeJS.ErrnoException);
  } finally {
    server.close();
  }
}

function cannotListen(port: number, cause: NodeJS.ErrnoException) {
  const why =
    cause.code === "EADDRINUSE"
      ? "another program uses it"
      : cause.code === "EACCES"
        ? "this user may not take it"
        : cause.message;
  return new AssayError(
    "cli/port-taken",
    `cannot listen on port ${port} of 127.0.0.1: ${why}. Name another one with --port; 0 takes a free one`,
    { port },
    { cause },
  );
}

/** Mines a block each second besides those for transactions: deadlines are measured in block time. */
async function followTheClock(rpc: string): Promise<void> {
  await fetch(rpc, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "evm_setIntervalMining", params: [1000] }),
  });
}

function configurationOf(facts: LocalChainFacts): string {
  const text = stringify({
    rpc: facts.rpc,
    chainId: facts.chainId,
    assay: facts.assay,
    deploymentBlock: 0,
    confirmations: 0,
    stores: [{ url: "file:./store", write: true }],
    state: "./state",
    polling: { seconds: 0.3, timeoutSeconds: 20, retries: 4, headAgeSeconds: 0 },
    fees: { maxFeePerGasGwei: 200, stuckSeconds: 30 },
  });
  return `# A local chain, written by \`assay chain\`; docs/assay.example.yaml explains the lines.\n${text}`;
}
