import { isError, type TransactionRequest, toQuantity } from "ethers";
import type { RpcProvider } from "../rpcProvider.ts";

/**
 * The gas that a transaction takes. Most servers simulate it at the newest block's time, and refuse what is due from the next second
 * on: then it is simulated once more at that second, the earliest that the next block can have, where a server is able to.
 * @throws what the server says of the first simulation
 */
export async function gasFor(provider: RpcProvider, request: TransactionRequest): Promise<bigint> {
  try {
    return await provider.estimateGas(request);
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    try {
      return await gasInNextBlock(provider, request);
    } catch {
      throw error;
    }
  }
}

async function gasInNextBlock(provider: RpcProvider, request: TransactionRequest): Promise<bigint> {
  const head = await provider.getBlock("latest");
  const time = toQuantity(head!.timestamp + 1);
  const params = [provider.getRpcTransaction(request), toQuantity(head!.number), {}, { time }];
  return BigInt(await provider.send("eth_estimateGas", params));
}
