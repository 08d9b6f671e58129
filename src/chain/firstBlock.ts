import { AssayError } from "../core/errors.ts";
import { pause } from "../core/pause.ts";
import type { RpcProvider } from "./rpcProvider.ts";

/**
 * Hash of a chain's first block: tells test chains apart that have the same id. A server that does not know it is asked again.
 * @throws AssayError `chain/behind-fault`
 */
export async function genesisOf(provider: RpcProvider): Promise<string> {
  const { retries, retryMilliseconds } = provider.limits;
  for (let attempt = 0; attempt <= retries; attempt++) {
    if (attempt > 0) await pause(retryMilliseconds * 2 ** attempt);
    const block = await provider.getBlock(0);
    if (block?.hash) return block.hash;
  }
  const why = `the RPC server ${provider.host} does not know the chain's first block: use another one`;
  throw new AssayError("chain/behind-fault", why);
}
