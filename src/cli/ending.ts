import type { RpcProvider } from "../chain/rpcProvider.ts";
import { isAssayError } from "../core/errors.ts";

/** So long a request that is under way at the signal may still be answered. */
const graceMilliseconds = 5_000;
/** So long the process lives after its last line, at most. */
const lingerMilliseconds = 500;

/**
 * Runs a daemon that ends with its signal, also when no server answers: what is asked of the chain then gets a few seconds, and
 * whatever still waits for a server after the end is left.
 */
export async function runUntil<T>(
  signal: AbortSignal,
  provider: Pick<RpcProvider, "cancel">,
  run: () => Promise<T>,
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    timer = setTimeout(() => provider.cancel(), graceMilliseconds);
  };
  if (signal.aborted) begin();
  signal.addEventListener("abort", begin, { once: true });
  try {
    return await run();
  } catch (error) {
    if (signal.aborted && isAssayError(error, "chain/cancelled-fault")) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", begin);
    provider.cancel();
    // Does not keep the process alive: an unanswered request would.
    if (signal.aborted) setTimeout(() => process.exit(), lingerMilliseconds).unref();
  }
}
