import { followNewHeads } from "../chain/newHeads.ts";
import type { DaemonSetup } from "./runDaemon.ts";
import type { Wakeup } from "./wakeup.ts";

/** Whatever sockets say, they begin no more rounds than one in this time, or in a poll's if that is shorter. */
const leastMilliseconds = 1000;

/** Wakes a loop when a ws(s) server tells of a new block. The round reads the chain over http(s) as always. */
export function listenForHeads(
  { chain, log, newHeads = [] }: Pick<DaemonSetup, "chain" | "log" | "newHeads">,
  wakeup: Wakeup,
): { close(): void } {
  const { provider, deployment } = chain;
  return followNewHeads({
    urls: newHeads,
    chainId: deployment.chainId,
    leastMilliseconds: Math.min(leastMilliseconds, provider.limits.pollMilliseconds),
    onHint: () => wakeup.hint(),
    onTrouble(host, why) {
      const message = "a socket for new blocks fails: they are found by polling alone";
      if (why === undefined) log.info({ host }, `over: ${message}`);
      else log.warn({ host, why }, message);
    },
  });
}
