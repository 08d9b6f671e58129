import { type AssayChain, connect } from "../chain/assay.ts";
import type { FeePolicy } from "../chain/outbox/call.ts";
import type { RpcLimits } from "../chain/rpcProvider.ts";
import { type Config, gweiToWei, readConfig } from "./config.ts";

export function rpcLimitsOf({ polling }: Config): RpcLimits {
  return {
    timeoutMilliseconds: polling.timeoutSeconds * 1000,
    retries: polling.retries,
    retryMilliseconds: 500,
    pollMilliseconds: polling.seconds * 1000,
  };
}

export function feesOf({ fees }: Config): FeePolicy {
  return {
    maxFeePerGas: gweiToWei(fees.maxFeePerGasGwei),
    maxPriorityFeePerGas: gweiToWei(fees.maxPriorityFeePerGasGwei),
    stuckSeconds: fees.stuckSeconds,
    giveUpSeconds: fees.giveUpSeconds,
    maxPending: fees.maxPending,
  };
}

export async function connectTo(config: Config): Promise<AssayChain> {
  const { rpc, rpcAgreement, chainId, assay, deploymentBlock, confirmations, polling } = config;
  const deployment = {
    rpc,
    agreement: rpcAgreement,
    chainId: BigInt(chainId),
    assay,
    deploymentBlock,
    confirmations,
    logRange: polling.logRange,
  };
  return await connect(deployment, rpcLimitsOf(config));
}

/** Runs one command's work on a connection, and closes it whatever happens. */
export async function withChain<T>(
  configFile: string | undefined,
  work: (chain: AssayChain, config: Config) => Promise<T>,
): Promise<T> {
  const config = await readConfig(configFile, process.env);
  const chain = await connectTo(config);
  try {
    return await work(chain, config);
  } finally {
    chain.close();
  }
}
