import { type AssayChain, connect } from "../../../chain/assay.ts";
import { absolute, type ChainSettings, keyOf } from "../state/settings.ts";

const limits = { timeoutMilliseconds: 15_000, retries: 1, retryMilliseconds: 300, pollMilliseconds: 2000 };
const connections = new Map<string, Promise<AssayChain>>();

/**
 * A connection to the contracts, which are checked to be those that this page knows; one that could not be had is tried again the next time.
 * @throws AssayError `chain/...`
 */
export async function connectionTo(chain: ChainSettings): Promise<AssayChain> {
  const key = keyOf(chain);
  let connection = connections.get(key);
  if (connection === undefined) {
    const { chainId, assay, deploymentBlock, confirmations, logRange } = chain;
    const rpc = chain.rpc.map(absolute);
    const given = { rpc, chainId: BigInt(chainId), assay, deploymentBlock, confirmations, logRange };
    connection = connect(given, limits);
    connections.set(key, connection);
    connection.catch(() => connections.delete(key));
  }
  return await connection;
}
